import { afterEach, describe, expect, it, vi } from 'vitest';
import { createEventBus } from '../index.js';
import { newName, newStore } from '../stores/indexeddb/database.test.kit.js';
import { createBatcher } from './batch.js';

interface AppEvents {
  'analytics.batch': { items: readonly number[] };
}

/** What is in the store, by an own connection: batches, in order. */
async function stored(name: string): Promise<readonly string[]> {
  const batches: string[] = [];
  for await (const { record } of newStore(name).read({ pattern: 'analytics.batch' })) {
    batches.push((record.data as { items: number[] }).items.join());
  }
  return batches;
}

const hide = (): void => {
  vi.spyOn(document, 'visibilityState', 'get').mockReturnValue('hidden');
  document.dispatchEvent(new Event('visibilitychange'));
};
const leave = (): void => void dispatchEvent(new Event('pagehide'));

describe('a page', () => {
  afterEach(() => {
    dispatchEvent(new Event('pageshow'));
  });

  it.each([
    ['hidden', hide],
    ['left', leave],
  ])('W3 that is %s has all that is pending emitted at once, behind what is under way', async (_, end) => {
    const name = newName();
    await using bus = createEventBus<AppEvents>({ store: newStore(name) });
    const emitted: string[] = [];
    bus.on('analytics.batch', (event) => void emitted.push(event.data.items.join()));
    const batcher = createBatcher(bus, { type: 'analytics.batch', size: 2, intervalMs: 600_000 });
    for (let item = 1; item <= 5; item++) batcher.add(item);
    expect(emitted).toEqual(['1,2']);
    end();
    expect(emitted).toEqual(['1,2', '3,4', '5']);
    await vi.waitFor(() => expect(batcher.pending).toBe(0));
    expect(await stored(name)).toEqual(['1,2', '3,4', '5']);
  });

  it('W3 that is only shown again has nothing emitted', async () => {
    await using bus = createEventBus<AppEvents>();
    const batcher = createBatcher(bus, { type: 'analytics.batch', size: 2, intervalMs: 600_000 });
    batcher.add(1);
    document.dispatchEvent(new Event('visibilitychange'));
    expect(batcher.pending).toBe(1);
  });

  it('W3 is listened to while there may be something pending, and no longer', async () => {
    const listen = vi.spyOn(document, 'addEventListener');
    await using bus = createEventBus<AppEvents>();
    const batcher = createBatcher(bus, { type: 'analytics.batch', size: 2, intervalMs: 600_000 });
    expect(listen).not.toHaveBeenCalled();
    batcher.add(1);
    const [, , options] = listen.mock.calls[0] ?? [];
    const { signal } = options as AddEventListenerOptions;
    expect(signal?.aborted).toBe(false);
    await batcher.close();
    expect(signal?.aborted).toBe(true);
  });

  it('W3 that is gone has left in IndexedDB what was pending when it went', async () => {
    const name = newName();
    const watcher = newStore(name);
    const [bus, store, batch] = ['../index.ts', '../stores/indexeddb.ts', './batch.ts'].map(
      (path) => new URL(path, import.meta.url).href,
    );
    const frame = document.createElement('iframe');
    frame.srcdoc = `<script type="module">
      import { createEventBus } from ${JSON.stringify(bus)};
      import { indexedDbStore } from ${JSON.stringify(store)};
      import { createBatcher } from ${JSON.stringify(batch)};
      const bus = createEventBus({ store: indexedDbStore({ name: ${JSON.stringify(name)} }) });
      await bus.emit('page.opened').persisted;
      const batcher = createBatcher(bus, { type: 'analytics.batch', size: 100, intervalMs: 600_000 });
      for (let item = 0; item < 250; item++) batcher.add(item);
      parent.postMessage(batcher.pending);
    </script>`;
    const ready = new Promise<MessageEvent>((resolve) => addEventListener('message', resolve, { once: true }));
    document.body.append(frame);
    expect((await ready).data).toBe(250);
    const gone = new Promise((resolve) => frame.addEventListener('load', resolve, { once: true }));
    frame.src = 'about:blank';
    frame.removeAttribute('srcdoc');
    await gone;
    frame.remove();
    const items: number[] = [];
    await vi.waitFor(async () => {
      items.length = 0;
      for await (const { record } of watcher.read({ pattern: 'analytics.batch' })) {
        items.push(...(record.data as { items: number[] }).items);
      }
      expect(items).toHaveLength(250);
    });
    expect(items).toEqual(Array.from({ length: 250 }, (_, item) => item));
  });
});
