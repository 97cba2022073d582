import type { EventStore, Locks } from '../../index.js';
import { expectSame, type StoreCase } from './case.js';

/** Only stores that have locks are asked about them. */
function locksOf({ locks }: EventStore): Locks {
  if (locks === undefined) throw new Error('a store of this log has locks and another has none');
  return locks;
}

/** A lock that is held until it is let go of. */
interface Held {
  readonly release: () => void;
  readonly lost: AbortSignal;
  readonly over: Promise<void>;
}

const never = new AbortController().signal;

/** Resolves when the lock is held. */
function hold(locks: Locks, name: string, steal = false): Promise<Held> {
  return new Promise((resolve, reject) => {
    const over = locks.hold(
      name,
      { signal: never, steal },
      (lost) => new Promise<void>((release) => resolve({ release, lost, over })),
    );
    over.catch(reject);
  });
}

/** What has come of a promise by the time that other locks have come and gone. */
async function isDone(locks: Locks, promise: Promise<unknown>): Promise<boolean> {
  let done = false;
  promise.then(
    () => (done = true),
    () => (done = true),
  );
  for (let i = 0; i < 10; i++) await locks.hold('somebody else', { signal: never }, async () => {});
  return done;
}

export const lockCases: readonly StoreCase[] = [
  {
    name: 'S7 gives a lock to one at a time, in order, and locks of other names to others',
    run: async (open) => {
      const locks = locksOf(open());
      const first = await hold(locks, 'billing');
      const second = hold(locks, 'billing');
      const third = hold(locks, 'billing');
      (await hold(locks, 'mailing')).release();
      expectSame(await isDone(locks, second), false, 'the second has it while the first does');
      first.release();
      await first.over;
      const { release } = await second;
      expectSame(await isDone(locks, third), false, 'the third has it while the second does');
      release();
      (await third).release();
    },
  },
  {
    name: 'S7 lets a lock go when the work under it fails, and says so',
    run: async (open) => {
      const locks = locksOf(open());
      const failed = locks.hold('billing', { signal: never }, () => Promise.reject(new RangeError('no')));
      const error = await failed.catch((reason: unknown) => reason);
      expectSame(error instanceof RangeError, true, 'what it failed with');
      (await hold(locks, 'billing')).release();
    },
  },
  {
    name: 'S7 lets who waits for a lock give up, and passes it on to the next',
    run: async (open) => {
      const locks = locksOf(open());
      const first = await hold(locks, 'billing');
      const giving = new AbortController();
      const given = locks.hold('billing', { signal: giving.signal }, async () => {}).catch((reason: unknown) => reason);
      const third = hold(locks, 'billing');
      const reason = new Error('enough');
      giving.abort(reason);
      expectSame((await given) === reason, true, 'reason of the one that gave up');
      first.release();
      (await third).release();
    },
  },
  {
    name: 'S7 takes a lock by force, tells who had it, and lets those in line wait for the one who took it',
    run: async (open) => {
      const locks = locksOf(open());
      const first = await hold(locks, 'billing');
      const line = hold(locks, 'billing');
      expectSame(first.lost.aborted, false, 'lost before');
      const thief = await hold(locks, 'billing', true);
      // Though what it does under the lock goes on.
      await first.over;
      expectSame(first.lost.aborted, true, 'lost afterwards');
      expectSame(await isDone(locks, line), false, 'one in line has it while the thief does');
      first.release();
      expectSame([thief.lost.aborted, await isDone(locks, line)], [false, false], 'a late release changes anything');
      thief.release();
      (await line).release();
    },
  },
  {
    name: 'S7 has the nodes that share a store take turns',
    needs: ['shared'],
    run: async (open) => {
      const [one, other] = [locksOf(open()), locksOf(open())];
      const first = await hold(one, 'billing');
      const second = hold(other, 'billing');
      expectSame(await isDone(other, second), false, 'the other has it while one does');
      (await hold(locksOf(open('-other')), 'billing')).release();
      first.release();
      (await second).release();
    },
  },
];
