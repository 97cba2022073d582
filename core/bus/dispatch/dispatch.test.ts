import { describe, expect, it } from 'vitest';
import { createEventBus } from '../../index.js';
import { deferred, reactions } from '../deferred.test.kit.js';

const quiet = { onError: () => {} };

describe('the first handler', () => {
  it('D2 has run when emit returns', () => {
    const bus = createEventBus();
    const calls: string[] = [];
    bus.on('a', () => calls.push('sync'));
    bus.on('a', async () => calls.push('async'));
    bus.emit('a');
    expect(calls).toEqual(['sync', 'async']);
  });

  it('D2 does not wait for other events whose handlers are still running', () => {
    const bus = createEventBus();
    const seen: unknown[] = [];
    bus.on('a', (event) => {
      seen.push(event.data);
      return new Promise(() => {});
    });
    bus.emit('a', 1);
    bus.emit('a', 2);
    expect(seen).toEqual([1, 2]);
  });
});

describe('priorities', () => {
  it('D3 start together where they are equal, and wait for every handler above', async () => {
    const bus = createEventBus();
    const [slow, quick] = [deferred(), deferred()];
    const calls: string[] = [];
    for (const [name, { promise }] of Object.entries({ slow, quick })) {
      const handler = (): unknown => {
        calls.push(name);
        return promise;
      };
      bus.on('a', handler, { priority: 100 });
    }
    bus.on('a', () => calls.push('sync'), { priority: 100 });
    bus.on('*', () => calls.push('lower'), { priority: 50 });
    bus.on('a', () => calls.push('last'));
    const emission = bus.emit('a');
    expect(calls).toEqual(['slow', 'quick', 'sync']);
    quick.resolve();
    await reactions();
    expect(calls).toHaveLength(3);
    slow.resolve();
    expect((await emission).delivered).toBe(5);
    expect(calls.slice(3)).toEqual(['lower', 'last']);
  });

  it('D3 go on when a handler above has failed', async () => {
    const bus = createEventBus(quiet);
    const calls: string[] = [];
    bus.on('a', () => Promise.reject(new Error('no')), { priority: 2 });
    bus.on('a', () => calls.push('lower'), { priority: 1 });
    await bus.emit('a');
    expect(calls).toEqual(['lower']);
  });

  it('D3 let a validator await and then cancel', async () => {
    const bus = createEventBus();
    const calls: string[] = [];
    bus.on(
      'order.placed',
      async (event) => {
        await reactions();
        event.cancel('out of stock');
      },
      { priority: 100, name: 'validator' },
    );
    bus.on('order.placed', () => calls.push('shipped'));
    const { status, cancelledBy, event, delivered } = await bus.emit('order.placed');
    expect({ status, by: cancelledBy?.name, reason: event.cancelReason, delivered }).toEqual({
      status: 'cancelled',
      by: 'validator',
      reason: 'out of stock',
      delivered: 1,
    });
    expect(calls).toEqual([]);
  });

  it('D3 that wait do not hold up other events', async () => {
    const bus = createEventBus();
    const gate = deferred();
    const calls: string[] = [];
    bus.on('slow', () => gate.promise, { priority: 1 });
    bus.on('slow', () => calls.push('slow'));
    bus.on('quick', () => calls.push('quick'));
    const emission = bus.emit('slow');
    bus.emit('quick');
    gate.resolve();
    await emission;
    expect(calls).toEqual(['quick', 'slow']);
  });
});

describe('a subscription that comes or goes during a dispatch', () => {
  it('D6 is never called again once it is gone, by its own hand, by another or by off', () => {
    const bus = createEventBus();
    const calls: string[] = [];
    const own = bus.on('a', () => {
      calls.push('own');
      own();
      second();
      bus.off('a.**');
    });
    const second = bus.on('a', () => calls.push('second'));
    bus.on('a', () => calls.push('third'));
    bus.on('a.**', () => calls.push('fourth'));
    bus.on('*', () => calls.push('fifth'));
    bus.emit('a');
    bus.emit('a');
    expect(calls).toEqual(['own', 'third', 'fifth', 'third', 'fifth']);
  });

  it('D6 is not called in a later tier of an event that began before it went', async () => {
    const bus = createEventBus();
    const gate = deferred();
    const calls: string[] = [];
    bus.on('a', () => gate.promise, { priority: 1 });
    const off = bus.on('a', () => calls.push('gone'));
    bus.on('a', () => calls.push('stays'));
    const emission = bus.emit('a');
    off();
    gate.resolve();
    expect((await emission).delivered).toBe(2);
    expect(calls).toEqual(['stays']);
  });

  it('D6 starts with the next event when it comes, in every tier', async () => {
    const bus = createEventBus();
    const calls: string[] = [];
    bus.on('a', async () => {
      if (calls.length > 0) return;
      calls.push('adds');
      for (const pattern of ['a', '*']) {
        bus.on(pattern, () => calls.push(pattern), { priority: 5 });
        bus.on(pattern, () => calls.push(`${pattern} low`), { priority: -5 });
        await reactions();
      }
    });
    await bus.emit('a');
    expect(calls).toEqual(['adds']);
    await bus.emit('a');
    expect(calls).toEqual(['adds', 'a', '*', 'a low', '* low']);
  });

  it('D6 that its own filter ends is not called', () => {
    const bus = createEventBus();
    let calls = 0;
    const off = bus.on('a', () => calls++, {
      filter: () => {
        off();
        return true;
      },
    });
    bus.emit('a');
    expect(calls).toBe(0);
  });
});

describe('once', () => {
  it('D8 is removed before it is called, so an emit inside it does not reach it', () => {
    const bus = createEventBus();
    const calls: string[] = [];
    const off = bus.once('a', () => {
      calls.push(`once ${off.active}`);
      bus.emit('a');
    });
    bus.on('a', () => calls.push('always'));
    bus.emit('a');
    expect(calls).toEqual(['once false', 'always', 'always']);
  });

  it('D8 waits for an event that its filter lets through', () => {
    const bus = createEventBus();
    const seen: unknown[] = [];
    bus.on('n', (event) => seen.push(event.data), { once: true, filter: (event) => Number(event.data) > 1 });
    for (const data of [1, 2, 3]) bus.emit('n', data);
    expect(seen).toEqual([2]);
  });

  it('D8 with a list of patterns is called once in all', () => {
    const bus = createEventBus();
    const seen: string[] = [];
    bus.once(['a', 'b', '**'], (event) => seen.push(event.type));
    for (const type of ['b', 'a', 'c']) bus.emit(type);
    expect(seen).toEqual(['b']);
  });

  it('D8 is over though it failed', () => {
    const bus = createEventBus(quiet);
    let calls = 0;
    bus.once('a', () => {
      calls++;
      throw new Error('no');
    });
    bus.emit('a');
    bus.emit('a');
    expect(calls).toBe(1);
  });
});
