import Emittery from 'emittery';
import { describe, expect, it } from 'vitest';
import { createEventBus } from '../../index.js';
import { sources } from './streams.test.kit.js';

describe('peers: how streams end', () => {
  it('R7 a stream that was left hears nothing more, and drops what waits', async () => {
    for (const { iterator, emit } of sources(['a'])) {
      await emit('a', 1);
      await emit('a', 2);
      expect(await iterator.next()).toEqual({ done: false, value: 1 });
      expect(await iterator.return?.(Promise.resolve('left'))).toEqual({ done: true, value: 'left' });
      await emit('a', 3);
      expect(await iterator.next()).toMatchObject({ done: true });
    }
    const bus = createEventBus();
    const stream = bus.stream('a');
    expect(bus.stats().subscriptions).toBe(1);
    expect(await stream.return?.()).toEqual({ done: true, value: undefined });
    expect(bus.stats().subscriptions).toBe(0);
  });

  it('D6 a stream that is left by a handler of an event does not get that event', async () => {
    const got: Record<string, unknown> = {};
    let leave = (): void => {};
    const emittery = new Emittery();
    const bus = createEventBus();
    emittery.on('a', () => leave());
    bus.on('a', () => leave());
    const iterators = { emittery: emittery.events('a'), crosstown: bus.stream('a') };
    for (const [name, iterator] of Object.entries<AsyncIterator<unknown>>(iterators)) {
      leave = () => void iterator.return?.();
      const emission = name === 'emittery' ? emittery.emit('a', 1) : bus.emit('a', 1);
      got[name] = await iterator.next();
      await emission;
      expect(await iterator.next()).toMatchObject({ done: true });
    }
    expect(got).toEqual({ emittery: { done: false, value: 1 }, crosstown: { done: true, value: undefined } });
  });

  it('R7 removing everything ends a stream after what waits', async () => {
    for (const { iterator, emit, clear } of sources(['a'])) {
      await emit('a', 1);
      clear();
      await emit('a', 2);
      expect(await iterator.next()).toEqual({ done: false, value: 1 });
      expect(await iterator.next()).toMatchObject({ done: true });
    }
  });

  it('R7 a signal that aborts ends a stream with its reason, and takes it off the bus', async () => {
    const bus = createEventBus();
    const controller = new AbortController();
    const stream = bus.stream('a', { signal: controller.signal });
    bus.emit('a', 1);
    expect((await stream.next()).value.data).toBe(1);
    const reason = new Error('enough');
    controller.abort(reason);
    expect(bus.stats().subscriptions).toBe(0);
    await bus.emit('a', 2);
    await expect(stream.next()).rejects.toBe(reason);
    expect(await stream.next()).toEqual({ done: true, value: undefined });
    await expect(bus.stream('a', { signal: controller.signal }).next()).rejects.toBe(reason);
  });

  it('R7 a stream that has ended lets go of its signal', async () => {
    const bus = createEventBus();
    const { signal } = new AbortController();
    let listening = 0;
    signal.addEventListener = () => void listening++;
    signal.removeEventListener = () => void listening--;
    const stream = bus.stream('a', { signal });
    expect(listening).toBe(1);
    bus.off('a');
    expect(listening).toBe(0);
    expect(await stream.next()).toEqual({ done: true, value: undefined });
  });

  it('R7 a stream is disposable, asynchronously', async () => {
    const bus = createEventBus();
    const stream = bus.stream('a');
    bus.emit('a', 1);
    await (stream as unknown as AsyncDisposable)[Symbol.asyncDispose]();
    expect([await stream.next(), bus.stats().subscriptions]).toEqual([{ done: true, value: undefined }, 0]);
    expect(Symbol.asyncDispose in new Emittery().events('a')).toBe(false);
  });
});
