import { describe, expect, it, vi } from 'vitest';
import { SerializationError } from '../../index.js';
import { record, records } from '../../testing/store-conformance/case.js';
import { newName, newStore, openRaw, rowSizes, settled, typesIn } from './database.test.kit.js';

/** Counts write transactions, and remembers how durable each was asked to be. */
function watchWrites(): readonly (string | undefined)[] {
  const writes: (string | undefined)[] = [];
  const original = IDBDatabase.prototype.transaction;
  vi.spyOn(IDBDatabase.prototype, 'transaction').mockImplementation(function (
    this: IDBDatabase,
    stores,
    mode,
    options,
  ) {
    if (mode === 'readwrite') writes.push(options?.durability);
    return original.call(this, stores, mode, options);
  });
  return writes;
}

/** Microtasks alone pass until so many transactions have begun, so that none of them can have ended. */
async function begun(writes: readonly unknown[], count: number): Promise<void> {
  for (let turn = 0; writes.length < count && turn < 100; turn++) await Promise.resolve();
  expect(writes).toHaveLength(count);
}

describe('group commit', () => {
  it('S2 stores what is appended in one turn in one row', async () => {
    const name = newName();
    const store = newStore(name);
    await Promise.all(records('a', 100).map((one) => store.append([one])));
    expect(await rowSizes(name)).toEqual([100]);
  });

  it('S2 gathers what is appended during a transaction for the next', async () => {
    const name = newName();
    const store = newStore(name);
    await store.append([record('warm.up')]);
    const writes = watchWrites();
    const appends = [store.append([record('first')])];
    await begun(writes, 1);
    for (const one of records('other', 50)) appends.push(store.append([one]));
    await Promise.resolve();
    appends.push(store.append([record('last')]));
    await Promise.all(appends);
    expect(await rowSizes(name)).toEqual([1, 1, 51]);
  });

  it('S2 packs at most 500 events, or 256 KB, into a row, and cuts a large append into rows of one transaction', async () => {
    const name = newName();
    const store = newStore(name);
    const writes = watchWrites();
    await Promise.all(records('small', 1100).map((one) => store.append([one])));
    expect(writes).toHaveLength(3);
    await Promise.all(Array.from({ length: 5 }, () => store.append([record('large', { data: 'x'.repeat(100_000) })])));
    expect(writes).toHaveLength(6);
    await store.append(records('whole', 1100));
    await store.append(Array.from({ length: 3 }, () => record('large', { data: new Uint8Array(100_000) })));
    expect(writes).toHaveLength(8);
    expect(await rowSizes(name)).toEqual([500, 500, 100, 2, 2, 1, 500, 500, 100, 2, 1]);
  });

  it('S1 says where an event is by the number of its row', async () => {
    const store = newStore();
    await store.append(records('a', 2));
    const refs = await store.append(records('b', 3));
    expect(refs.map(({ offset }) => offset)).toEqual([2000, 2001, 2002]);
  });

  it('S2 asks the platform to flush for a strict append alone', async () => {
    const store = newStore();
    const writes = watchWrites();
    await store.append([record('a')]);
    await store.append([record('b')], { durability: 'strict' });
    await store.append([record('c')], { durability: 'relaxed' });
    await Promise.all([store.append([record('d')]), store.append([record('e')], { durability: 'strict' })]);
    expect(writes).toEqual(['relaxed', 'strict', 'relaxed', 'strict']);
  });

  it('S1 keeps for every row what lookups go by', async () => {
    const name = newName();
    const store = newStore(name);
    const fields = (timestamp: number, correlationId: string) => ({ timestamp, correlationId, data: 'x'.repeat(1000) });
    await store.append([record('a', fields(30, 'c1')), record('b', fields(10, 'c2')), record('a', fields(20, 'c1'))]);
    const db = await openRaw(name);
    const rows = db.transaction('rows').objectStore('rows');
    const [row]: unknown[] = await settled(rows.getAll());
    expect(row).toMatchObject({ k: 1, n: 3, from: 10, to: 30, corr: ['c1', 'c2'], types: ['a', 'b'] });
    expect((row as { bytes: number }).bytes).toBeGreaterThan(3000);
    expect(await settled(rows.index('corr').getAllKeys('c2'))).toEqual([1]);
    expect(await settled(rows.index('types').getAllKeys('a'))).toEqual([1]);
  });
});

describe('a record that cannot be stored', () => {
  it('S2 fails its append alone in a group of many, and leaves the order of the others', async () => {
    const store = newStore();
    const outcomes = Array.from({ length: 40 }, (_, n) => {
      const bad = n === 11 || n === 30;
      return store.append([record(`n.${n}`, bad ? { data: { n, run: () => n } } : {})]);
    });
    const failed = (await Promise.allSettled(outcomes)).flatMap((one, n) => (one.status === 'rejected' ? [n] : []));
    expect(failed).toEqual([11, 30]);
    const left = Array.from({ length: 40 }, (_, n) => n).filter((n) => !failed.includes(n));
    expect(await typesIn(store)).toEqual(left.map((n) => `n.${n}`));
  });

  it('T4 is named when only IndexedDB refuses it, not structured clone', async () => {
    const store = newStore();
    const module = new WebAssembly.Module(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]));
    const append = store.append([record('good'), record('code.loaded', { data: { module } })]);
    const error: unknown = await append.catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(SerializationError);
    expect(error).toMatchObject({ type: 'code.loaded', index: 1, cause: { name: 'DataCloneError' } });
    await store.append([record('next')]);
    expect(await typesIn(store)).toEqual(['next']);
  });

  it('T4 is named when one of its getters throws', async () => {
    const store = newStore();
    const data = {
      get total(): number {
        throw new RangeError('not yet');
      },
    };
    await expect(store.append([record('bad', { data })])).rejects.toMatchObject({ path: 'data.total' });
  });
});

