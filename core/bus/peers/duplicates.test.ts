import Emittery from 'emittery';
import { describe, expect, it } from 'vitest';
import { all, onEach } from './emitters.test.kit.js';

const withAny = ['mitt', 'emittery', 'eventemitter2', 'crosstown'] as const;

describe('peers: the same function twice', () => {
  it('D7 a function subscribed twice is called twice', async () => {
    const calls = await onEach(async (emitter) => {
      let count = 0;
      const handler = (): number => count++;
      emitter.on('a', handler);
      emitter.on('a', handler);
      await emitter.emit('a');
      return count;
    });
    expect(calls).toEqual({ ...all(2), emittery: 1 });
  });

  it('D7 a function subscribed to everything twice is called twice', async () => {
    const calls = await onEach(async (emitter) => {
      let count = 0;
      const handler = (): number => count++;
      emitter.any(handler);
      emitter.any(handler);
      await emitter.emit('a');
      return count;
    }, withAny);
    // Each adapter wraps the handler of `any`, so emittery is asked itself.
    const emittery = new Emittery();
    let count = 0;
    const handler = (): void => void count++;
    emittery.onAny(handler);
    emittery.onAny(handler);
    await emittery.emit('a');
    expect({ ...calls, emittery: count }).toEqual({ ...all(2, withAny), emittery: 1 });
  });

  it('D7 unsubscribing one of two subscriptions of a function leaves the other', async () => {
    const calls = await onEach(async (emitter) => {
      let count = 0;
      const handler = (): number => count++;
      emitter.on('a', handler);
      emitter.on('a', handler)();
      await emitter.emit('a');
      return count;
    });
    expect(calls).toEqual({ ...all(1), nanoevents: 0, eventemitter3: 0, emittery: 0 });
  });

  it('D7 unsubscribing one of two subscriptions of a function twice leaves the other', async () => {
    const calls = await onEach(async (emitter) => {
      let count = 0;
      const handler = (): number => count++;
      emitter.on('a', handler);
      const off = emitter.on('a', handler);
      off();
      off();
      await emitter.emit('a');
      return count;
    });
    expect(calls).toEqual({ ...all(0), crosstown: 1 });
  });
});
