import { describe, expect, it, vi } from 'vitest';
import { createEventBus, type DeadLetterStore, SerializationError } from '../../index.js';
import { letter, letterIds, lettersOf, record } from '../../testing/store-conformance/case.js';
import { abortCommits, newName, newStore, watchConnections } from './database.test.kit.js';

/** Runs a module in a page of its own, with a bus on the database of that name; resolves when it has said so. */
async function openPage(name: string, script: string): Promise<{ leave(): Promise<void> }> {
  const [bus, store] = ['../../index.ts', '../indexeddb.ts'].map((path) => new URL(path, import.meta.url).href);
  const frame = document.createElement('iframe');
  frame.srcdoc = `<script type="module">
    import { createEventBus } from ${JSON.stringify(bus)};
    import { indexedDbStore } from ${JSON.stringify(store)};
    const bus = createEventBus({ store: indexedDbStore({ name: ${JSON.stringify(name)} }), onError: () => {} });
    bus.on('order.*', ({ data }) => { throw new RangeError('cannot ' + data); }, { name: 'orders' });
    ${script}
    parent.postMessage('ready');
  </script>`;
  const ready = new Promise((resolve) => addEventListener('message', resolve, { once: true }));
  document.body.append(frame);
  await ready;
  return {
    leave: async () => {
      const gone = new Promise((resolve) => frame.addEventListener('load', resolve, { once: true }));
      frame.src = 'about:blank';
      frame.removeAttribute('srcdoc');
      await gone;
      frame.remove();
    },
  };
}

