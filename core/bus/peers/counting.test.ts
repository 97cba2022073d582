import Emittery from 'emittery';
import EventEmitter2 from 'eventemitter2';
import EventEmitter3 from 'eventemitter3';
import mitt from 'mitt';
import { createNanoEvents } from 'nanoevents';
import { describe, expect, it } from 'vitest';
import { createEventBus } from '../../index.js';

describe('peers: counting subscriptions', () => {
  it('I5 the number of subscriptions is counted by pattern', () => {
    const handler = (): void => {};
    const bus = createEventBus();
    expect(bus.subscriptions()).toEqual([]);
    for (const pattern of ['a', 'a.*', 'a', '**']) bus.on(pattern, handler);
    bus.on(['b', 'a'], handler);
    const counts = bus.subscriptions().map(({ pattern, count }) => [pattern, count]);
    expect(counts[0]).toEqual(['a', 2]);
    expect(counts.slice(1).sort()).toEqual([
      ['**', 1],
      ['a b', 1],
      ['a.*', 1],
    ]);
    expect(bus.stats().subscriptions).toBe(5);
    bus.off();
    expect([bus.subscriptions(), bus.stats().subscriptions]).toEqual([[], 0]);

    const emittery = new Emittery();
    emittery.on(['a', 'b'], handler);
    emittery.onAny(handler);
    expect([emittery.listenerCount('a'), emittery.listenerCount()]).toEqual([2, 3]);
    for (const emitter of [new EventEmitter3(), new EventEmitter2()]) {
      for (const type of ['a', 'a', 'b']) emitter.on(type, handler);
      expect([emitter.listenerCount('a'), emitter.listenerCount('c')]).toEqual([2, 0]);
      expect(emitter.eventNames().sort()).toEqual(['a', 'b']);
    }
  });

  it('I5 the eleventh handler of a type is one more in the count', async () => {
    const warnings: unknown[] = [];
    const onWarning = ({ name }: Error): void => void warnings.push(name);
    process.on('warning', onWarning);
    const emitter = new EventEmitter2();
    const silent = new EventEmitter2({ maxListeners: 0 });
    const bus = createEventBus();
    for (let i = 0; i < 11; i++) {
      emitter.on('a', () => {});
      silent.on('a', () => {});
      bus.on('a', () => {});
    }
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
    process.off('warning', onWarning);
    expect(warnings).toEqual(['MaxListenersExceededWarning']);
    expect(bus.subscriptions()).toEqual([{ pattern: 'a', count: 11, sites: [] }]);
  });

  it('I5 a type whose last handler went leaves nothing behind', () => {
    const handler = (): void => {};
    const planted = mitt<{ a: undefined }>();
    planted.on('a', handler);
    planted.off('a', handler);
    expect([...planted.all.keys()]).toEqual(['a']);
    const nano = createNanoEvents();
    nano.on('a', handler)();
    expect(Object.keys(nano.events)).toEqual(['a']);
    const wild = new EventEmitter2({ wildcard: true }) as EventEmitter2 & { readonly listenerTree: object };
    for (const emitter of [new EventEmitter3(), new EventEmitter2(), wild]) {
      emitter.on('a.b', handler);
      emitter.off('a.b', handler);
      expect(emitter.eventNames()).toEqual([]);
    }
    expect(Object.keys(wild.listenerTree)).toEqual(['a']);
    const emittery = new Emittery();
    emittery.on('a', handler)();
    expect(emittery.listenerCount()).toBe(0);

    const bus = createEventBus();
    for (const pattern of ['a', 'a.b', 'a.*', '**']) bus.on(pattern, handler)();
    expect([bus.subscriptions(), bus.stats().subscriptions]).toEqual([[], 0]);
  });
});
