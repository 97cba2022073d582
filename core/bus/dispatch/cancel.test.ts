import { describe, expect, it } from 'vitest';
import { type BusEvent, createEventBus } from '../../index.js';
import { deferred, reactions } from '../deferred.test.kit.js';

const quiet = { onError: () => {} };

describe('cancel', () => {
  it('D4 stops lower priorities, and handlers of the same one that have not started', async () => {
    const bus = createEventBus();
    const calls: string[] = [];
    bus.on('a', () => calls.push('before'));
    bus.on('a', (event) => event.cancel('enough'), { name: 'stopper' });
    bus.on('a', () => calls.push('same'));
    bus.on('a', () => calls.push('lower'), { priority: -1 });
    const result = await bus.emit('a');
    expect(calls).toEqual(['before']);
    expect(result).toMatchObject({ status: 'cancelled', delivered: 2, failures: [] });
    expect(result.cancelledBy).toMatchObject({ name: 'stopper', priority: 0, patterns: ['a'] });
    expect(result.event).toMatchObject({ cancelled: true, cancelReason: 'enough' });
  });

  it('D4 in the synchronous part of one handler waits for those that run, and starts no other', async () => {
    const bus = createEventBus();
    const gate = deferred();
    const calls: string[] = [];
    bus.on('a', () => gate.promise, { name: 'running' });
    bus.on('a', async (event) => event.cancel(), { name: 'stopper' });
    bus.on('a', () => calls.push('never'));
    let result: unknown;
    const settled = bus.emit('a').then((outcome) => {
      result = outcome;
    });
    await reactions();
    expect(result).toBeUndefined();
    gate.resolve();
    await settled;
    expect(result).toMatchObject({ status: 'cancelled', delivered: 2, cancelledBy: { name: 'stopper' } });
    expect(calls).toEqual([]);
  });

  it('D4 by the last handler is a cancel still', async () => {
    const bus = createEventBus();
    bus.on('a', (event) => event.cancel());
    expect((await bus.emit('a')).status).toBe('cancelled');
  });

  it('D4 by a handler that then throws is a cancel and a failure', async () => {
    const bus = createEventBus(quiet);
    const calls: string[] = [];
    bus.on('a', (event) => {
      event.cancel();
      throw new Error('and out');
    });
    bus.on('a', () => calls.push('never'));
    expect(await bus.emit('a')).toMatchObject({ status: 'cancelled', delivered: 1, failures: [{ stage: 'handler' }] });
    expect(calls).toEqual([]);
  });

  it('D4 by a filter stops its own handler and those after it', async () => {
    for (const verdict of [true, false]) {
      const bus = createEventBus();
      const calls: string[] = [];
      const filter = (event: BusEvent): boolean => {
        event.cancel();
        return verdict;
      };
      bus.on('a', () => calls.push('own'), { filter, name: 'sieve' });
      bus.on('a', () => calls.push('after'));
      expect(await bus.emit('a')).toMatchObject({ status: 'cancelled', delivered: 0, cancelledBy: { name: 'sieve' } });
      expect(calls).toEqual([]);
    }
  });

  it('D4 of an event that waits in the queue keeps it from every handler, and nobody is named', async () => {
    const bus = createEventBus();
    const calls: string[] = [];
    bus.on('a', () => {
      const emission = bus.emit('b');
      emission.event.cancel();
      return emission.then(({ status, delivered, cancelledBy }) => calls.push(`${status} ${delivered} ${cancelledBy}`));
    });
    bus.on('b', () => calls.push('never'));
    await bus.emit('a');
    expect(calls).toEqual(['cancelled 0 undefined']);
  });

  it('D4 after everything has settled changes no result', async () => {
    const bus = createEventBus();
    bus.on('a', () => {});
    const emission = bus.emit('a');
    emission.event.cancel();
    expect((await emission).status).toBe('delivered');
  });
});
