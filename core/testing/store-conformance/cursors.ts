import type { CursorStore, EventStore, StoredRetry } from '../../index.js';
import { expectSame, records, type StoreCase } from './case.js';

/** Only stores that keep cursors are asked about them. */
function cursorsOf({ cursors }: EventStore): CursorStore {
  if (cursors === undefined) throw new Error('a store of this log keeps cursors and another does not');
  return cursors;
}

const none: readonly StoredRetry[] = [];

export const cursorCases: readonly StoreCase[] = [
  {
    name: 'S6 keeps a cursor where it was moved to, and knows none that nobody made',
    run: async (open) => {
      const cursors = cursorsOf(open());
      expectSame(await cursors.get('mailer'), undefined, 'cursor before anybody made it');
      expectSame(await cursors.move('mailer', { offset: 3, epoch: 0, retries: none }), undefined, 'move of no cursor');
      const { offset, epoch, retries, trimmed } = await cursors.claim('mailer', 7, false);
      expectSame({ offset, epoch, retries, trimmed }, { offset: 7, epoch: 0, retries: [], trimmed: 0 }, 'new cursor');
      const again = await cursors.claim('mailer', 99, false);
      expectSame([again.offset, again.epoch], [7, 0], 'cursor claimed again');
      await cursors.move('mailer', { offset: 12, epoch: 0, retries: [{ offset: 14, attempts: 2, dueAt: 5000 }] });
      const moved = await cursors.get('mailer');
      expectSame([moved?.offset, moved?.retries], [12, [{ offset: 14, attempts: 2, dueAt: 5000 }]], 'moved cursor');
    },
  },
  {
    name: 'S6 never moves a cursor back, and shows every move as a sign of life',
    run: async (open) => {
      const cursors = cursorsOf(open());
      const beats = [(await cursors.claim('mailer', 5, false)).beat];
      for (const offset of [9, 6, 9]) {
        const moved = await cursors.move('mailer', { offset, epoch: 0, retries: none });
        expectSame(moved?.offset, 9, `offset after a move to ${offset}`);
        beats.push(moved?.beat ?? Number.NaN);
      }
      expectSame(new Set(beats).size, 4, 'different signs of life');
    },
  },
  {
    name: 'S7 lets nobody move a cursor of an epoch that is over',
    run: async (open) => {
      const cursors = cursorsOf(open());
      const first = await cursors.claim('billing', 0, true);
      const second = await cursors.claim('billing', 0, true);
      expectSame([first.epoch, second.epoch], [1, 2], 'epochs');
      const late = await cursors.move('billing', { offset: 50, epoch: first.epoch, retries: none });
      expectSame(late, undefined, 'move by who had it before');
      const moved = await cursors.move('billing', { offset: 20, epoch: second.epoch, retries: none });
      expectSame(moved?.offset, 20, 'offset after a move by who has it');
      const shared = await cursors.claim('billing', 0, false);
      expectSame([shared.offset, shared.epoch], [20, 2], 'cursor as seen by who does not take it');
    },
  },
  {
    name: 'S7 gives each of many claims at once an epoch of its own',
    run: async (open) => {
      const cursors = cursorsOf(open());
      const claims = await Promise.all(Array.from({ length: 20 }, () => cursors.claim('billing', 3, true)));
      const epochs = claims.map(({ epoch }) => epoch).sort((a, b) => a - b);
      expectSame(
        epochs,
        Array.from({ length: 20 }, (_, i) => i + 1),
        'epochs',
      );
    },
  },
  {
    name: 'S6 lists cursors and forgets them',
    run: async (open) => {
      const cursors = cursorsOf(open());
      for (const name of ['b', 'a']) await cursors.claim(name, 1, false);
      expectSame([...(await cursors.list()).keys()].sort(), ['a', 'b'], 'cursors');
      expectSame([await cursors.remove('a'), await cursors.remove('a')], [true, false], 'removals');
      expectSame([...(await cursors.list()).keys()], ['b'], 'cursors left');
      expectSame(
        await cursors.move('a', { offset: 9, epoch: 0, retries: none }),
        undefined,
        'move of a removed cursor',
      );
    },
  },
  {
    name: 'S6 shows a cursor to every store on the log, and to nobody else',
    needs: ['shared'],
    run: async (open) => {
      const [one, other, elsewhere] = [open(), open(), open('-other')].map(cursorsOf);
      await one?.claim('mailer', 4, true);
      expectSame((await other?.get('mailer'))?.offset, 4, 'cursor as another store sees it');
      expectSame(await elsewhere?.get('mailer'), undefined, 'cursor in another log');
    },
  },
  {
    name: 'S6 keeps a cursor when its store is closed',
    needs: ['persistent'],
    run: async (open) => {
      const store = open();
      await store.append(records('a', 2));
      await cursorsOf(store).claim('mailer', 0, true);
      await cursorsOf(store).move('mailer', { offset: 2, epoch: 1, retries: none });
      await store.close();
      const kept = await cursorsOf(open()).get('mailer');
      expectSame([kept?.offset, kept?.epoch], [2, 1], 'cursor afterwards');
    },
  },
];
