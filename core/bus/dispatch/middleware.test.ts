import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import {
  BusClosedError,
  type BusEvent,
  type BusOptions,
  createEventBus,
  type EmitResult,
  type EventBus,
  InvalidOptionError,
  type Middleware,
  MiddlewareError,
  type Next,
  NoResponderError,
  QueueFullError,
} from '../../index.js';
import { memoryStore } from '../../stores/memory.js';
import { createTestEventBus } from '../../testing/index.js';
import { deferred, reactions } from '../deferred.test.kit.js';

/** A bus whose only handler notes what it gets. */
function listening(options: BusOptions = {}): { bus: EventBus; log: unknown[] } {
  const bus = createEventBus({ onError: () => {}, ...options });
  const log: unknown[] = [];
  bus.on('**', (event) => void log.push(event.data));
  return { bus, log };
}

/** A middleware that notes its name on the way in and lets the event pass. */
const passing =
  (log: unknown[], name: string): Middleware =>
  (_, next) => {
    log.push(name);
    return next();
  };

describe('the order of middleware', () => {
  it('M1 is by priority, higher first, then by use', () => {
    const { bus, log } = listening();
    bus.use(passing(log, 'low'), { priority: -1 });
    bus.use(passing(log, 'first'));
    bus.use(passing(log, 'second'));
    bus.use(passing(log, 'high'), { priority: 100 });
    bus.emit('a', 'handler');
    expect(log).toEqual(['high', 'first', 'second', 'low', 'handler']);
  });

  it('M1 holds for every event emitted here, one of a handler and one given whole', async () => {
    const { bus } = listening();
    const seen: string[] = [];
    bus.use((event, next) => {
      seen.push(event.type);
      return next();
    });
    bus.once('a', (_, delivery) => void delivery.emit('caused'));
    bus.emit('a');
    bus.emit({ type: 'whole', data: 1, source: 'import' });
    await bus.emit('last');
    expect(seen).toEqual(['a', 'caused', 'whole', 'last']);
  });

  it('M1 has middleware between the schema and everything else: it sees an event before store and handlers', async () => {
    const store = memoryStore();
    const { bus, log } = listening({ store });
    bus.use((event, next) => next({ data: `${event.data}!` }));
    await bus.emit('a', 'hey').persisted;
    expect(log).toEqual(['hey!']);
    expect((await bus.history().next()).value).toMatchObject({ event: { data: 'hey!' } });
  });

  it('M1 lets the same function stand in line twice, and takes each away by itself', () => {
    const { bus, log } = listening();
    const twice = passing(log, 'twice');
    const remove = bus.use(twice);
    bus.use(twice);
    bus.emit('a', 1);
    remove();
    remove();
    bus.emit('a', 2);
    expect(log).toEqual(['twice', 'twice', 1, 'twice', 2]);
  });

  it('M1 stays for an event what it was when the event was emitted', async () => {
    const { bus, log } = listening();
    const gate = deferred();
    bus.use(async (_, next) => {
      await gate.promise;
      await next();
    });
    const remove = bus.use(passing(log, 'removed later'));
    const emission = bus.emit('a', 'handler');
    remove();
    bus.use(passing(log, 'used later'));
    gate.resolve();
    await emission;
    expect(log).toEqual(['removed later', 'handler']);
  });

  it('M1 ends with the bus', async () => {
    const { bus } = listening();
    await bus.close();
    expect(() => bus.use((_, next) => next())).toThrow(BusClosedError);
  });

  it.each([
    ['no function', 'rate limit' as unknown as Middleware, {}],
    ['a priority without a place', () => {}, { priority: Number.NaN }],
  ] as const)('M1 is not for %s', (_, middleware, options) => {
    expect(() => createEventBus().use(middleware, options)).toThrow(InvalidOptionError);
  });
});

