import { describe, expect, it } from 'vitest';
import type { BusOptions, EventStore, Inspection, Locks, OnOptions } from '../../index.js';
import { memoryStore } from '../../stores/memory.js';
import { createTestEventBus, SimulatedClock, type TestEventBus } from '../../testing/index.js';
import { deferred } from '../deferred.test.kit.js';

interface Events {
  job: number;
  other: number;
}

const sharedLog = (): EventStore => memoryStore({ shared: true });

/** A node whose member of the group notes what it handles. */
function member(store: EventStore, options: OnOptions & { readonly clock?: SimulatedClock } = {}) {
  const { clock = new SimulatedClock(), ...on } = options;
  const bus: TestEventBus<Events> = createTestEventBus<Events>({ store, clock } as BusOptions & {
    clock: SimulatedClock;
  });
  const told: Inspection[] = [];
  bus.inspect((inspection) => told.push(inspection));
  const handled: number[] = [];
  const duty = { gate: undefined as Promise<unknown> | undefined };
  const off = bus.on(
    'job',
    async ({ data }) => {
      handled.push(data);
      await duty.gate;
    },
    { group: 'workers', ...on },
  );
  const turns = (): readonly string[] =>
    told.flatMap((one) => (one.kind === 'onDuty' || one.kind === 'offDuty' ? [`${one.kind} ${one.epoch}`] : []));
  return { bus, clock, handled, off, duty, turns };
}

async function emitAll({ bus }: { bus: TestEventBus<Events> }, ...numbers: readonly number[]): Promise<void> {
  for (const n of numbers) await bus.emit('job', n).persisted;
}

async function settle(...members: readonly { clock: SimulatedClock }[]): Promise<void> {
  for (const { clock } of [...members, ...members]) await clock.advance(0);
}

async function elapse(ms: number, ...members: readonly { clock: SimulatedClock }[]): Promise<void> {
  for (let left = ms; left > 0; left -= 100) for (const { clock } of members) await clock.advance(Math.min(left, 100));
}

const cursorOf = async (store: EventStore): Promise<readonly [number, number] | undefined> => {
  const cursor = await store.cursors?.get('workers');
  return cursor && [cursor.offset, cursor.epoch];
};

/** A store that takes its locks away when told to, and gives them back at once. */
function losing(log: EventStore) {
  let lose = (): void => {};
  const locks: Locks = {
    hold: async (_name, { signal }, work) => {
      if (signal.aborted) return;
      const lost = new AbortController();
      const isLost = new Promise<void>((resolve) => {
        lose = () => {
          lost.abort();
          resolve();
        };
      });
      await Promise.race([work(lost.signal), isLost]);
    },
  };
  const store: EventStore = Object.assign(log, { locks });
  return { store, lose: () => lose() };
}

