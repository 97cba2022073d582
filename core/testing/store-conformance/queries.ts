import type { EventRecord, HistoryQuery } from '../../index.js';
import { expectFailure, expectSame, ids, readAll, readIds, record, type StoreCase } from './case.js';

const log: readonly EventRecord[] = [
  record('order.placed', { timestamp: 10, source: 'shop', correlationId: 'c1' }),
  record('order.paid', { timestamp: 20, source: 'bank', correlationId: 'c1' }),
  record('order', { timestamp: 30, source: 'shop', correlationId: 'c2' }),
  record('order.line.added', { timestamp: 25, source: 'shop', correlationId: 'c1' }),
  record('orders.closed', { timestamp: 40, source: 'shop', correlationId: 'c3' }),
  record('user.created', { timestamp: 50, source: 'auth', correlationId: 'c2' }),
  record('user.line.added', { timestamp: 60, source: 'auth', correlationId: 'c1' }),
  record('__proto__', { timestamp: 70, source: 'auth', correlationId: 'constructor' }),
  record('order.paid', { timestamp: 80, source: 'bank', correlationId: 'c4' }),
];

/** Each query, and the places in the log of what it finds. */
const queries: readonly (readonly [HistoryQuery, readonly number[]])[] = [
  [{}, [0, 1, 2, 3, 4, 5, 6, 7, 8]],
  [{ pattern: 'order.paid' }, [1, 8]],
  [{ pattern: 'nothing.like.it' }, []],
  [{ pattern: '__proto__' }, [7]],
  [{ pattern: '*' }, [0, 1, 2, 3, 4, 5, 6, 7, 8]],
  [{ pattern: '**' }, [0, 1, 2, 3, 4, 5, 6, 7, 8]],
  [{ pattern: 'order.*' }, [0, 1, 8]],
  [{ pattern: 'order.**' }, [0, 1, 2, 3, 8]],
  [{ pattern: '*.line.*' }, [3, 6]],
  [{ pattern: '**.added' }, [3, 6]],
  [{ pattern: 'order.*.added' }, [3]],
  [{ pattern: ['user.*', 'order.paid', 'order.*'] }, [0, 1, 5, 8]],
  [{ pattern: [] }, []],
  [{ source: 'bank' }, [1, 8]],
  [{ source: 'none' }, []],
  [{ correlationId: 'c1' }, [0, 1, 3, 6]],
  [{ correlationId: 'constructor' }, [7]],
  [{ correlationId: '' }, []],
  [{ since: 25 }, [2, 3, 4, 5, 6, 7, 8]],
  [{ until: 25 }, [0, 1, 3]],
  [{ since: 25, until: 40 }, [2, 3, 4]],
  [{ since: 41, until: 40 }, []],
  [{ limit: 0 }, []],
  [{ limit: 2 }, [0, 1]],
  [{ limit: 2, order: 'desc' }, [8, 7]],
  [{ order: 'desc', pattern: 'order.**' }, [8, 3, 2, 1, 0]],
  [{ limit: Number.POSITIVE_INFINITY, correlationId: 'c2', order: 'desc' }, [5, 2]],
  [{ pattern: 'order.**', source: 'shop', correlationId: 'c1', since: 20, until: 25 }, [3]],
  [{ pattern: 'order.paid', correlationId: 'c1', limit: 5 }, [1]],
  [{ pattern: 'order.*', correlationId: 'c2' }, []],
];

export const queryCases: readonly StoreCase[] = [
  ...queries.map(
    ([query, places]): StoreCase => ({
      name: `S4 finds by ${JSON.stringify(query)}`,
      run: async (open) => {
        const store = open();
        // Some alone and some together, for stores that keep together what comes together.
        for (const one of log.slice(0, 5)) await store.append([one]);
        await store.append(log.slice(5));
        expectSame(await readIds(store, query), ids(places.flatMap((place) => log[place] ?? [])), 'found');
      },
    }),
  ),
  {
    name: 'S4 finds between two offsets, without the two',
    run: async (open) => {
      const store = open();
      await store.append(log);
      const offsets = (await readAll(store)).map((stored) => stored.offset);
      const [after = 0, before = 0] = [offsets[1], offsets[6]];
      const between = await readIds(store, { after, before, pattern: ['order.**', 'user.**'] });
      expectSame(between, ids(log.slice(2, 6).filter(({ type }) => !type.startsWith('orders'))), 'found');
      expectSame(await readIds(store, { after: before, before: after }), [], 'between the wrong way round');
      expectSame(await readIds(store, { after: Number.NEGATIVE_INFINITY }), ids(log), 'after everything before');
      expectSame(await readIds(store, { after: Number.POSITIVE_INFINITY }), [], 'after everything');
    },
  },
  {
    name: 'S4 refuses a query that makes no sense',
    run: async (open) => {
      const store = open();
      const ask = (query: unknown) => async (): Promise<unknown> => readAll(store, query as HistoryQuery);
      await expectFailure(ask({ pattern: 'user-*' }), 'InvalidPatternError');
      await expectFailure(ask({ pattern: ['user.*', ''] }), 'InvalidPatternError');
      const nonsense = [
        { limit: -1 },
        { limit: 1.5 },
        { order: 'up' },
        { since: Number.NaN },
        { after: '7' },
        { source: 1 },
      ];
      for (const query of nonsense) await expectFailure(ask(query), 'InvalidOptionError');
    },
  },
];