describe('a veto', () => {
  it('M2 is when a middleware does not call next: no later middleware, handler or store sees the event', async () => {
    const store = memoryStore();
    const { bus, log } = listening({ store });
    bus.use(passing(log, 'before'), { priority: 1 });
    bus.use(() => {}, { name: 'strict' });
    bus.use(passing(log, 'after'), { priority: -1 });
    const emission = bus.emit('a', 1);
    expect(await emission).toMatchObject({ status: 'vetoed', vetoedBy: 'strict', delivered: 0, failures: [] });
    expect(await emission.persisted).toBeUndefined();
    expect(log).toEqual(['before']);
    expect((await bus.history().next()).done).toBe(true);
    expect(bus.stats()).toMatchObject({ vetoed: 1, failures: 0, inFlight: 0, queued: 0 });
  });

  it('M2 is named after the middleware: its option, else its function, else what it is', async () => {
    const names: (string | undefined)[] = [];
    for (const use of [
      (bus: EventBus) => bus.use(function strict() {}, { name: 'given' }),
      (bus: EventBus) => bus.use(function strict() {}),
      (bus: EventBus) => bus.use(() => {}),
    ]) {
      const bus = createEventBus();
      use(bus);
      names.push((await bus.emit('a')).vetoedBy);
    }
    expect(names).toEqual(['given', 'strict', 'middleware']);
  });

  it('M2 is told to observers', async () => {
    const { bus } = listening();
    bus.use(() => {}, { name: 'strict' });
    const told: string[] = [];
    bus.inspect((inspection) => {
      if (inspection.kind === 'vetoed') told.push(`${inspection.event.type} by ${inspection.by}`);
      else if (inspection.kind === 'settled') told.push(inspection.status);
      else told.push(inspection.kind);
    });
    await bus.emit('a');
    expect(told).toEqual(['a by strict', 'vetoed']);
  });

  it('M2 also comes from a promise that is over without next having been called', async () => {
    const { bus, log } = listening();
    bus.use(async function strict() {
      await undefined;
    });
    expect(await bus.emit('a', 1)).toMatchObject({ status: 'vetoed', vetoedBy: 'strict' });
    expect(log).toEqual([]);
  });

  it.each<[string, Middleware]>([
    [
      'throws',
      function broken() {
        throw new Error('no');
      },
    ],
    [
      'rejects',
      async function broken() {
        await undefined;
        throw new Error('no');
      },
    ],
  ])('M2 is what becomes of an event whose middleware %s, with a failure', async (_, middleware) => {
    const onError = vi.fn();
    const { bus, log } = listening({ onError });
    bus.use(middleware);
    const result = await bus.emit('a', 1);
    expect(result).toMatchObject({ status: 'vetoed', vetoedBy: 'broken', delivered: 0 });
    expect(result.failures).toMatchObject([{ stage: 'middleware', by: 'broken', error: new Error('no') }]);
    expect(onError.mock.calls).toEqual([[result.failures[0]]]);
    expect(bus.stats()).toMatchObject({ vetoed: 1, failures: 1, inFlight: 0 });
    expect(log).toEqual([]);
  });

  it.each<[string, Middleware]>([
    [
      'throws',
      (_, next) => {
        void next();
        throw new Error('no');
      },
    ],
    [
      'rejects',
      async (_, next) => {
        await next();
        throw new Error('no');
      },
    ],
  ])(
    'M2 comes too late from a middleware that %s after next: the event is delivered, the failure reported',
    async (_, middleware) => {
      const onError = vi.fn();
      const { bus, log } = listening({ onError });
      bus.use(middleware, { name: 'clumsy' });
      const { status } = await bus.emit('a', 1);
      await bus.idle();
      expect([status, log]).toEqual(['delivered', [1]]);
      expect(onError.mock.calls).toMatchObject([[{ stage: 'middleware', by: 'clumsy', error: new Error('no') }]]);
    },
  );

  it('M2 leaves a request without an answer, at once', async () => {
    const { bus } = listening();
    bus.respond('user.get', () => 'ada');
    const remove = bus.use(() => {});
    await expect(bus.request('user.get')).rejects.toBeInstanceOf(NoResponderError);
    remove();
    expect(await bus.request('user.get')).toBe('ada');
  });

  it('M2 lets a middleware see what became of the event', async () => {
    const { bus } = listening();
    let result: EmitResult | undefined;
    bus.use(
      async (_, next) => {
        result = await next();
      },
      { priority: 1 },
    );
    bus.use((event, next) => void (event.type === 'vetoed' || next()), { name: 'strict' });
    await bus.emit('vetoed');
    await bus.idle();
    expect(result).toMatchObject({ status: 'vetoed', vetoedBy: 'strict' });
    await bus.emit('passed');
    await bus.idle();
    expect(result).toMatchObject({ status: 'delivered', delivered: 1 });
  });
});

