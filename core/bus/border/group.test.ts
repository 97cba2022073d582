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
    const log = sharedLog();
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
