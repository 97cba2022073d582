import { describe, expect, it, vi } from 'vitest';
import { type Clock, createEventBus, type Failure, InvalidOptionError, systemClock } from '../../index.js';
import { deferred, reactions } from '../deferred.test.kit.js';

describe('an emission', () => {
  it('resolves with what became of its event', async () => {
    const bus = createEventBus();
    bus.on('a', () => {});
    bus.on('a', async () => {});
    bus.on('a', () => {}, { filter: () => false });
    const emission = bus.emit('a', 1);
    expect(await emission).toEqual({
      event: emission.event,
      status: 'delivered',
      delivered: 2,
      failures: [],
      cancelledBy: undefined,
      vetoedBy: undefined,
    });
  });

  it('may be awaited early, late and often, with one answer', async () => {
    const bus = createEventBus();
    const gate = deferred();
    bus.on('a', () => gate.promise);
    const emission = bus.emit('a');
    const early = [Promise.resolve(emission), emission.then((result) => result)];
    gate.resolve();
    const results = await Promise.all([...early, emission, emission]);
    results.push(await emission);
    expect(results.map(({ status, delivered }) => `${status} ${delivered}`)).toEqual(Array(5).fill('delivered 1'));
  });

  it('is no rejection whatever fails, and its callbacks behave as those of a promise', async () => {
    const bus = createEventBus({ onError: () => {} });
    bus.on('a', () => {
      throw new Error('no');
    });
    const emission = bus.emit('a');
    expect(await emission.then(({ failures }) => failures.length)).toBe(1);
    await expect(emission.then(() => Promise.reject(new Error('mine')))).rejects.toThrow('mine');
    expect(await emission.then(null)).toMatchObject({ status: 'delivered' });
  });

  it('has nothing persisted without a store', async () => {
    const bus = createEventBus();
    bus.on('heard', () => {});
    expect(await Promise.all([bus.emit('heard').persisted, bus.emit('unheard').persisted])).toEqual([
      undefined,
      undefined,
    ]);
  });
});

describe('a delivery', () => {
  it('E3 emits events that its event has caused, also after an await', async () => {
    const bus = createEventBus();
    const chains: unknown[] = [];
    bus.on('a', async (_, delivery) => {
      delivery.emit('b', 1);
      await reactions();
      await delivery.emit('b', 2, { metadata: { late: true } });
    });
    bus.on('b', (event) => chains.push([event.data, event.correlationId, event.causationId]));
    const { event } = await bus.emit('a', undefined, { correlationId: 'chain' });
    expect(chains).toEqual([
      [1, 'chain', event.id],
      [2, 'chain', event.id],
    ]);
  });

  it('names this node for a local event', () => {
    const bus = createEventBus();
    const nodes: string[] = [];
    bus.on('a', (_, delivery) => nodes.push(delivery.node));
    bus.emit('a');
    expect(nodes).toEqual([bus.nodeId]);
  });
});

describe('a failing handler', () => {
  const error = new Error('no');
  const failings: [string, () => unknown][] = [
    [
      'throws',
      () => {
        throw error;
      },
    ],
    ['rejects', () => Promise.reject(error)],
    [
      'rejects late',
      async () => {
        await reactions();
        throw error;
      },
    ],
  ];

  it.each(failings)('D9 that %s stops nobody and is told of once everywhere', async (_, handler) => {
    const told: Failure[] = [];
    const bus = createEventBus({ onError: (failure) => told.push(failure) });
    const calls: string[] = [];
    const console = vi.spyOn(globalThis.console, 'error');
    bus.on('a', handler, { name: 'broken' });
    bus.on('a', () => calls.push('same priority'));
    bus.on('a', () => calls.push('lower'), { priority: -1 });
    const { failures, status, delivered } = await bus.emit('a');
    expect([calls, status, delivered]).toEqual([['same priority', 'lower'], 'delivered', 3]);
    expect(failures).toEqual(told);
    expect(told).toMatchObject([
      { stage: 'handler', error, event: { type: 'a' }, handler: { name: 'broken', priority: 0 } },
    ]);
    expect(bus.stats().failures).toBe(1);
    expect(console).not.toHaveBeenCalled();
    console.mockRestore();
  });

  it('D9 in a filter is a failure of the filter, and its handler is not called', async () => {
    const told: Failure[] = [];
    const bus = createEventBus({ onError: (failure) => told.push(failure) });
    const calls: string[] = [];
    const filter = (): boolean => {
      throw error;
    };
    bus.once('a', () => calls.push('filtered'), { filter, name: 'sieve' });
    bus.on('a', () => calls.push('next'));
    const { failures, delivered } = await bus.emit('a');
    expect([calls, delivered]).toEqual([['next'], 1]);
    expect(failures).toEqual(told);
    expect(told).toMatchObject([{ stage: 'filter', error, handler: { name: 'sieve' } }]);
  });

  it.each(failings)('D9 that %s goes to console.error once when there is no onError', async (_, handler) => {
    const console = vi.spyOn(globalThis.console, 'error').mockReturnValue();
    const bus = createEventBus();
    bus.on('a', handler, { name: 'broken' });
    await bus.emit('a');
    expect(console.mock.calls).toEqual([['[crosstown] handler "broken" failed for "a":', error]]);
    console.mockRestore();
  });

  it.each<[string, () => unknown]>([
    [
      'throws',
      () => {
        throw new Error('onError itself');
      },
    ],
    ['rejects', () => Promise.reject(new Error('onError itself'))],
  ])('D9 is contained also when onError %s', async (_, onError) => {
    const console = vi.spyOn(globalThis.console, 'error').mockImplementation(() => {
      throw new Error('the console too');
    });
    const bus = createEventBus({ onError });
    let calls = 0;
    bus.on('a', () => Promise.reject(error));
    bus.on('a', () => {
      calls++;
      throw error;
    });
    bus.on('a', () => calls++);
    expect((await bus.emit('a')).failures).toHaveLength(2);
    await reactions();
    expect(calls).toBe(2);
    expect(console.mock.calls).toEqual(Array(2).fill([expect.stringContaining('onError'), expect.any(Error)]));
    console.mockRestore();
  });

  it('D9 may throw anything, and be named by anything', async () => {
    const bus = createEventBus({ onError: () => {} });
    const thrown = [undefined, null, 0, 'text', Symbol('s')];
    for (const value of thrown) {
      const handler = (): never => {
        throw value;
      };
      Object.defineProperty(handler, 'name', {
        get: () => {
          throw value;
        },
      });
      bus.on('a', handler);
    }
    const { failures } = await bus.emit('a');
    expect(failures.map((failure) => failure.error)).toEqual(thrown);
    expect(failures.map((failure) => 'handler' in failure && failure.handler.name)).toEqual(thrown.map(() => 'a'));
  });
});