describe('what a middleware changes', () => {
  it('M3 is data, metadata and priority, for all behind it; the rest of the event stays', async () => {
    const { bus } = listening();
    const handled = vi.fn();
    bus.on('a', handled);
    bus.use((event, next) => next({ data: 2, metadata: { ...event.metadata, tenant: 't' }, priority: 7 }));
    const inner = vi.fn((_: unknown, next: Next) => void next());
    bus.use(inner);
    const emission = bus.emit('a', 1, { metadata: { own: true }, correlationId: 'chain' });
    const { event } = await emission;
    expect(event).toBe(emission.event);
    expect(handled.mock.calls[0]?.[0]).toBe(event);
    expect(inner.mock.calls[0]?.[0]).toBe(event);
    expect(event.toRecord()).toMatchObject({
      type: 'a',
      data: 2,
      metadata: { own: true, tenant: 't' },
      priority: 7,
      correlationId: 'chain',
      source: 'app',
    });
    expect(Object.isFrozen(event.metadata)).toBe(true);
  });

  it.each([true, false])('M3 keeps id, time and causes, whether they were read before: %s', async (isRead) => {
    const { bus } = listening();
    const cause = bus.emit('cause').event;
    let before: BusEvent | undefined;
    bus.use((event, next) => {
      before = event;
      if (isRead) void event.id;
      return next({ data: 'other' });
    });
    const { event } = bus.emit('a', 1, { cause });
    expect(event).not.toBe(before);
    expect(event.toRecord()).toEqual({ ...before?.toRecord(), data: 'other' });
    expect(event.toRecord()).toMatchObject({ causationId: cause.id, correlationId: cause.id });
    expect([cause.id, event.id, bus.emit('b').event.id].toSorted()).toEqual([cause.id, event.id, expect.any(String)]);
  });

  it('M3 may be that there is no data any more', () => {
    const { bus, log } = listening();
    bus.use((_, next) => next({ data: undefined }));
    bus.emit('login', { password: 'hunter2' });
    expect(log).toEqual([undefined]);
  });

  it('M3 is nothing when next is given nothing, the event itself, or what says nothing', () => {
    const { bus, log } = listening();
    bus.use((_, next) => next());
    bus.use((event, next) => next(event));
    bus.use((_, next) => next({}));
    const { event } = bus.emit('a', 1, { metadata: { own: true }, priority: 3 });
    expect(log).toEqual([1]);
    expect([event.metadata, event.priority]).toEqual([{ own: true }, 3]);
  });

  it('M3 counts for the queue: a priority that a middleware gives decides the order', () => {
    const { bus, log } = listening();
    bus.use((event, next) => next({ priority: event.type === 'urgent' ? 10 : 0 }));
    bus.once('start', () => {
      bus.emit('plain', 'plain');
      bus.emit('urgent', 'urgent');
    });
    bus.emit('start', 'start');
    expect(log).toEqual(['start', 'urgent', 'plain']);
  });

  it.each([{ priority: Number.NaN }, { priority: 'high' as unknown as number }])(
    'M3 is refused where it cannot be used, and the event with it: %o',
    async (changes) => {
      const { bus, log } = listening();
      bus.use((_, next) => next(changes), { name: 'clumsy' });
      const result = await bus.emit('a', 1);
      expect(result).toMatchObject({ status: 'vetoed', vetoedBy: 'clumsy' });
      expect(result.failures).toMatchObject([{ stage: 'middleware', error: { name: 'InvalidOptionError' } }]);
      expect(log).toEqual([]);
    },
  );

  it('M3 does not undo a cancel: who cancels in a middleware has no handler called', async () => {
    const { bus, log } = listening();
    bus.use((event, next) => {
      event.cancel('not today');
      return next({ data: 2 });
    });
    const { status, event } = await bus.emit('a', 1);
    expect([status, event.cancelReason, log]).toEqual(['cancelled', 'not today', []]);
  });
});

