import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Locks } from '../../index.js';
import { deferred, newName, newStore } from './database.test.kit.js';

const never = new AbortController().signal;

afterEach(() => {
  document.dispatchEvent(new Event('resume'));
});

/** A page of its own, as far as locks go: what freezes this page freezes all of its stores. */
function locksOf(name: string): Locks {
  const { locks } = newStore(name);
  if (locks === undefined) throw new Error('no locks');
  return locks;
}

/** A lock that is held until it is let go of. */
interface Held {
  readonly lost: AbortSignal;
  readonly release: () => void;
}

function hold(locks: Locks, signal = never): { readonly held: Promise<Held>; readonly over: Promise<void> } {
  const { promise: held, resolve } = deferred<Held>();
  const over = locks.hold('billing', { signal }, (lost) => new Promise<void>((release) => resolve({ lost, release })));
  over.catch(() => {});
  return { held, over };
}

/** Names of the locks that are held or waited for, by the database's name. */
async function locksNow(name: string): Promise<{ held: readonly (string | undefined)[]; waiting: number }> {
  const { held = [], pending = [] } = await navigator.locks.query();
  const ours = (lock: LockInfo): boolean => lock.name?.startsWith(`crosstown:${name}:`) ?? false;
  return { held: held.filter(ours).map((lock) => lock.name), waiting: pending.filter(ours).length };
}

/** For machines with much else to do. */
const patiently = { timeout: 10_000 };

describe.each([
  ['frozen', () => document.dispatchEvent(new Event('freeze')), () => document.dispatchEvent(new Event('resume'))],
  ['left', () => dispatchEvent(new Event('pagehide')), () => dispatchEvent(new Event('pageshow'))],
])('the locks of a page that is %s', (_, leave, comeBack) => {
  it('S7 are let go of before the event is over, whatever the work under them does', async () => {
    const name = newName();
    const { held, over } = hold(locksOf(name));
    const { lost } = await held;
    expect((await locksNow(name)).held).toEqual([`crosstown:${name}:billing`]);
    leave();
    expect(lost.aborted).toBe(true);
    await over;
    await expect.poll(() => locksNow(name), patiently).toEqual({ held: [], waiting: 0 });
    comeBack();
    expect((await locksNow(name)).held).toEqual([]);
  });

  it('S7 are not waited for meanwhile, nor asked for, and had in order once it is back', async () => {
    const name = newName();
    const elsewhere = deferred();
    const theirs = navigator.locks.request(`crosstown:${name}:billing`, () => elsewhere.promise);
    const locks = locksOf(name);
    const before = hold(locks);
    await expect.poll(() => locksNow(name), patiently).toMatchObject({ waiting: 1 });
    leave();
    await expect.poll(() => locksNow(name), patiently).toMatchObject({ waiting: 0 });
    const meanwhile = hold(locks);
    elsewhere.resolve();
    await theirs;
    expect(await locksNow(name)).toEqual({ held: [], waiting: 0 });
    comeBack();
    const first = await before.held;
    await expect.poll(() => locksNow(name), patiently).toMatchObject({ waiting: 1 });
    expect(first.lost.aborted).toBe(false);
    first.release();
    (await meanwhile.held).release();
    await Promise.all([before.over, meanwhile.over]);
  });

  it('S7 can be given up while it is away', async () => {
    const locks = locksOf(newName());
    (await hold(locks).held).release();
    leave();
    const giving = new AbortController();
    const { over } = hold(locks, giving.signal);
    giving.abort(new RangeError('enough'));
    await expect(over).rejects.toThrow('enough');
    const late = locks.hold('billing', { signal: giving.signal, steal: true }, async () => {});
    await expect(late).rejects.toThrow('enough');
  });
});

describe('a lock of a store', () => {
  it('S7 is not lost when its page is hidden', async () => {
    const { held, over } = hold(locksOf(newName()));
    const { lost, release } = await held;
    vi.spyOn(document, 'visibilityState', 'get').mockReturnValue('hidden');
    document.dispatchEvent(new Event('visibilitychange'));
    expect(lost.aborted).toBe(false);
    release();
    await over;
  });

  it('S7 keeps its signal to the wait: who has it may go on when that aborts', async () => {
    const giving = new AbortController();
    const { held, over } = hold(locksOf(newName()), giving.signal);
    const { lost, release } = await held;
    giving.abort();
    expect(lost.aborted).toBe(false);
    release();
    await over;
  });

  it('S7 says what the work under it throws, and nothing of what it throws once the lock is lost', async () => {
    const name = newName();
    const locks = locksOf(name);
    const thrown = locks.hold('billing', { signal: never }, () => {
      throw new RangeError('no');
    });
    await expect(thrown).rejects.toThrow('no');
    const late = deferred();
    const started = deferred();
    const stolen = locks.hold('billing', { signal: never }, () => {
      started.resolve();
      return late.promise;
    });
    await started.promise;
    await locksOf(name).hold('billing', { signal: never, steal: true }, async () => {});
    await stolen;
    late.reject(new RangeError('late'));
  });

  it('S7 is missing where the platform has none', () => {
    vi.stubGlobal('navigator', {});
    expect(newStore().locks).toBeUndefined();
  });
});
