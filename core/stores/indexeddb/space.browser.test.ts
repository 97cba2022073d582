import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createEventBus, type EventStore } from '../../index.js';
import { record } from '../../testing/store-conformance/case.js';
import type { StoreNotice } from '../indexeddb.js';
import { abortCommits, newName, newStore, typesIn } from './database.test.kit.js';

const outOfSpace = { code: 'STORE_FAILED', operation: 'append', message: expect.stringContaining('space') };

/** A store that is told that the space is used up, and what it says of that. */
async function fullStore(failures: number): Promise<{ store: EventStore; notices: StoreNotice[] }> {
  const notices: StoreNotice[] = [];
  const store = newStore(newName(), { onNotice: (notice) => notices.push(notice) });
  for (let n = 0; n < 8; n++) await store.append([record(`n.${n}`)]);
  abortCommits(failures, 'QuotaExceededError');
  await expect(store.append([record('lost')])).rejects.toMatchObject(outOfSpace);
  return { store, notices };
}

/** For machines with much else to do. */
const patiently = { timeout: 10_000 };

describe('a store without space', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['Date'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('S5 says so once, and lets go of its oldest quarter at once', async () => {
    const { store, notices } = await fullStore(1);
    expect(notices[0]).toMatchObject({ kind: 'full', error: outOfSpace });
    await expect.poll(() => notices, patiently).toHaveLength(2);
    expect(notices[1]).toMatchObject({ kind: 'trimmed', events: 2 });
    expect(await typesIn(store)).toEqual(['n.2', 'n.3', 'n.4', 'n.5', 'n.6', 'n.7']);
  });

  it('S5 tries the next at once, as it may be smaller, and says when it is written', async () => {
    const { store, notices } = await fullStore(1);
    await store.append([record('next')]);
    await store.append([record('after.that')]);
    expect(notices.filter(({ kind }) => kind !== 'trimmed').map(({ kind }) => kind)).toEqual(['full', 'writable']);
    expect((await typesIn(store)).slice(-2)).toEqual(['next', 'after.that']);
  });

  it('S5 rejects the others without a try until it is time again, then tries one, each time after twice as long', async () => {
    const { store, notices } = await fullStore(5);
    const tries = vi.mocked(IDBTransaction.prototype.commit);
    const triesOf = async (count: number): Promise<number> => {
      tries.mockClear();
      for (let n = 0; n < count; n++) await expect(store.append([record('lost')])).rejects.toMatchObject(outOfSpace);
      return tries.mock.calls.length;
    };
    await expect.poll(() => notices, patiently).toHaveLength(2);
    expect(await triesOf(3)).toBe(1);
    for (const waitMs of [1000, 2000, 4000]) {
      vi.setSystemTime(Date.now() + waitMs - 1);
      expect(await triesOf(3)).toBe(0);
      vi.setSystemTime(Date.now() + 1);
      expect(await triesOf(3)).toBe(1);
    }
    await expect(store.append([record('lost')])).rejects.toThrow(/tried again in 8 s/);
    vi.setSystemTime(Date.now() + 8000);
    await store.append([record('kept')]);
    await store.append([record('kept')]);
    expect(await typesIn(store, { pattern: ['lost', 'kept'] })).toEqual(['kept', 'kept']);
    expect(notices.map(({ kind }) => kind)).toEqual(['full', 'trimmed', 'writable']);
  });

  it('S5 handles its events all the same, and loses none of them silently', async () => {
    const { store } = await fullStore(100);
    const failures: unknown[] = [];
    await using bus = createEventBus({ store, onError: ({ error }) => failures.push(error) });
    const handled: string[] = [];
    bus.on('**', (event) => void handled.push(event.type));
    const emissions = ['a', 'b', 'c'].map((type) => bus.emit(type));
    for (const { persisted } of emissions) await expect(persisted).rejects.toMatchObject(outOfSpace);
    await expect(bus.emit('d').persisted).rejects.toMatchObject(outOfSpace);
    expect(handled).toEqual(['a', 'b', 'c', 'd']);
    expect(failures).toContainEqual(expect.objectContaining(outOfSpace));
  });

  it('S5 S6 waits for its cursors as far as it can', async () => {
    const notices: StoreNotice[] = [];
    const store = newStore(newName(), { onNotice: (notice) => notices.push(notice) });
    const offsets: number[] = [];
    for (let n = 0; n < 8; n++) offsets.push((await store.append([record(`n.${n}`)]))[0]?.offset ?? 0);
    await store.cursors?.claim('mailer', offsets[1] ?? 0, false);
    abortCommits(1, 'QuotaExceededError');
    await expect(store.append([record('lost')])).rejects.toMatchObject(outOfSpace);
    await expect.poll(() => notices, patiently).toHaveLength(2);
    expect(notices[1]).toMatchObject({ kind: 'trimmed', floor: offsets[0], events: 1 });
    expect((await store.cursors?.get('mailer'))?.trimmed).toBe(0);
  });
});

/** What some browsers have, and no library of TypeScript yet: a part of an origin's storage with a quota of its own. */
interface StorageBuckets {
  open(name: string, options: { quota: number }): Promise<{ readonly indexedDB: IDBFactory }>;
  delete(name: string): Promise<void>;
}

describe('a quota that is used up', () => {
  const { storageBuckets } = navigator as unknown as { readonly storageBuckets: StorageBuckets };
  const bucket = `test-${Date.now()}`;
  beforeEach(async () => {
    const { indexedDB } = await storageBuckets.open(bucket, { quota: 4_000_000 });
    vi.stubGlobal('indexedDB', indexedDB);
  });
  afterEach(() => storageBuckets.delete(bucket));

  it('S5 rejects what there is no room for, makes room, and writes again by itself', async () => {
    const notices: StoreNotice[] = [];
    const store = newStore('full', { onNotice: (notice) => notices.push(notice) });
    // Random, as the database compresses.
    const large = (): Uint8Array => crypto.getRandomValues(new Uint8Array(60_000));
    let written = 0;
    let failure: unknown;
    while (failure === undefined && written < 200) {
      await store.append([record('large', { data: large() })]).then(
        () => written++,
        (error: unknown) => {
          failure = error;
        },
      );
    }
    expect(failure).toMatchObject({ ...outOfSpace, cause: { name: 'QuotaExceededError' } });
    await expect.poll(() => notices.map(({ kind }) => kind), patiently).toEqual(['full', 'trimmed']);
    const left = (await typesIn(store)).length;
    expect([left < written, left > written / 2]).toEqual([true, true]);
    const isWritten = (): Promise<boolean> =>
      store.append([record('small')]).then(
        () => true,
        () => false,
      );
    await expect.poll(isWritten, { timeout: 20_000 }).toBe(true);
    expect(notices.at(-1)).toEqual({ kind: 'writable' });
    expect(await typesIn(store, { pattern: 'small' })).toEqual(['small']);
    await store.close();
  }, 30_000);
});
