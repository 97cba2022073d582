import { expectFailure, expectSame, ids, readAll, readIds, record, records, type StoreCase } from './case.js';

export const closingCases: readonly StoreCase[] = [
  {
    name: 'S3 commits what is pending before it is closed',
    run: async (open) => {
      const store = open();
      const pending = Promise.all(records('a', 20).map((one) => store.append([one])));
      await store.close();
      expectSame((await pending).length, 20, 'appends that were committed');
    },
  },
  {
    name: 'S3 rejects what is asked of it once it is closed, which may be said twice',
    run: async (open) => {
      const store = open();
      await store.append(records('a', 2));
      const reader = store.read()[Symbol.asyncIterator]();
      await Promise.all([store.close(), store.close()]);
      await expectFailure(() => store.append([record('late')]), 'StoreError');
      await expectFailure(() => readAll(store), 'StoreError');
      await expectFailure(() => reader.next(), 'StoreError');
    },
  },
  {
    name: 'S3 may be closed before it was ever used',
    run: async (open) => {
      await open().close();
    },
  },
  {
    name: 'S3 keeps its log for the next store on it',
    needs: ['persistent'],
    run: async (open) => {
      const store = open();
      const kept = records('a', 30);
      const refs = await store.append(kept);
      await store.close();
      const next = open();
      expectSame(await readIds(next), ids(kept), 'log');
      const [ref] = await next.append([record('b')]);
      const last = refs.at(-1)?.offset ?? Number.NaN;
      if (!(ref !== undefined && ref.offset > last)) throw new Error(`offset ${ref?.offset} follows ${last}`);
    },
  },
  {
    name: 'S3 leaves other stores on its log open',
    needs: ['shared'],
    run: async (open) => {
      const [one, other] = [open(), open()];
      await Promise.all([one.append([record('a')]), other.append([record('b')])]);
      await one.close();
      await other.append([record('c')]);
      expectSame((await readIds(other)).length, 3, 'events in the log');
    },
  },
];
