import { describe, expect, it } from 'vitest';
import { createEventBus, type Failure, type Inspection, type OnOptions, QueueFullError } from '../../index.js';
import { type Deferred, deferred, reactions } from '../deferred.test.kit.js';

/** A subscription to `a` whose calls last until the test opens their gates, and what was begun and ended. */
function gated(options: OnOptions = {}) {
  const failures: Failure[] = [];
  const bus = createEventBus({ onError: (failure) => failures.push(failure) });
  const begun: unknown[] = [];
  const gates = new Map<unknown, Deferred<void>>();
  const handler = ({ data }: { readonly data: unknown }): Promise<void> => {
    begun.push(data);
    const gate = deferred();
    gates.set(data, gate);
    return gate.promise;
  };
  const off = bus.on('a', handler, { name: 'gated', ...options });
  const finish = async (...all: unknown[]): Promise<void> => {
    for (const data of all) {
      gates.get(data)?.resolve();
      await reactions();
    }
  };
  return { bus, begun, finish, off, failures };
}

describe('concurrency of a subscription', () => {
  it('Q2 of 1 calls one after the other, in order of emission, whatever the priority', async () => {
    const { bus, begun, finish } = gated({ concurrency: 1 });
    for (const data of [1, 2]) bus.emit('a', data);
    bus.emit('a', 3, { priority: 9 });
    expect(begun).toEqual([1]);
    await finish(1);
    expect(begun).toEqual([1, 2]);
    await finish(2, 3);
    expect(begun).toEqual([1, 2, 3]);
    await bus.idle();
  });

  it('Q2 of more calls as many at a time', async () => {
    const { bus, begun, finish } = gated({ concurrency: 2 });
    for (const data of [1, 2, 3, 4]) bus.emit('a', data);
    expect(begun).toEqual([1, 2]);
    await finish(2);
    expect(begun).toEqual([1, 2, 3]);
    await finish(1);
    expect(begun).toEqual([1, 2, 3, 4]);
  });

  it('Q2 holds up lower priorities of the event that waits, and no other subscription', async () => {
    const { bus, finish } = gated({ concurrency: 1, priority: 1 });
    const log: unknown[] = [];
    bus.on('a', ({ data }) => log.push(['beside', data]), { priority: 1 });
    bus.on('a', ({ data }) => log.push(['below', data]));
    bus.emit('a', 1);
    const second = bus.emit('a', 2);
    expect(log).toEqual([
      ['beside', 1],
      ['beside', 2],
    ]);
    await finish(1);
    expect(log.slice(2)).toEqual([['below', 1]]);
    await finish(2);
    expect([log.slice(3), (await second).delivered]).toEqual([[['below', 2]], 3]);
  });

  it('Q2 goes on after a failure, and after synchronous calls', async () => {
    const bus = createEventBus({ onError: () => {} });
    const begun: unknown[] = [];
    const gate = deferred();
    bus.on(
      'a',
      ({ data }) => {
        begun.push(data);
        if (data === 1) return gate.promise;
        if (data === 2) throw new Error('sync');
        return data === 4 ? Promise.reject(new Error('async')) : undefined;
      },
      { concurrency: 1 },
    );
    for (const data of [1, 2, 3, 4, 5]) bus.emit('a', data);
    gate.reject(new Error('first'));
    await bus.idle();
    expect([begun, bus.stats().failures]).toEqual([[1, 2, 3, 4, 5], 3]);
  });

  it('Q2 does not call for an event that was cancelled while it waited, nor says that this handler cancelled it', async () => {
    const { bus, begun, finish } = gated({ concurrency: 1 });
    bus.emit('a', 1);
    const second = bus.emit('a', 2);
    bus.emit('a', 3);
    second.event.cancel();
    await finish(1);
    expect(begun).toEqual([1, 3]);
    expect(await second).toMatchObject({ status: 'cancelled', delivered: 0, cancelledBy: undefined });
  });

  it('Q2 calls nobody who was unsubscribed meanwhile; the events go on without', async () => {
    const { bus, begun, finish, off } = gated({ concurrency: 1, priority: 1 });
    const below: unknown[] = [];
    bus.on('a', ({ data }) => below.push(data));
    const [first, second] = [bus.emit('a', 1), bus.emit('a', 2)];
    off();
    expect([(await second).delivered, begun, below]).toEqual([1, [1], [2]]);
    await finish(1);
    expect([(await first).delivered, below]).toEqual([2, [2, 1]]);
  });

  it('Q2 has drain handle what waits, and resolve after the last call, synchronous ones among them or not', async () => {
    const bus = createEventBus();
    const begun: unknown[] = [];
    const gates = new Map([1, 4].map((data) => [data, deferred()]));
    const handler = ({ data }: { readonly data: unknown }): unknown => {
      begun.push(data);
      return gates.get(data as number)?.promise;
    };
    const off = bus.on('a', handler, { concurrency: 1 });
    for (const data of [1, 2, 3, 4, 5]) bus.emit('a', data);
    let drained = false;
    const drain = off.drain().then(() => {
      drained = true;
    });
    bus.emit('a', 6);
    expect([off.active, begun]).toEqual([false, [1]]);
    gates.get(1)?.resolve();
    await reactions();
    expect([begun, drained]).toEqual([[1, 2, 3, 4], false]);
    gates.get(4)?.resolve();
    await drain;
    expect(begun).toEqual([1, 2, 3, 4, 5]);
  });

  it('Q2 lets what is drained be dropped after all, by another call of the handle', async () => {
    const { bus, begun, finish, off } = gated({ concurrency: 1 });
    const emissions = [1, 2, 3].map((data) => bus.emit('a', data));
    const drain = off.drain();
    off();
    await finish(1);
    await drain;
    expect([begun, (await Promise.all(emissions)).map(({ delivered }) => delivered)]).toEqual([[1], [1, 0, 0]]);
  });

  it('Q2 stops what is drained when the bus closes', async () => {
    const { bus, begun, finish, off } = gated({ concurrency: 1 });
    for (const data of [1, 2, 3]) bus.emit('a', data);
    const drain = off.drain();
    const closed = bus.close();
    await finish(1);
    await Promise.all([drain, closed]);
    expect(begun).toEqual([1]);
  });

  it('Q2 passes 100,000 events without a deep stack', async () => {
    const bus = createEventBus();
    const gate = deferred();
    let calls = 0;
    bus.on('a', () => (calls++ === 0 ? gate.promise : undefined), { concurrency: 1, maxQueue: 100_000 });
    for (let i = 0; i <= 100_000; i++) bus.emit('a');
    gate.resolve();
    await bus.idle();
    expect(calls).toBe(100_001);
  });

  it('Q2 of 1 may be asked for in the handler of the same event, which then waits', async () => {
    const bus = createEventBus();
    const log: string[] = [];
    bus.on(
      'a',
      async ({ data }, { emit }) => {
        log.push(`begin ${data}`);
        if (data === 1) emit('a', 2);
        await reactions();
        log.push(`end ${data}`);
      },
      { concurrency: 1 },
    );
    bus.emit('a', 1);
    await bus.idle();
    expect(log).toEqual(['begin 1', 'end 1', 'begin 2', 'end 2']);
  });

  it('D5 does not run what waited for it inside the handler that unsubscribes it', async () => {
    const { bus, off } = gated({ concurrency: 1, priority: 1 });
    const log: unknown[] = [];
    bus.on('a', ({ data }) => log.push(data));
    bus.on('end', () => {
      log.push('begins');
      off();
      log.push('ends');
    });
    bus.emit('a', 1);
    const second = bus.emit('a', 2);
    bus.emit('end', 0);
    await second;
    expect(log).toEqual(['begins', 'ends', 2]);
  });

  it('Q2 lets nobody overtake those in line, not even what one of them emits', async () => {
    const bus = createEventBus();
    const begun: unknown[] = [];
    const gate = deferred();
    const handler = ({ data }: { readonly data: unknown }): unknown => {
      begun.push(data);
      if (data === 2) bus.emit('a', 'emitted by 2');
      return data === 1 ? gate.promise : undefined;
    };
    bus.on('a', handler, { concurrency: 1 });
    for (const data of [1, 2, 3]) bus.emit('a', data);
    gate.resolve();
    await bus.idle();
    expect(begun).toEqual([1, 2, 3, 'emitted by 2']);
  });
});

