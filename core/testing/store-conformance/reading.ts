import type { EventStore } from '../../index.js';
import {
  expectFailure,
  expectRising,
  expectSame,
  ids,
  readAll,
  readIds,
  record,
  records,
  type StoreCase,
} from './case.js';

/** Appends of sizes that make small and large groups, several pages together. */
async function fill(store: EventStore): Promise<readonly string[]> {
  const written: string[] = [];
  for (const size of [1, 1, 700, 3, 60, 1200, 1, 40]) {
    const batch = records(`size.${size}`, size);
    await store.append(batch);
    written.push(...ids(batch));
  }
  return written;
}

async function take(count: number, store: EventStore, order: 'asc' | 'desc'): Promise<readonly string[]> {
  const taken: string[] = [];
  for await (const stored of store.read({ order })) {
    taken.push(stored.record.id);
    if (taken.length === count) break;
  }
  return taken;
}

export const readingCases: readonly StoreCase[] = [
  {
    name: 'S4 reads a log of many pages in either direction, in order of offset, nothing twice and nothing left out',
    run: async (open) => {
      const store = open();
      const written = await fill(store);
      const found = await readAll(store);
      expectRising(
        found.map((stored) => stored.offset),
        'offsets read',
      );
      expectSame(await readIds(store), written, 'log from the oldest');
      expectSame(await readIds(store, { order: 'desc' }), written.toReversed(), 'log from the newest');
    },
  },
  {
    name: 'S4 reads on from any offset in either direction',
    run: async (open) => {
      const store = open();
      const written = await fill(store);
      const offsets = (await readAll(store)).map((stored) => stored.offset);
      for (const at of [0, 1, 2, 500, 701, 702, 1000, 1990, written.length - 1]) {
        const offset = offsets[at] ?? Number.NaN;
        expectSame(await readIds(store, { after: offset }), written.slice(at + 1), `after number ${at}`);
        expectSame(await readIds(store, { before: offset }), written.slice(0, at), `before number ${at}`);
        const back = await readIds(store, { before: offset, order: 'desc', limit: 3 });
        expectSame(back, written.slice(0, at).toReversed().slice(0, 3), `three before number ${at}, newest first`);
      }
    },
  },
  {
    name: 'S4 reads lazily: a reader may stop wherever it likes, and the store goes on',
    run: async (open) => {
      const store = open();
      const written = await fill(store);
      expectSame(await take(3, store, 'asc'), written.slice(0, 3), 'the three oldest');
      expectSame(await take(3, store, 'desc'), written.slice(-3).toReversed(), 'the three newest');
      const later = record('later');
      await store.append([later]);
      expectSame(await readIds(store, { order: 'desc', limit: 1 }), [later.id], 'the newest');
    },
  },
  {
    name: 'S4 comes to an end for a reader that appends for each event it reads',
    run: async (open) => {
      const store = open();
      await store.append(records('a', 5));
      let read = 0;
      for await (const _ of store.read()) {
        await store.append([record('echo')]);
        if (++read > 100) throw new Error('the reader follows its own appends');
      }
      expectSame((await readIds(store)).length, 5 + read, 'events in the log');
    },
  },
  {
    name: 'S4 lets readers and writers work at once',
    run: async (open) => {
      const store = open();
      const first = records('first', 1500);
      await store.append(first);
      const reader = store.read()[Symbol.asyncIterator]();
      await reader.next();
      // A reader that holds on to a transaction while it waits would keep this from ever being stored.
      await store.append(records('second', 10));
      let seen = 1;
      while ((await reader.next()).done !== true) seen++;
      if (seen < first.length) throw new Error(`the reader saw ${seen} of ${first.length} events`);
    },
  },
  {
    name: 'S4 stops reading with the reason of a signal, before the first event or between two',
    run: async (open) => {
      const store = open();
      await store.append(records('a', 10));
      const reason = new RangeError('stop');
      await expectFailure(() => readAll(store, { signal: AbortSignal.abort(reason) }), 'RangeError');
      const stop = new AbortController();
      let seen = 0;
      await expectFailure(async () => {
        for await (const _ of store.read({ signal: stop.signal })) if (++seen === 4) stop.abort(reason);
      }, 'RangeError');
      expectSame(seen, 4, 'events seen before the abort');
    },
  },
];
