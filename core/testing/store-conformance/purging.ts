import type { EventRecord, EventStore, HistoryQuery } from '../../index.js';
import { expectFailure, expectSame, ids, readAll, readIds, record, records, type StoreCase } from './case.js';

/** Only stores that can purge are asked to. */
function purge(store: EventStore, query: HistoryQuery): Promise<number> {
  if (store.purge === undefined) throw new Error('a store of this log can purge and another cannot');
  return store.purge(query);
}

const log: readonly EventRecord[] = [
  record('user.created', { timestamp: 10, source: 'auth', correlationId: 'c1' }),
  record('order.placed', { timestamp: 20, source: 'shop', correlationId: 'c1' }),
  record('order.paid', { timestamp: 30, source: 'bank', correlationId: 'c1' }),
  record('user.renamed', { timestamp: 40, source: 'auth', correlationId: 'c2' }),
  record('order.placed', { timestamp: 50, source: 'shop', correlationId: 'c3' }),
  record('user.removed', { timestamp: 60, source: 'auth', correlationId: 'c2' }),
];

/** Each query, and the places in the log of what it removes. */
const queries: readonly (readonly [HistoryQuery, readonly number[]])[] = [
  [{}, [0, 1, 2, 3, 4, 5]],
  [{ pattern: 'user.*' }, [0, 3, 5]],
  [{ pattern: ['order.paid', 'user.removed'] }, [2, 5]],
  [{ pattern: 'nothing.like.it' }, []],
  [{ source: 'auth' }, [0, 3, 5]],
  [{ correlationId: 'c1' }, [0, 1, 2]],
  [{ since: 30, until: 50 }, [2, 3, 4]],
  [{ pattern: 'order.*', correlationId: 'c1', until: 20 }, [1]],
  [{ limit: 2 }, [0, 1]],
  [{ limit: 2, order: 'desc', pattern: 'user.*' }, [5, 3]],
  [{ limit: 0 }, []],
];

export const purgingCases: readonly StoreCase[] = [
  ...queries.map(
    ([query, places]): StoreCase => ({
      name: `S4 purges ${JSON.stringify(query)}, and leaves the others their offsets`,
      run: async (open) => {
        const store = open();
        await store.append(log.slice(0, 1));
        await store.append(log.slice(1));
        const before = await readAll(store);
        expectSame(await purge(store, query), places.length, 'removed');
        const left = before.filter((_, place) => !places.includes(place));
        expectSame(await readAll(store), left, 'log');
        expectSame(await readAll(store, { order: 'desc' }), left.toReversed(), 'log from the newest');
        if (query.limit === undefined) expectSame(await purge(store, query), 0, 'removed by the same again');
      },
    }),
  ),
  {
    name: 'S4 purges between two offsets, without the two, and reads on from one that is gone',
    run: async (open) => {
      const store = open();
      await store.append(log);
      const offsets = (await readAll(store)).map(({ offset }) => offset);
      const [after = 0, gone = 0, before = 0] = [offsets[1], offsets[3], offsets[4]];
      expectSame(await purge(store, { after, before }), 2, 'removed');
      expectSame(await readIds(store), ids([0, 1, 4, 5].flatMap((place) => log[place] ?? [])), 'log');
      expectSame(await readIds(store, { after: gone }), ids(log.slice(4)), 'log after an event that is gone');
      expectSame(await readIds(store, { before: gone }), ids(log.slice(0, 2)), 'log before an event that is gone');
    },
  },
  {
    name: 'S4 purges all of a log of many pages, and goes on with higher offsets',
    run: async (open) => {
      const store = open();
      let last = 0;
      for (const size of [1, 700, 3, 1200, 40]) last = (await store.append(records('a', size))).at(-1)?.offset ?? 0;
      const kept = record('kept');
      const [place] = await store.append([kept]);
      expectSame(await purge(store, { pattern: 'a' }), 1944, 'removed');
      expectSame(await readAll(store), [{ offset: place?.offset, record: kept }], 'log');
      expectSame(await purge(store, {}), 1, 'removed in the end');
      expectSame(await readIds(store), [], 'log in the end');
      const [next] = await store.append([record('next')]);
      if (!(next !== undefined && next.offset > last)) throw new Error(`offset ${next?.offset} follows ${last}`);
    },
  },
  {
    name: 'S4 purges what a reader has still to read, which goes on with the next',
    run: async (open) => {
      const store = open();
      for (let n = 0; n < 3; n++) await store.append([...records('a', 2), ...records('b', 1500)]);
      const reader = store.read({ pattern: 'a' })[Symbol.asyncIterator]();
      await reader.next();
      expectSame(await purge(store, { pattern: ['a', 'b'], limit: 3000, order: 'desc' }), 3000, 'removed');
      let seen = 1;
      for (let next = await reader.next(); next.done !== true; next = await reader.next()) seen++;
      // What was read ahead may still be seen.
      if (seen < 3 || seen > 6) throw new Error(`the reader saw ${seen} events`);
    },
  },
  {
    name: 'S6 is not told of what was purged as of what was lost',
    run: async (open) => {
      const store = open();
      if (store.cursors === undefined) return;
      await store.append(log);
      await store.cursors.claim('mailer', 0, false);
      await purge(store, { pattern: 'user.*' });
      expectSame((await store.cursors.get('mailer'))?.trimmed, 0, 'trimmed');
    },
  },
  {
    name: 'S4 refuses to purge by a query that makes no sense, or once it is closed',
    run: async (open) => {
      const store = open();
      await store.append(log);
      await expectFailure(() => purge(store, { limit: -1 }), 'InvalidOptionError');
      await expectFailure(() => purge(store, { pattern: 'user-*' }), 'InvalidPatternError');
      const stopped = AbortSignal.abort(new RangeError('stop'));
      await expectFailure(() => purge(store, { signal: stopped }), 'RangeError');
      expectSame((await readIds(store)).length, log.length, 'events in the log');
      await store.close();
      await expectFailure(() => purge(store, {}), 'StoreError');
    },
  },
];