describe('maxQueue of a subscription', () => {
  it('Q2 fails the call for which there is no room, and no other of the event', async () => {
    const { bus, begun, finish, failures } = gated({ concurrency: 1, maxQueue: 1 });
    let others = 0;
    bus.on('a', () => others++);
    const emissions = [1, 2, 3].map((data) => bus.emit('a', data));
    await finish(1, 2);
    expect([begun, others]).toEqual([[1, 2], 3]);
    const { error } = failures[0] ?? {};
    expect(error).toBeInstanceOf(QueueFullError);
    expect((error as Error).message).toContain('1 events wait in the queue of "gated"');
    expect(failures).toMatchObject([{ stage: 'handler', attempts: 0, handler: { name: 'gated' }, event: { data: 3 } }]);
    expect((await emissions[2])?.failures).toMatchObject([{ error }]);
    expect(await bus.deadLetters.list()).toMatchObject([{ attempts: 0, event: { data: 3 } }]);
  });

  it.each([
    ['dropOldest', [1, 3], 2],
    ['dropNewest', [1, 2], 3],
  ] as const)('Q2 with %s lets an event go, which is counted and inspected', async (overflow, handled, dropped) => {
    const { bus, begun, finish, failures } = gated({ concurrency: 1, maxQueue: 1, overflow });
    const told: Inspection[] = [];
    bus.inspect((one) => one.kind === 'dropped' && told.push(one));
    const emissions = [1, 2, 3].map((data) => bus.emit('a', data));
    expect((await emissions[dropped - 1])?.delivered).toBe(0);
    await finish(...handled);
    expect([begun, failures, bus.stats().discarded]).toEqual([handled, [], 1]);
    expect(told).toMatchObject([{ reason: 'queue-full', event: { data: dropped }, handler: { name: 'gated' } }]);
  });

  it.each<[string, OnOptions]>([
    ['concurrency', { concurrency: 0 }],
    ['concurrency', { concurrency: -1 }],
    ['concurrency', { concurrency: 1.5 }],
    ['concurrency', { concurrency: Number.NaN }],
    ['maxQueue', { concurrency: 1, maxQueue: -1 }],
    ['overflow', { concurrency: 1, overflow: 'block' as never }],
    ['timeoutMs', { timeoutMs: -1 }],
    ['timeoutMs', { timeoutMs: Number.NaN }],
    ['timeoutMs', { timeoutMs: '5' as never }],
    ['signal', { signal: null as never }],
    ['signal', { signal: new AbortController() as never }],
  ])('D10 %s cannot be what is in %o', (option, options) => {
    const bus = createEventBus();
    const on = (): unknown => bus.on('a', () => {}, options);
    expect(on).toThrow(expect.objectContaining({ name: 'InvalidOptionError', option }));
    expect([bus.subscriptions(), bus.stats().subscriptions]).toEqual([[], 0]);
  });
});