describe('a middleware in time', () => {
  it('M4 keeps handlers in emit while all of them are synchronous', () => {
    const { bus, log } = listening();
    bus.use((_, next) => next());
    bus.use((_, next) => void next());
    bus.use(async (_, next) => {
      await next();
    });
    bus.emit('a', 'handler');
    log.push('emitted');
    expect(log).toEqual(['handler', 'emitted']);
  });

  it('M4 delays the events it holds, and no others', async () => {
    const { bus, log } = listening();
    const gate = deferred();
    bus.use(async (event, next) => {
      if (event.type === 'slow') await gate.promise;
      return next();
    });
    const slow = bus.emit('slow', 'slow');
    bus.emit('fast', 'fast');
    expect(log).toEqual(['fast']);
    await reactions();
    expect(bus.stats()).toMatchObject({ emitted: 2, inFlight: 1 });
    gate.resolve();
    expect(await slow).toMatchObject({ status: 'delivered', delivered: 1 });
    await bus.idle();
    expect(log).toEqual(['fast', 'slow']);
    expect(bus.stats().inFlight).toBe(0);
  });

  it('M4 is waited for by idle, whether it is before or behind next', async () => {
    const { bus } = listening();
    const [before, behind] = [deferred(), deferred()];
    bus.use(async (_, next) => {
      await before.promise;
      await next();
      await behind.promise;
    });
    bus.emit('a');
    const idle = vi.fn();
    const wait = bus.idle().then(idle);
    before.resolve();
    await reactions();
    expect(idle).not.toHaveBeenCalled();
    behind.resolve();
    await wait;
  });

  it('M4 takes no room of waiting events once it has called next', async () => {
    const { bus } = listening({ queue: { maxSize: 2 } });
    const gate = deferred();
    bus.on('slow', () => gate.promise);
    bus.use(async (_, next) => {
      await next();
    });
    const emissions = [1, 2, 3, 4].map((n) => bus.emit('slow', n));
    gate.resolve();
    expect(await Promise.all(emissions)).toHaveLength(4);
  });

  it.each<[string, Middleware]>([
    ['goes on', async (_, next) => Promise.resolve().then(() => next())],
    ['is vetoed', async () => {}],
  ])('M4 takes the room of one that waits until it %s, and no longer', async (_, middleware) => {
    const { bus } = listening({ queue: { maxSize: 2 } });
    bus.use(middleware);
    const held = [bus.emit('a', 1), bus.emit('a', 2)];
    expect(() => bus.emit('a', 3)).toThrow(QueueFullError);
    await Promise.all(held);
    for (const n of [4, 5, 6]) await bus.emit('a', n);
    await bus.idle();
  });

  it('M4 throws when next is called twice, and the event goes on once', async () => {
    const onError = vi.fn();
    const { bus, log } = listening({ onError });
    const eager: Middleware = (_, next) => {
      void next();
      void next();
    };
    bus.use(eager, { name: 'eager' });
    expect((await bus.emit('a', 1)).status).toBe('delivered');
    expect(log).toEqual([1]);
    expect(onError.mock.calls).toMatchObject([[{ stage: 'middleware', by: 'eager', error: { code: 'MIDDLEWARE' } }]]);
    expect(String(onError.mock.calls[0]?.[0].error)).toContain('The middleware "eager" called next twice');
  });

  it('M4 throws when next is called after the middleware was over, and the veto stands', async () => {
    const { bus, log } = listening();
    let late: Next | undefined;
    bus.use(
      (_, next) => {
        late = next;
      },
      { name: 'forgetful' },
    );
    const { status } = await bus.emit('a', 1);
    expect(status).toBe('vetoed');
    expect(() => late?.()).toThrow(MiddlewareError);
    expect(() => late?.()).toThrow('The middleware "forgetful" called next after it was over');
    expect(log).toEqual([]);
  });

  it('M4 runs in emit, also for events that then wait for their turn', () => {
    const { bus, log } = listening();
    bus.use(passing(log, 'middleware'));
    bus.once('a', () => {
      bus.emit('b', 'inner');
      log.push('a goes on');
    });
    bus.emit('a', 'outer');
    expect(log).toEqual(['middleware', 'outer', 'middleware', 'a goes on', 'inner']);
  });

  it('M4 may emit itself; one that does so without end is stopped, and the bus lives', async () => {
    const { bus, log } = listening();
    bus.use((event, next) => {
      if (event.type === 'a') bus.emit('audit', 'audited');
      return next();
    });
    bus.emit('a', 1);
    expect(log).toEqual(['audited', 1]);
    const endless = bus.use((_, next) => {
      bus.emit('again', 'again');
      return next();
    });
    await bus.emit('b', 2);
    endless();
    await bus.idle();
    log.length = 0;
    await bus.emit('c', 3);
    expect(log).toEqual([3]);
    expect(bus.stats()).toMatchObject({ inFlight: 0, queued: 0 });
    expect(bus.stats().failures).toBeGreaterThan(0);
  });

  it('M4 passes nothing on when the bus has closed meanwhile', async () => {
    const bus = createTestEventBus();
    const handler = vi.fn();
    const [gate, inner] = [deferred(), vi.fn((_: unknown, next: Next) => void next())];
    bus.on('a', handler);
    bus.use(async (_, next) => {
      await gate.promise;
      await next();
    });
    bus.use(inner);
    const emission = bus.emit('a');
    const closed = bus.close({ timeoutMs: 50 });
    await bus.clock.advance(50);
    await closed;
    gate.resolve();
    expect((await emission).status).toBe('dropped');
    expect([handler.mock.calls.length, inner.mock.calls.length]).toEqual([0, 0]);
  });

  it('M4 costs an event nothing once the last middleware is gone', () => {
    const { bus, log } = listening();
    bus.use(passing(log, 'gone'))();
    bus.emit('a', 1);
    expect(log).toEqual([1]);
  });
});