describe('a page that may end', () => {
  it.each([
    ['is left', () => dispatchEvent(new Event('pagehide'))],
    ['is frozen', () => document.dispatchEvent(new Event('freeze'))],
    [
      'is hidden',
      () => {
        vi.spyOn(document, 'visibilityState', 'get').mockReturnValue('hidden');
        document.dispatchEvent(new Event('visibilitychange'));
      },
    ],
  ])('S3 starts the transaction for all that is pending before the event that it %s is over', async (_, end) => {
    const store = newStore();
    await store.append([record('warm.up')]);
    const writes = watchWrites();
    const underWay = store.append([record('under.way')]);
    await begun(writes, 1);
    const pending = records('pending', 600).map((one) => store.append([one]));
    end();
    expect(writes).toHaveLength(2);
    dispatchEvent(new Event('pageshow'));
    await Promise.all([underWay, ...pending]);
  });

  it('S3 waits for nothing once the page is left, and gathers again when it is back', async () => {
    const store = newStore();
    await store.append([record('warm.up')]);
    const writes = watchWrites();
    dispatchEvent(new Event('pagehide'));
    const late = [store.append([record('late.1')]), store.append([record('late.2')])];
    expect(writes).toHaveLength(2);
    dispatchEvent(new Event('pageshow'));
    const back = [store.append([record('back.1')]), store.append([record('back.2')])];
    await Promise.all([...late, ...back]);
    expect(writes).toHaveLength(3);
    expect(await typesIn(store)).toEqual(['warm.up', 'late.1', 'late.2', 'back.1', 'back.2']);
  });

  it('S3 watches the page no more once it is closed', async () => {
    const store = newStore();
    await store.append([record('a')]);
    await store.close();
    const writes = watchWrites();
    dispatchEvent(new Event('pagehide'));
    expect(writes).toHaveLength(0);
  });

  it('S3 keeps what is emitted while a page is left', async () => {
    const name = newName();
    const watcher = newStore(name);
    const [bus, store] = ['../../index.ts', '../indexeddb.ts'].map((path) => new URL(path, import.meta.url).href);
    const frame = document.createElement('iframe');
    frame.srcdoc = `<script type="module">
      import { createEventBus } from ${JSON.stringify(bus)};
      import { indexedDbStore } from ${JSON.stringify(store)};
      const bus = createEventBus({ store: indexedDbStore({ name: ${JSON.stringify(name)} }) });
      await bus.emit('page.opened').persisted;
      addEventListener('pagehide', () => {
        for (let i = 0; i < 700; i++) bus.emit('page.left');
      });
      parent.postMessage('ready');
    </script>`;
    const ready = new Promise((resolve) => addEventListener('message', resolve, { once: true }));
    document.body.append(frame);
    await ready;
    const gone = new Promise((resolve) => frame.addEventListener('load', resolve, { once: true }));
    frame.src = 'about:blank';
    frame.removeAttribute('srcdoc');
    await gone;
    frame.remove();
    const left = (): Promise<readonly string[]> => typesIn(watcher, { pattern: 'page.left' });
    await expect.poll(left, { timeout: 5000 }).toHaveLength(700);
  });
});

it('S1 lets a page and a worker write at once, each event in its place', async () => {
  const name = newName();
  const store = newStore(name);
  const worker = new Worker(new URL('./appender.test.worker.ts', import.meta.url), { type: 'module', name });
  let theirs: readonly number[] | undefined;
  let failure: string | undefined;
  worker.onmessage = ({ data }) => {
    theirs = data;
  };
  worker.onerror = ({ message }) => {
    failure = message;
  };
  const own: number[] = [];
  // The page writes from before the worker begins until after it has ended.
  while (theirs === undefined && failure === undefined) {
    for (const { offset } of await store.append([record('page', { data: own.length })])) own.push(offset);
  }
  worker.terminate();
  expect(failure).toBeUndefined();
  expect(theirs).toHaveLength(300);
  expect(new Set([...own, ...(theirs ?? [])]).size).toBe(own.length + 300);
  expect(own.some((offset) => offset > (theirs?.[0] ?? Number.NaN))).toBe(true);
  for (const [type, count] of [
    ['page', own.length],
    ['worker', 300],
  ] as const) {
    const found: unknown[] = [];
    for await (const stored of store.read({ pattern: type })) found.push(stored.record.data);
    expect(found).toEqual(Array.from({ length: count }, (_, n) => n));
  }
});