describe('dead letters in IndexedDB', () => {
  it('F3 are retried by the next page', async () => {
    const name = newName();
    const page = await openPage(
      name,
      `bus.emit('order.placed', 1, { metadata: { tenant: 'x' } });
       bus.emit('order.paid', 2);
       await bus.idle();`,
    );
    await page.leave();
    await using next = createEventBus({ store: newStore(name) });
    const [first, second, ...others] = await next.deadLetters.list();
    expect([first, second, others]).toMatchObject([
      { event: { type: 'order.placed', data: 1 }, error: { name: 'RangeError', message: 'cannot 1' }, attempts: 1 },
      { event: { type: 'order.paid' }, handler: { name: 'orders', patterns: ['order.*'] } },
      [],
    ]);
    const handled: unknown[] = [];
    next.on('order.*', ({ data, metadata }) => handled.push([data, metadata]), { name: 'orders' });
    await next.deadLetters.retry(`${first?.id}`);
    expect([handled, await next.deadLetters.discard(`${second?.id}`)]).toEqual([[[1, { tenant: 'x' }]], true]);
    expect(await next.deadLetters.list()).toEqual([]);
  });

  it('S3 F3 keep what fails while a page is left, however many there are', { timeout: 30_000 }, async () => {
    // The platform may be faster than any transaction of a page that goes: then none is kept, and the next page tries.
    const kept: number[] = [];
    while (!kept.includes(50) && kept.length < 5) {
      const name = newName();
      const store = newStore(name);
      const page = await openPage(
        name,
        `await bus.emit('page.opened').persisted;
         addEventListener('pagehide', () => { for (let n = 0; n < 50; n++) bus.emit('order.placed', n); });`,
      );
      await page.leave();
      await expect
        .poll(() => letterIds(store), { timeout: 2000 })
        .toHaveLength(50)
        .catch(() => {});
      kept.push((await letterIds(store)).length);
    }
    expect(kept.at(-1)).toBe(50);
    expect(kept.slice(0, -1).every((count) => count === 0)).toBe(true);
  });

  it('F3 are taken by one page each, while another takes them, too', async () => {
    const name = newName();
    const { deadLetters } = createEventBus({ store: newStore(name) });
    const page = await openPage(
      name,
      `for (let n = 0; n < 20; n++) bus.emit('order.placed', n);
       await bus.idle();
       bus.off();
       const handled = [];
       bus.on('order.*', ({ data }) => handled.push(data), { name: 'orders' });
       const retryAll = async () => {
         for (const { id } of await bus.deadLetters.list()) await bus.deadLetters.retry(id).catch(() => {});
         parent.postMessage(handled);
       };
       addEventListener('message', retryAll);`,
    );
    const theirs = new Promise<readonly unknown[]>((resolve) =>
      addEventListener('message', ({ data }) => resolve(data), { once: true }),
    );
    window.frames[window.frames.length - 1]?.postMessage('retry');
    const mine = (await Promise.all((await deadLetters.list()).map(({ id }) => deadLetters.discard(id)))).filter(
      (is) => is,
    );
    expect((await theirs).length + mine.length).toBe(20);
    expect(await deadLetters.list()).toEqual([]);
    await page.leave();
  });

  it('F3 cost two transactions for all that come in one turn', async () => {
    const letters = lettersOf(newStore());
    await letters.put(letter('a'), 3);
    const begun = vi.spyOn(IDBDatabase.prototype, 'transaction');
    await Promise.all(['b', 'c', 'd', 'e', 'f'].map((id) => letters.put(letter(id), 3)));
    expect(begun).toHaveBeenCalledTimes(2);
    expect((await letters.list()).map(({ id }) => id)).toEqual(['d', 'e', 'f']);
  });

  it('F3 T4 refuse what IndexedDB alone refuses', async () => {
    const letters = lettersOf(newStore());
    const module = new WebAssembly.Module(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]));
    const refused = letters.put(letter('a', { event: record('code.loaded', { data: { module } }) }), 10);
    const error: unknown = await refused.catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(SerializationError);
    expect(error).toMatchObject({ type: 'code.loaded', cause: { name: 'DataCloneError' } });
    expect(await letters.list()).toEqual([]);
  });

  it('F3 are put once when the connection is lost, and not when that of the next attempt is', async () => {
    const connections = watchConnections();
    const store = newStore();
    await store.append([record('a')]);
    abortCommits(1, undefined, 'letters');
    await lettersOf(store).put(letter('a'), 10);
    expect([connections.length, await letterIds(store)]).toEqual([2, ['a']]);
    abortCommits(2, undefined, 'letters');
    const failed = lettersOf(store).put(letter('b'), 10);
    await expect(failed).rejects.toMatchObject({ code: 'STORE_FAILED', operation: 'put' });
    expect(await letterIds(store)).toEqual(['a']);
  });

  it('F3 reject what the quota has no room for, with what to do', async () => {
    const letters = lettersOf(newStore());
    await letters.put(letter('a'), 10);
    abortCommits(1, 'QuotaExceededError', 'letters');
    await expect(letters.put(letter('b'), 10)).rejects.toMatchObject({
      message: expect.stringContaining('space'),
      cause: { name: 'QuotaExceededError' },
    });
  });

  it('F3 are kept though the oldest cannot be let go of, which the next does', async () => {
    const store = newStore();
    const letters = lettersOf(store);
    for (const id of ['a', 'b']) await letters.put(letter(id), 2);
    const fault = vi.spyOn(IDBObjectStore.prototype, 'count').mockImplementation(() => {
      throw new RangeError('no');
    });
    await letters.put(letter('c'), 2);
    fault.mockRestore();
    expect(await letterIds(store)).toEqual(['a', 'b', 'c']);
    await letters.put(letter('d'), 2);
    expect(await letterIds(store)).toEqual(['c', 'd']);
  });

  it.each([
    ['list', (letters: DeadLetterStore) => letters.list(), []],
    ['take', (letters: DeadLetterStore) => letters.take('a'), false],
  ] as const)('F3 can be asked for a %s again when the connection is lost', async (_, ask, answer) => {
    const connections = watchConnections();
    const letters = lettersOf(newStore());
    await letters.list();
    connections[0]?.close();
    expect([await ask(letters), connections.length]).toEqual([answer, 2]);
  });
});
