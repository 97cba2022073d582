import Emittery from 'emittery';
import EventEmitter2 from 'eventemitter2';
import { describe, expect, it } from 'vitest';
import { createEventBus, InvalidOptionError } from '../../index.js';
import { reactions } from '../deferred.test.kit.js';

/** What has become of a promise by now. */
async function stateOf(promise: PromiseLike<unknown>): Promise<'pending' | 'resolved' | 'rejected'> {
  let state: 'pending' | 'resolved' | 'rejected' = 'pending';
  promise.then(
    () => {
      state = 'resolved';
    },
    () => {
      state = 'rejected';
    },
  );
  await reactions();
  return state;
}

describe('peers: waiting for an event', () => {
  it('R6 the next event of a type can be waited for, and leaves nothing subscribed', async () => {
    const emittery = new Emittery();
    const emitter2 = new EventEmitter2();
    const bus = createEventBus();
    const waiting = [emittery.once('a'), emitter2.waitFor('a'), bus.waitFor('a')] as const;
    expect([emittery.listenerCount('a'), emitter2.listenerCount('a'), bus.stats().subscriptions]).toEqual([1, 1, 1]);
    for (const data of [1, 2]) {
      await emittery.emit('a', data);
      emitter2.emit('a', data);
      bus.emit('a', data);
    }
    const [ofEmittery, of2, event] = await Promise.all(waiting);
    expect([ofEmittery, of2, event.type, event.data]).toEqual([1, [1], 'a', 1]);
    expect([emittery.listenerCount('a'), emitter2.listenerCount('a'), bus.stats().subscriptions]).toEqual([0, 0, 0]);
  });

  it('R6 waiting for one of several types, or for a pattern, ends with the first', async () => {
    const emittery = new Emittery();
    const emitter2 = new EventEmitter2({ wildcard: true });
    const bus = createEventBus();
    const waiting = [
      emittery.once(['a.b', 'a.c']),
      emitter2.waitFor('a.*'),
      bus.waitFor(['x', 'a.c']),
      bus.waitFor('a.*'),
    ] as const;
    await emittery.emit('a.c', 1);
    emitter2.emit('a.c', 1);
    bus.emit('a.c', 1);
    const [ofEmittery, of2, ...events] = await Promise.all(waiting);
    expect([ofEmittery, of2, events.map(({ data }) => data)]).toEqual([1, [1], [1, 1]]);
    expect([emittery.listenerCount(), emitter2.listenerCount('**'), bus.stats().subscriptions]).toEqual([0, 0, 0]);
  });

  it('R6 waiting with a filter goes on past what it refuses', async () => {
    const isTwo = (data: unknown): boolean => data === 2;
    const emittery = new Emittery();
    const emitter2 = new EventEmitter2();
    const bus = createEventBus();
    const waiting = [
      emittery.once('a', isTwo),
      emitter2.waitFor('a', { filter: isTwo } as never),
      bus.waitFor('a', { filter: ({ type, data }) => type === 'a' && data === 2 }),
    ] as const;
    for (const data of [1, 2, 3]) {
      await emittery.emit('a', data);
      emitter2.emit('a', data);
      bus.emit('a', data);
    }
    const [ofEmittery, of2, event] = await Promise.all(waiting);
    expect([ofEmittery, of2, event.data]).toEqual([2, [2], 2]);
    expect(() => emittery.once('a', 'no function' as never)).toThrow(TypeError);
    await expect((async () => bus.waitFor('a', { filter: 'no function' as never }))()).rejects.toThrow(
      InvalidOptionError,
    );
  });

  it('R6 waiting too long rejects', async () => {
    const emitter2 = new EventEmitter2();
    const bus = createEventBus();
    await expect(emitter2.waitFor('a', { timeout: 1 } as never)).rejects.toThrow('timeout');
    await expect(bus.waitFor('a', { timeoutMs: 1 })).rejects.toMatchObject({ name: 'WaitTimeoutError', timeoutMs: 1 });
    expect([emitter2.listenerCount(), bus.stats().subscriptions]).toEqual([0, 0]);
  });

  it('R6 waiting that is given up, by a signal, rejects with the reason', async () => {
    const emittery = new Emittery();
    const ofEmittery = emittery.once('a');
    ofEmittery.off();
    await emittery.emit('a');
    expect(await stateOf(ofEmittery)).toBe('pending');
    const of2 = new EventEmitter2().waitFor('a');
    of2.cancel('given up');
    await expect(of2).rejects.toThrow('given up');

    const bus = createEventBus();
    const controller = new AbortController();
    const waiting = bus.waitFor('a', { signal: controller.signal });
    const reason = new Error('given up');
    controller.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    const { signal } = controller;
    await expect((async () => bus.waitFor('a', { signal }))()).rejects.toBe(reason);
    await expect(bus.waitFor('a', { signal: AbortSignal.timeout(1) })).rejects.toMatchObject({ name: 'TimeoutError' });
    expect(bus.stats().subscriptions).toBe(0);
  });

  it('R6 a signal that aborts after the event changes nothing', async () => {
    const bus = createEventBus();
    const controller = new AbortController();
    const waiting = bus.waitFor('a', { signal: controller.signal });
    bus.emit('a', 1);
    controller.abort();
    expect((await waiting).data).toBe(1);
  });

  it('R6 removing everything ends what waits, with a rejection', async () => {
    const emittery = new Emittery();
    const emitter2 = new EventEmitter2();
    const bus = createEventBus();
    const waiting = [emittery.once('a'), emitter2.waitFor('a'), bus.waitFor('a')];
    emittery.clearListeners();
    emitter2.removeAllListeners();
    bus.off();
    expect(await Promise.all(waiting.map(stateOf))).toEqual(['pending', 'pending', 'rejected']);
    await expect(waiting[2]).rejects.toMatchObject({ name: 'UnsubscribedError' });
  });

  it('an event `error` is not the end of waiting for another', async () => {
    const emitter2 = new EventEmitter2();
    const bus = createEventBus();
    const waiting = [EventEmitter2.once(emitter2, 'a'), bus.waitFor('a')];
    emitter2.emit('error', new Error('mine'));
    bus.emit('error', new Error('mine'));
    expect(await Promise.all(waiting.map(stateOf))).toEqual(['rejected', 'pending']);
  });
});
