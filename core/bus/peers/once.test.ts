import Emittery from 'emittery';
import EventEmitter2 from 'eventemitter2';
import EventEmitter3 from 'eventemitter3';
import { describe, expect, it } from 'vitest';
import { createEventBus } from '../../index.js';
import { all, onEach, outcomeOf } from './emitters.test.kit.js';

/** emittery's `once` is a promise: see waiting.test.ts. */
const withOnce = ['eventemitter3', 'eventemitter2', 'crosstown'] as const;

describe('peers: once', () => {
  it('D8 a once handler is called once, beside others that stay', async () => {
    const calls = await onEach((emitter) => {
      const seen: string[] = [];
      emitter.once('a', () => seen.push('once'));
      emitter.once('a', () => seen.push('once too'));
      emitter.on('a', () => seen.push('always'));
      for (let i = 0; i < 3; i++) emitter.emit('a');
      return seen;
    }, withOnce);
    expect(calls).toEqual(all(['once', 'once too', 'always', 'always', 'always'], withOnce));
  });

  it('D8 a once handler does not hear the event it emits itself', async () => {
    const calls = await onEach((emitter) => {
      let count = 0;
      emitter.once('a', () => {
        count++;
        emitter.emit('a');
      });
      emitter.emit('a');
      return count;
    }, withOnce);
    expect(calls).toEqual(all(1, withOnce));
  });

  it('D8 a function subscribed with once and with on is called twice, then once', async () => {
    const calls = await onEach((emitter) => {
      let count = 0;
      const handler = (): number => count++;
      emitter.once('a', handler);
      emitter.on('a', handler);
      emitter.emit('a');
      const both = count;
      emitter.emit('a');
      return [both, count];
    }, withOnce);
    expect(calls).toEqual(all([2, 3], withOnce));
  });

  it('D8 a once handler can be removed before its event', async () => {
    const calls = await onEach((emitter) => {
      let count = 0;
      const handler = (): number => count++;
      emitter.once('a', handler);
      emitter.off('a', handler);
      emitter.emit('a');
      return count;
    }, withOnce);
    expect(calls).toEqual(all(0, withOnce));
  });

  it('a once handler that is also subscribed with on is removed by its own subscription', () => {
    const calls: string[] = [];
    const emitter = new EventEmitter3();
    const handler = (): void => void calls.push('eventemitter3');
    emitter.on('a', handler).once('a', handler).off('a', handler, undefined, true).emit('a');
    expect(calls).toEqual(['eventemitter3']);

    const bus = createEventBus();
    const ours = (): number => calls.push('crosstown');
    bus.on('a', ours);
    bus.once('a', ours)();
    bus.emit('a');
    expect(calls).toEqual(['eventemitter3', 'crosstown']);
  });

  it('D8 a once handler with a wildcard hears the first event that matches', () => {
    const seen: string[] = [];
    const emitter = new EventEmitter2({ wildcard: true });
    emitter.once('a.*', () => seen.push('eventemitter2'));
    emitter.once('a.**', () => seen.push('eventemitter2 too'));
    const bus = createEventBus();
    bus.once('a.*', (event) => seen.push(event.type));
    bus.once('a.**', (event) => seen.push(event.type));
    for (const type of ['b', 'a.b', 'a.c']) {
      emitter.emit(type);
      bus.emit(type);
    }
    expect(seen).toEqual(['eventemitter2', 'eventemitter2 too', 'a.b', 'a.b']);
  });

  it('D8 a once handler of several types hears the first of them', async () => {
    const seen: unknown[] = [];
    const bus = createEventBus();
    bus.once(['a', 'b'], (event) => seen.push(event.data));
    const emittery = new Emittery();
    const first = emittery.once(['a', 'b']).then((data) => seen.push(data));
    for (const [type, data] of [
      ['b', 1],
      ['a', 2],
    ] as const) {
      bus.emit(type, data);
      await emittery.emit(type, data);
    }
    await first;
    expect(seen).toEqual([1, 1]);
  });

  it('D8 a once handler with a filter waits for an event that passes', async () => {
    const seen: unknown[] = [];
    const bus = createEventBus();
    bus.once('a', (event) => seen.push(event.data), { filter: (event) => event.data === 2 });
    const emittery = new Emittery();
    const first = emittery.once('a', (data: unknown) => data === 2).then((data) => seen.push(data));
    for (const data of [1, 2, 3]) {
      bus.emit('a', data);
      await emittery.emit('a', data);
    }
    await first;
    expect(seen).toEqual([2, 2]);
  });

  it('D8 a once handler that fails is over', async () => {
    const calls = await onEach(async (emitter) => {
      let count = 0;
      emitter.once('a', () => {
        count++;
        throw new Error('no');
      });
      for (let i = 0; i < 2; i++) await outcomeOf(() => emitter.emit('a'));
      return count;
    }, withOnce);
    expect(calls).toEqual(all(1, withOnce));
  });

  it('a handler for a number of events counts them and unsubscribes itself', () => {
    const seen: string[] = [];
    const emitter = new EventEmitter2();
    emitter.many('a', 2, () => seen.push('eventemitter2'));
    const bus = createEventBus();
    let left = 2;
    const off = bus.on('a', () => {
      seen.push('crosstown');
      if (--left === 0) off();
    });
    for (let i = 0; i < 4; i++) {
      emitter.emit('a');
      bus.emit('a');
    }
    expect(seen).toEqual(['eventemitter2', 'crosstown', 'eventemitter2', 'crosstown']);
  });
});