describe('a line of middleware', () => {
  it('M1 M2 M3 does what its members say, one after the other, whatever they are', async () => {
    const member = fc.record({
      priority: fc.integer({ min: -2, max: 2 }),
      act: fc.constantFrom('pass', 'change', 'veto', 'throw before', 'throw after'),
      late: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(member, { maxLength: 6 }), async (members) => {
        const { bus, log } = listening();
        for (const [i, { priority, act, late }] of members.entries()) {
          const run = (event: { readonly data: unknown }, next: Next): void => {
            if (act === 'veto') return;
            if (act === 'throw before') throw new Error(`m${i}`);
            void next(act === 'change' ? { data: `${event.data},${i}` } : undefined);
            if (act === 'throw after') throw new Error(`m${i}`);
          };
          const wait: Middleware = async (event, next) => {
            await undefined;
            run(event, next);
          };
          bus.use(late ? wait : run, { priority, name: `m${i}` });
        }
        const result = await bus.emit('a', 'x');
        await bus.idle();
        const line = members.map((one, i) => ({ ...one, i })).toSorted((a, b) => b.priority - a.priority);
        const end = line.findIndex(({ act }) => act === 'veto' || act === 'throw before');
        const reached = end === -1 ? line : line.slice(0, end + 1);
        const changes = reached.filter(({ act }) => act === 'change').map(({ i }) => `,${i}`);
        expect(log).toEqual(end === -1 ? [['x', ...changes].join('')] : []);
        expect(result.status).toBe(end === -1 ? 'delivered' : 'vetoed');
        expect(result.vetoedBy).toBe(end === -1 ? undefined : `m${line[end]?.i}`);
        expect(bus.stats().failures).toBe(reached.filter(({ act }) => act.startsWith('throw')).length);
        expect(bus.stats()).toMatchObject({ inFlight: 0, queued: 0, emitted: 1 });
      }),
    );
  });
});
