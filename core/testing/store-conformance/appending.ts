import { type EventStore, SerializationError } from '../../index.js';
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

export const appendingCases: readonly StoreCase[] = [
  {
    name: 'S1 gives each record of an append an offset, rising in the order of the records and from append to append',
    run: async (open) => {
      const store = open();
      const refs = [...(await store.append(records('a', 3))), ...(await store.append(records('b', 2)))];
      expectSame(refs.length, 5, 'references');
      expectRising(
        refs.map((ref) => ref.offset),
        'offsets',
      );
      expectSame([...new Set(refs.map((ref) => ref.store))], [store.id], 'store named by the references');
    },
  },
  {
    name: 'S1 gives rising offsets to appends that are under way at once',
    run: async (open) => {
      const store = open();
      const appended = records('a', 300);
      const refs = await Promise.all(appended.map((one) => store.append([one])));
      const offsets = refs.flatMap(([ref]) => ref?.offset ?? Number.NaN);
      expectRising(offsets, 'offsets in order of the calls');
      const found = await readAll(store);
      const pairs = appended.map(({ id }, index) => [offsets[index], id]);
      expectSame(
        found.map((stored) => [stored.offset, stored.record.id]),
        pairs,
        'log',
      );
    },
  },
  {
    name: 'S1 gives every record of two stores on one log an offset of its own, and both read the same log',
    needs: ['shared'],
    run: async (open) => {
      const [one, other] = [open(), open()];
      expectSame(one.id, other.id, 'ids of the stores');
      const refs = await Promise.all(
        Array.from({ length: 200 }, (_, i) =>
          (i % 2 === 0 ? one : other).append([record(i % 2 === 0 ? 'one' : 'other')]),
        ),
      );
      const offsets = refs.flatMap(([ref]) => ref?.offset ?? Number.NaN);
      expectSame(new Set(offsets).size, 200, 'different offsets');
      for (const parity of [0, 1]) {
        expectRising(
          offsets.filter((_, i) => i % 2 === parity),
          'offsets of one writer',
        );
      }
      const found = await readAll(one);
      expectSame(found, await readAll(other), 'log as the other sees it');
      expectSame(
        found.map((stored) => stored.offset),
        offsets.sort((a, b) => a - b),
        'offsets read',
      );
    },
  },
  {
    name: 'S1 shows no event to who reads on from where it stands that belongs further back, though two write at once',
    needs: ['shared'],
    run: async (open) => {
      const writers = [open(), open()];
      const store = open();
      const written: number[] = [];
      const write = async (writer: EventStore): Promise<void> => {
        for (let n = 0; n < 60; n++) {
          const refs = await writer.append(records('a', 1 + (n % 3)));
          written.push(...refs.map(({ offset }) => offset));
        }
      };
      let isOver = false;
      const writing = Promise.all(writers.map(write)).finally(() => {
        isOver = true;
      });
      const seen: number[] = [];
      // Once more when all is written: what is missing then was passed by.
      for (let isLast = false; !isLast; ) {
        isLast = isOver;
        for await (const { offset } of store.read({ after: seen.at(-1) ?? 0 })) seen.push(offset);
        // A store in memory would leave the writers no turn.
        await new Promise((resolve) => setTimeout(resolve));
      }
      await writing;
      expectSame(
        seen,
        written.sort((a, b) => a - b),
        'offsets as the reader met them',
      );
    },
  },
  {
    name: 'S1 has an id of its own for every log',
    run: async (open) => {
      if (open().id === open('-other').id) throw new Error('two logs have the same id');
    },
  },
  {
    name: 'S1 appends nothing when given nothing',
    run: async (open) => {
      const store = open();
      expectSame(await store.append([]), [], 'references');
      expectSame(await readIds(store), [], 'log');
    },
  },
  {
    name: 'S2 can read what was appended as soon as the append resolves, relaxed or strict',
    run: async (open) => {
      const store = open();
      const [relaxed, strict] = [record('relaxed'), record('strict')];
      await store.append([relaxed], { durability: 'relaxed' });
      expectSame(await readIds(store), [relaxed.id], 'log after a relaxed append');
      await store.append([strict], { durability: 'strict' });
      expectSame(await readIds(store), [relaxed.id, strict.id], 'log after a strict append');
    },
  },
  {
    name: 'S4 gives back every field as it was, whatever happens later to what was appended or read',
    run: async (open) => {
      const store = open();
      const origin = { causationId: 'cause', metadata: { user: 'u1' }, node: 'n1', seq: 4 };
      const sent = { ...origin, priority: 7, ttlMs: 5000, request: true };
      const original = record('order.placed', { ...sent, data: { lines: [{ sku: 'a', quantity: 2 }] } });
      const asItWas = structuredClone(original);
      await store.append([original]);
      (original.data as { lines: unknown[] }).lines.length = 0;
      const [first] = await readAll(store);
      expectSame(first?.record, asItWas, 'record after a change to what was appended');
      ((first?.record.data ?? {}) as { lines?: unknown }).lines = 'changed by a reader';
      const [second] = await readAll(store);
      expectSame(second?.record, asItWas, 'record after a change to what was read');
    },
  },
  {
    name: 'S2 refuses an append whole for a record that cannot be stored, says which it is, and stores the others',
    run: async (open) => {
      const store = open();
      const [before, after] = [record('before'), record('after')];
      const bad = record('bad', { data: { items: [{ price: 1 }, { price: () => 1 }] } });
      const outcomes = await Promise.allSettled([
        store.append([before]),
        store.append([record('good'), record('good'), bad, record('good')]),
        store.append([after]),
      ]);
      expectSame(
        outcomes.map((outcome) => outcome.status),
        ['fulfilled', 'rejected', 'fulfilled'],
        'outcomes of three appends at once',
      );
      const error = await expectFailure(async () => {
        if (outcomes[1].status === 'rejected') throw outcomes[1].reason;
      }, 'SerializationError');
      if (!(error instanceof SerializationError)) throw new Error('a SerializationError of another package');
      const { index, path, type } = error;
      expectSame({ index, path, type }, { index: 2, path: 'data.items[1].price', type: 'bad' }, 'error');
      expectSame(await readIds(store), ids([before, after]), 'log');
    },
  },
];