describe('a group', () => {
  it('S7 has each event handled by one node, the first that joined', async () => {
    const store = sharedLog();
    const [a, b] = [member(store), member(store)];
    await settle(a, b);
    await emitAll(b, 1, 2);
    await elapse(1000, a, b);
    await emitAll(a, 3);
    await elapse(1000, a, b);
    expect([a.handled, b.handled]).toEqual([[1, 2, 3], []]);
    expect([a.turns(), b.turns()]).toEqual([['onDuty 1'], []]);
    expect(a.bus.stats().durable).toEqual([
      { name: 'workers', group: 'workers', onDuty: true, offset: 3, inFlight: 0 },
    ]);
    expect(b.bus.stats().durable[0]?.onDuty).toBe(false);
  });

  it.each(['close', 'unsubscribe', 'pause'] as const)(
    'S7 goes on in another node when one is made to %s',
    async (way) => {
      const store = sharedLog();
      const [a, b] = [member(store), member(store)];
      await settle(a, b);
      await emitAll(a, 1);
      await settle(a, b);
      const gate = deferred<void>();
      a.duty.gate = gate.promise;
      await emitAll(a, 2, 3);
      await settle(a, b);
      const leaving = way === 'close' ? a.bus.close() : way === 'unsubscribe' ? a.off() : a.off.pause();
      await settle(a, b);
      // What is being handled is handled to its end before another node begins behind it.
      expect([a.handled, b.handled]).toEqual([[1, 2], []]);
      gate.resolve();
      await settle(a, b);
      await leaving;
      await elapse(1000, b);
      expect([a.handled, b.handled]).toEqual([[1, 2], [3]]);
      expect(await cursorOf(store)).toEqual([3, 2]);
      if (way !== 'pause') return;
      b.off.pause();
      a.off.resume();
      await emitAll(a, 4);
      await settle(a, b);
      expect(a.handled).toEqual([1, 2, 4]);
    },
  );

  it('G8 closes while another node is on duty, and while it is paused', async () => {
    const store = sharedLog();
    const [a, b, c] = [member(store), member(store), member(store)];
    await settle(a, b, c);
    a.off.pause();
    await settle(a, b, c);
    await Promise.all([a.bus.close(), c.bus.close()]);
    expect([a.clock.pending, c.clock.pending]).toEqual([0, 0]);
    await emitAll(b, 1);
    await settle(b);
    expect(b.handled).toEqual([1]);
  });

  it('S7 takes over from a node that gives no sign of life while events lie, and not before', async () => {
    const store = sharedLog();
    const [frozen, b] = [member(store), member(store)];
    await settle(frozen, b);
    const gate = deferred<void>();
    frozen.duty.gate = gate.promise;
    await elapse(60_000, b);
    await emitAll(b, 1, 2);
    await elapse(1000, frozen, b);
    expect(frozen.handled).toEqual([1]);
    // From here on the clock of the one on duty stands still, as that of a frozen page.
    await elapse(9_000, b);
    expect(b.handled).toEqual([]);
    await elapse(6_000, b);
    expect(b.handled).toEqual([1, 2]);
    expect(await cursorOf(store)).toEqual([2, 2]);
    // It thaws, and what it does then moves nothing.
    gate.resolve();
    await elapse(3000, frozen, b);
    await emitAll(b, 3);
    await elapse(3000, frozen, b);
    expect([frozen.handled, b.handled]).toEqual([[1], [1, 2, 3]]);
    expect(await cursorOf(store)).toEqual([3, 2]);
    expect([frozen.turns(), b.turns()]).toEqual([['onDuty 1', 'offDuty 1'], ['onDuty 2']]);
    // What it had begun with is somebody else's now, and nothing it would have to wait for.
    const idle = Promise.all([frozen, b].map(({ bus }) => bus.idle({ timeoutMs: 1000 })));
    await elapse(2000, frozen, b);
    await idle;
  });

  it('S7 leaves a node on duty alone that takes its time', async () => {
    const store = sharedLog();
    const [slow, b] = [member(store), member(store)];
    await settle(slow, b);
    slow.duty.gate = deferred<void>().promise;
    await emitAll(b, 1, 2);
    await elapse(120_000, slow, b);
    expect([slow.handled, b.handled]).toEqual([[1], []]);
  });

  it('S7 does not take over for what is not for the group', async () => {
    const store = sharedLog();
    const [frozen, b] = [member(store), member(store)];
    await settle(frozen, b);
    for (let n = 0; n < 5; n++) await b.bus.emit('other', n).persisted;
    await elapse(60_000, b);
    expect(b.turns()).toEqual([]);
  });

  it('S7 has a lease of the length it is given', async () => {
    const store = sharedLog();
    const [frozen, b] = [member(store), member(store, { leaseMs: 400 })];
    await settle(frozen, b);
    frozen.duty.gate = deferred<void>().promise;
    await emitAll(frozen, 1);
    await settle(frozen);
    await elapse(1500, b);
    expect(b.handled).toEqual([1]);
  });

  it('S7 has two subscriptions of one group go their own ways', async () => {
    const store = sharedLog();
    const a = member(store, { durable: 'first' });
    const second: number[] = [];
    a.bus.on('job', ({ data }) => void second.push(data), { group: 'workers', durable: 'second', from: 'all' });
    await emitAll(a, 1, 2);
    await settle(a);
    expect([a.handled, second]).toEqual([
      [1, 2],
      [1, 2],
    ]);
    const cursors = [...((await store.cursors?.list()) ?? [])].map(([name, { offset }]) => [name, offset]);
    expect(cursors.sort()).toEqual([
      ['first', 2],
      ['second', 2],
    ]);
  });

  it('S7 goes on with what it has begun when it loses its turn and nobody else takes it', async () => {
    const { store, lose } = losing(sharedLog());
    const a = member(store);
    await settle(a);
    const gate = deferred<void>();
    a.duty.gate = gate.promise;
    await emitAll(a, 1, 2);
    await settle(a);
    lose();
    await settle(a);
    expect([a.handled, a.turns()]).toEqual([[1], ['onDuty 1', 'offDuty 1', 'onDuty 2']]);
    gate.resolve();
    await settle(a);
    expect(a.handled).toEqual([1, 2]);
    expect(await cursorOf(store)).toEqual([2, 2]);
  });

  it('S7 leaves to another node what came to it while it was paused', async () => {
    const store = sharedLog();
    let isPaused = false;
    const a = member(store, {
      filter: () => {
        if (!isPaused) a.off.pause();
        isPaused = true;
        return true;
      },
    });
    const b = member(store);
    await settle(a, b);
    // At once, so that it has read on when it is paused.
    a.bus.emit('job', 1);
    a.bus.emit('job', 2);
    await elapse(1000, a, b);
    expect([a.handled, b.handled]).toEqual([[], [1, 2]]);
    a.off.resume();
    await elapse(1000, a, b);
    expect([a.handled, b.handled]).toEqual([[], [1, 2]]);
  });

  it.each(['unsubscribe', 'pause'] as const)(
    'S7 gives signs of life while it ends what it has begun, made to %s',
    async (way) => {
      const store = sharedLog();
      const [a, b] = [member(store), member(store)];
      await settle(a, b);
      const gate = deferred<void>();
      a.duty.gate = gate.promise;
      await emitAll(a, 1, 2);
      await settle(a, b);
      if (way === 'unsubscribe') a.off();
      else a.off.pause();
      await elapse(60_000, a, b);
      expect([a.handled, b.handled]).toEqual([[1], []]);
      gate.resolve();
      await elapse(1000, a, b);
      expect([a.handled, b.handled]).toEqual([[1], [2]]);
    },
  );

  it.each([true, false])(
    'S7 does not call again what another node has taken over, with locks: %s',
    async (hasLocks) => {
      const store: EventStore = Object.assign(sharedLog(), hasLocks ? {} : { locks: undefined });
      const calls: string[] = [];
      const join = (name: string) => {
        const clock = new SimulatedClock();
        const bus = createTestEventBus<Events>({ store, clock });
        bus.on(
          'job',
          (_, { attempt }) => {
            calls.push(`${name} ${attempt}`);
            throw new Error('no');
          },
          { group: 'workers', leaseMs: 1000, retry: { attempts: 3, delayMs: 30_000, factor: 1, jitter: 0 } },
        );
        return { bus, clock };
      };
      const a = join('a');
      await settle(a);
      const b = join('b');
      await settle(b);
      await emitAll(a, 1);
      await settle(a);
      // Its clock stands still, as that of a frozen page, and goes on when the other has taken over.
      await elapse(31_000, b);
      expect(calls).toEqual(['a 1', 'b 2']);
      await elapse(100_000, a, b);
      expect(calls).toEqual(['a 1', 'b 2', 'b 3']);
    },
  );

  it('S7 calls again what failed when it has lost its turn and got it back', async () => {
    const { store, lose } = losing(sharedLog());
    const a = member(store, { retry: { attempts: 3, delayMs: 1000, factor: 1, jitter: 0 } });
    a.duty.gate = Promise.reject(new Error('no'));
    await emitAll(a, 1, 2);
    await elapse(1000, a);
    expect(a.handled).toEqual([1, 1]);
    lose();
    a.duty.gate = undefined;
    await elapse(2000, a);
    expect(a.handled).toEqual([1, 1, 1, 2]);
    expect(await cursorOf(store)).toEqual([2, 2]);
  });

  it('S7 counts nothing of what it had begun when another node had its turn in between', async () => {
    const { store, lose } = losing(sharedLog());
    const a = member(store);
    await settle(a);
    const [before, after] = [deferred<void>(), deferred<void>()];
    a.duty.gate = before.promise;
    await emitAll(a, 1, 2);
    await settle(a);
    a.duty.gate = after.promise;
    await store.cursors?.claim('workers', 0, true);
    lose();
    await settle(a);
    expect(a.handled).toEqual([1, 1]);
    before.resolve();
    await settle(a);
    expect([a.handled, await cursorOf(store)]).toEqual([
      [1, 1],
      [0, 3],
    ]);
    after.resolve();
    await settle(a);
    expect([a.handled, await cursorOf(store)]).toEqual([
      [1, 1, 2],
      [2, 3],
    ]);
  });

  it.each(['line', 'retry'] as const)(
    'S7 Q5 hands out once what waited in a %s when another node had its turn in between',
    async (where) => {
      const { store, lose } = losing(sharedLog());
      const { bus, clock } = member(store, { group: 'others' });
      const seen: number[][] = [];
      let isDown = where === 'retry';
      const maxWaitMs = where === 'line' ? 5000 : 0;
      bus.on(
        'job',
        (events) => {
          seen.push(events.map(({ data }) => data));
          if (isDown) throw new Error('down');
        },
        {
          ...{ group: 'workers', batch: { size: 10, maxWaitMs } },
          retry: { attempts: 3, delayMs: 5000, jitter: 0 },
        },
      );
      await settle({ clock });
      await emitAll({ bus }, 1, 2);
      await settle({ clock });
      seen.length = 0;
      isDown = false;
      await store.cursors?.claim('workers', 0, true);
      lose();
      await elapse(20_000, { clock });
      expect(seen).toEqual([[1, 2]]);
    },
  );

  it('S7 writes no signs of life while nothing lies', async () => {
    const store = sharedLog();
    const a = member(store);
    await emitAll(a, 1);
    await elapse(3000, a);
    const beat = (await store.cursors?.get('workers'))?.beat;
    await elapse(30_000, a);
    expect((await store.cursors?.get('workers'))?.beat).toBe(beat);
  });

  it('S7 commits what settled while it got its turn back', async () => {
    const { store, lose } = losing(sharedLog());
    const cursors = store.cursors as NonNullable<EventStore['cursors']>;
    const claim = cursors.claim.bind(cursors);
    let claimed: Promise<void> | undefined;
    cursors.claim = async (...of) => {
      const cursor = await claim(...of);
      await claimed;
      return cursor;
    };
    const a = member(store);
    await settle(a);
    const gate = deferred<void>();
    a.duty.gate = gate.promise;
    await emitAll(a, 1);
    await settle(a);
    const answer = deferred<void>();
    claimed = answer.promise;
    lose();
    await settle(a);
    gate.resolve();
    await settle(a);
    answer.resolve();
    await settle(a);
    expect(await cursorOf(store)).toEqual([1, 2]);
  });

  it('S7 is idle when what it had begun is over and another node has its turn', async () => {
    const store = sharedLog();
    const [a, b] = [member(store), member(store)];
    await settle(a, b);
    const gate = deferred<void>();
    a.duty.gate = gate.promise;
    await emitAll(a, 1);
    await settle(a, b);
    await elapse(20_000, b);
    expect(b.handled).toEqual([1]);
    const cursors = store.cursors as NonNullable<EventStore['cursors']>;
    const move = cursors.move.bind(cursors);
    const answer = deferred<void>();
    cursors.move = async (...to) => {
      await answer.promise;
      return move(...to);
    };
    const idle = a.bus.idle();
    await settle(a);
    gate.resolve();
    await settle(a);
    answer.resolve();
    await idle;
  });

  it('S7 is idle when it has handled what it may, from its first turn on and after a pause', async () => {
    const store = sharedLog();
    await createTestEventBus<Events>({ store }).emit('job', 1).persisted;
    const a = member(store, { from: 'all' });
    await a.bus.idle();
    expect(a.handled).toEqual([1]);
    a.off.pause();
    await emitAll(a, 2);
    a.off.resume();
    await a.bus.idle();
    expect(a.handled).toEqual([1, 2]);
    const b = member(store);
    await b.bus.idle();
    expect(b.handled).toEqual([]);
  });

  it('S7 works without locks in one node, and with several by their signs of life', async () => {
    const log = sharedLog();
    const store: EventStore = Object.assign(log, { locks: undefined });
    const a = member(store);
    await settle(a);
    await emitAll(a, 1);
    await settle(a);
    expect(a.handled).toEqual([1]);
    const b = member(store);
    await emitAll(b, 2);
    await elapse(3000, a, b);
    expect([a.handled, b.handled]).toEqual([[1, 2], []]);
    await a.bus.close();
    await emitAll(b, 3);
    await elapse(20_000, b);
    expect(b.handled).toEqual([3]);
    expect(await cursorOf(store)).toEqual([3, 2]);
  });

  it('S7 needs no lock in a store that nobody shares', async () => {
    const store: EventStore = Object.assign(memoryStore(), { locks: undefined });
    const a = member(store);
    await emitAll(a, 1, 2);
    await a.bus.idle();
    expect(a.handled).toEqual([1, 2]);
  });
});
