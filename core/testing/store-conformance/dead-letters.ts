import { SerializationError } from '../../index.js';
import { expectFailure, expectSame, letter, letterIds, lettersOf, readIds, record, type StoreCase } from './case.js';

export const deadLetterCases: readonly StoreCase[] = [
  {
    name: 'F3 has no dead letters before the first, and none to take',
    run: async (open) => {
      const store = open();
      expectSame(await letterIds(store), [], 'letters');
      expectSame(await lettersOf(store).take('a'), false, 'taken');
    },
  },
  {
    name: 'F3 gives back every field of a dead letter as it was, whatever happens later to what was put or listed',
    run: async (open) => {
      const letters = lettersOf(open());
      const event = record('order.placed', {
        ...{ causationId: 'cause', metadata: { user: 'u1' }, node: 'n1', priority: 7, ttlMs: 5000, request: true },
        data: { lines: [{ sku: 'a', quantity: 2 }] },
      });
      const original = letter('a', { event });
      const asItWas = structuredClone(original);
      await letters.put(original, 10);
      (event.data as { lines: unknown[] }).lines.length = 0;
      const [first] = await letters.list();
      expectSame(first, asItWas, 'letter after a change to what was put');
      ((first?.event.data ?? {}) as { lines?: unknown }).lines = 'changed by a reader';
      (first?.handler.patterns as string[]).length = 0;
      expectSame(await letters.list(), [asItWas], 'letters after a change to what was listed');
    },
  },
  {
    name: 'F3 lists dead letters in order of id, in whatever order they come',
    run: async (open) => {
      const store = open();
      for (const id of ['b', 'd', 'a', 'e', 'c']) await lettersOf(store).put(letter(id), 10);
      expectSame(await letterIds(store), ['a', 'b', 'c', 'd', 'e'], 'letters');
    },
  },
  {
    name: 'F3 has a dead letter that is put again once, as it was last put',
    run: async (open) => {
      const store = open();
      for (const id of ['a', 'b', 'c']) await lettersOf(store).put(letter(id), 3);
      await lettersOf(store).put(letter('b', { attempts: 9 }), 3);
      const found = await lettersOf(store).list();
      expectSame(
        found.map(({ id, attempts }) => `${id} ${attempts}`),
        ['a 3', 'b 9', 'c 3'],
        'letters',
      );
    },
  },
  {
    name: 'F3 keeps the latest dead letters up to the limit of the last put, by id',
    run: async (open) => {
      const store = open();
      const letters = lettersOf(store);
      for (const id of ['a', 'b', 'c', 'd']) await letters.put(letter(id), 3);
      expectSame(await letterIds(store), ['b', 'c', 'd'], 'letters of a limit of 3');
      await letters.put(letter('a'), 3);
      expectSame(await letterIds(store), ['b', 'c', 'd'], 'letters after one older than all of them');
      await letters.put(letter('e'), Number.POSITIVE_INFINITY);
      expectSame(await letterIds(store), ['b', 'c', 'd', 'e'], 'letters without a limit');
      await letters.put(letter('f'), 2);
      expectSame(await letterIds(store), ['e', 'f'], 'letters of a limit that was lowered');
      await letters.put(letter('g'), 0);
      expectSame(await letterIds(store), [], 'letters where none are kept');
    },
  },
  {
    name: 'F3 keeps the latest of dead letters that are put at once',
    run: async (open) => {
      const store = open();
      const all = Array.from({ length: 60 }, (_, n) => `letter-${n + 100}`);
      await Promise.all(all.map((id) => lettersOf(store).put(letter(id), 25)));
      expectSame(await letterIds(store), all.slice(-25), 'letters');
    },
  },
  {
    name: 'F3 lets a dead letter be taken once, and leaves the others',
    run: async (open) => {
      const store = open();
      const letters = lettersOf(store);
      for (const id of ['a', 'b', 'c']) await letters.put(letter(id), 10);
      expectSame(
        await Promise.all([letters.take('b'), letters.take('b'), letters.take('d')]),
        [true, false, false],
        'b',
      );
      expectSame(await letterIds(store), ['a', 'c'], 'letters');
      expectSame(await letters.take('b'), false, 'b, taken later');
    },
  },
  {
    name: 'F3 has the same dead letters in all stores on one log, and lets one of them take each',
    needs: ['shared'],
    run: async (open) => {
      const stores = [open(), open(), open()] as const;
      await lettersOf(stores[0]).put(letter('b'), 10);
      await lettersOf(stores[1]).put(letter('a'), 10);
      expectSame(await letterIds(stores[2]), ['a', 'b'], 'letters');
      for (const id of ['a', 'b']) {
        const taken = await Promise.all(stores.map((store) => lettersOf(store).take(id)));
        expectSame(taken.filter((isTaken) => isTaken).length, 1, `stores that took ${id}`);
      }
      expectSame(await letterIds(stores[2]), [], 'letters left');
    },
  },
  {
    name: 'F3 has dead letters of its own for every log, and none of them in its log',
    run: async (open) => {
      const [one, other] = [open(), open('-other')];
      await lettersOf(one).put(letter('a'), 10);
      expectSame(await letterIds(other), [], 'letters of the other');
      expectSame(await readIds(one), [], 'log');
    },
  },
  {
    name: 'F3 T4 refuses a dead letter whose event cannot be stored, says why, and keeps the others',
    run: async (open) => {
      const store = open();
      const bad = letter('b', { event: record('bad', { data: { items: [{ price: 1 }, { price: () => 1 }] } }) });
      const puts = [letter('a'), bad, letter('c')].map((one) => lettersOf(store).put(one, 2));
      await Promise.allSettled(puts);
      const error = await expectFailure(async () => puts[1], 'SerializationError');
      if (!(error instanceof SerializationError)) throw new Error('a SerializationError of another package');
      expectSame([error.path, error.type], ['data.items[1].price', 'bad'], 'error');
      expectSame(await letterIds(store), ['a', 'c'], 'letters');
    },
  },
  {
    name: 'F3 commits the dead letters that are pending before it is closed, and keeps them',
    needs: ['persistent'],
    run: async (open) => {
      const store = open();
      const ids = Array.from({ length: 20 }, (_, n) => `letter-${n + 10}`);
      const puts = Promise.all(ids.map((id) => lettersOf(store).put(letter(id), 100)));
      await store.close();
      await puts;
      expectSame(await letterIds(open()), ids, 'letters of the next store');
    },
  },
  {
    name: 'F3 rejects what is asked of its dead letters once it is closed',
    run: async (open) => {
      const store = open();
      const letters = lettersOf(store);
      await letters.put(letter('a'), 10);
      await store.close();
      await expectFailure(() => letters.put(letter('b'), 10), 'StoreError');
      await expectFailure(() => letters.list(), 'StoreError');
      await expectFailure(() => letters.take('a'), 'StoreError');
    },
  },
];