describe('an event that nobody hears', () => {
  it('D12 has no envelope until one is read', async () => {
    let readings = 0;
    const clock: Clock = { ...systemClock, now: () => ++readings };
    const ids = vi.fn(() => 'id');
    const bus = createEventBus({ clock, createId: ids });
    bus.on('other', () => {});
    bus.emit('first');
    // The first of all needs to know when it is, so that ids read later keep their order (E2); the others do not.
    expect(readings).toBe(1);
    const emission = bus.emit('a', 1, { priority: 3 });
    const result = await emission;
    expect(result).toMatchObject({ status: 'delivered', delivered: 0, failures: [], cancelledBy: undefined });
    expect(readings).toBe(1);
    expect(emission.event).toMatchObject({ type: 'a', data: 1, priority: 3, source: 'app' });
    expect(readings).toBe(2);
    expect([emission.event.id, result.event]).toEqual(['id', emission.event]);
    expect(ids).toHaveBeenCalledTimes(1);
    expect(bus.stats().emitted).toBe(2);
  });

  it('D12 has an envelope when it is watched or frozen', () => {
    for (const options of [{ freeze: true }, {}]) {
      let readings = 0;
      const bus = createEventBus({ ...options, clock: { ...systemClock, now: () => ++readings } });
      if (!('freeze' in options)) bus.inspect(() => {});
      bus.emit('a', {});
      expect(readings).toBe(1);
    }
  });
});

describe('the parts of a delivery', () => {
  it('E3 can be taken apart', async () => {
    const bus = createEventBus();
    const causes: unknown[] = [];
    bus.on('a', (_, { emit }) => emit('b'));
    bus.on('b', (event) => causes.push(event.causationId));
    const { event } = bus.emit('a');
    await bus.idle();
    expect(causes).toEqual([event.id]);
  });
});

describe('an event given whole', () => {
  it.each([{ id: '' }, { id: 7 }, { source: '' }, { timestamp: Number.NaN }, { correlationId: 'x'.repeat(257) }])(
    'D10 is refused with %j',
    (fields) => {
      const bus = createEventBus();
      const init = { type: 'a', data: 1, ...fields } as unknown as { type: string; data: unknown };
      expect(() => bus.emit(init)).toThrow(InvalidOptionError);
    },
  );
});

describe('the options of an emit', () => {
  it.each([
    ['correlationId', { correlationId: '' }],
    ['correlationId', { correlationId: 5 }],
    ['correlationId', { correlationId: 'x'.repeat(257) }],
    ['cause.id', { cause: { id: 5, correlationId: 'chain' } }],
    ['cause.correlationId', { cause: { id: '1', correlationId: '' } }],
  ])('D10 are refused where no other node would take the event: %s', (option, options) => {
    const bus = createEventBus();
    const refusal = expect.objectContaining({ name: 'InvalidOptionError', option });
    expect(() => bus.emit('a', 1, options as object)).toThrow(refusal);
    expect(() => bus.request('a', 1, options as object)).toThrow(refusal);
  });
});
