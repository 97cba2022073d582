import Emittery from 'emittery';
import EventEmitter2 from 'eventemitter2';
import { createNanoEvents } from 'nanoevents';
import { describe, expect, it } from 'vitest';
import { createEventBus, InvalidEventTypeError, InvalidPatternError } from '../../index.js';
import { all, names, onEach, outcomeOf } from './emitters.test.kit.js';

const peers = names.filter((name) => name !== 'crosstown');

describe('peers: names', () => {
  it('E5 the names of what every object has are types like any other', async () => {
    const types = ['hasOwnProperty', 'constructor', '__proto__', 'toString', 'valueOf', 'watch'];
    const outcomes = await onEach(async (emitter) => {
      const failing: string[] = [];
      for (const type of types) {
        let seen: unknown;
        const outcome = await outcomeOf(() => {
          emitter.on(type, (data) => {
            seen = data;
          });
          return emitter.emit(type, type);
        });
        if (String(outcome).startsWith('throws') || seen !== type) failing.push(type);
      }
      return failing;
    });
    expect(outcomes).toEqual({
      ...all([]),
      nanoevents: types.slice(0, 5),
      eventemitter2: ['__proto__'],
    });
  });

  it('E5 emitting the name of what every object has, unheard, does nothing', async () => {
    const outcomes = await onEach(async (emitter) => {
      const outcome = await outcomeOf(() => emitter.emit('__proto__'));
      return String(outcome).startsWith('throws') ? outcome : 'nothing';
    });
    expect(outcomes).toEqual({ ...all('nothing'), eventemitter2: 'throws TypeError' });
    expect(() => createNanoEvents().emit('constructor')).toThrow(TypeError);
    expect(new EventEmitter2().emit('constructor')).toBe(true);
    const bus = createEventBus();
    expect(bus.emit('constructor').event.type).toBe('constructor');
  });

  it('E5 a pattern with `__proto__` in it touches no prototype', () => {
    const patterns = ['__proto__.polluted', 'constructor.prototype.polluted', 'a.__proto__.polluted', '__proto__.*'];
    const bus = createEventBus();
    const seen: string[] = [];
    for (const pattern of patterns) bus.on(pattern, (event) => seen.push(event.type));
    bus.emit('__proto__.polluted');
    expect(seen).toEqual(['__proto__.polluted', '__proto__.polluted']);
    expect([Object.keys(Object.prototype), Object.getOwnPropertyNames({})]).toEqual([[], []]);

    try {
      new EventEmitter2({ wildcard: true }).on('__proto__.polluted', () => {});
      expect(Object.keys(Object.prototype)).toEqual(['polluted']);
    } finally {
      Reflect.deleteProperty(Object.prototype, 'polluted');
    }
  });

  it('E5 no segment is reserved', () => {
    const emitter = new EventEmitter2({ wildcard: true });
    emitter.on('a._listeners', () => {});
    expect(() => emitter.on('a', () => {})).toThrow(TypeError);

    const bus = createEventBus();
    const seen: string[] = [];
    for (const pattern of ['a', 'a._listeners', 'a.*', '_listeners.**']) bus.on(pattern, () => seen.push(pattern));
    for (const type of ['a._listeners', 'a', '_listeners']) bus.emit(type);
    expect(seen).toEqual(['a._listeners', 'a.*', 'a', '_listeners.**']);
  });

  it('E5 symbols and numbers are refused', async () => {
    for (const type of [Symbol('type'), 42] as unknown[] as string[]) {
      const calls = await onEach(async (emitter) => {
        let count = 0;
        emitter.on(type, () => count++);
        await emitter.emit(type);
        return count;
      }, peers);
      expect(calls).toEqual(all(1, peers));

      const wild = new EventEmitter2({ wildcard: true });
      let heard = 0;
      wild.on(type, () => heard++);
      wild.emit(type);
      expect(heard).toBe(0);

      const bus = createEventBus();
      expect(() => bus.emit(type)).toThrow(InvalidEventTypeError);
      expect(() => bus.on(type, () => {})).toThrow(InvalidPatternError);
    }
  });

  it('E5 the empty name is refused', async () => {
    const calls = await onEach(async (emitter) => {
      let count = 0;
      emitter.on('', () => count++);
      await emitter.emit('');
      return count;
    }, peers);
    expect(calls).toEqual(all(1, peers));
    const bus = createEventBus();
    expect(() => bus.emit('')).toThrow(InvalidEventTypeError);
    expect(() => bus.on('', () => {})).toThrow(InvalidPatternError);
  });

  it('E5 letters of any script, emoji and punctuation are fine', async () => {
    const types = ['🦄', 'größe', '名前', 'baz:bat!', 'a/b', 'a-b_c', '{"json":1}'];
    const calls = await onEach(async (emitter) => {
      const seen: unknown[] = [];
      for (const type of types) {
        emitter.on(type, (data) => seen.push(data));
        await emitter.emit(type, type);
      }
      return seen;
    });
    expect(calls).toEqual(all(types));
  });

  it('E6 types of the bus itself can be neither emitted nor subscribed to', async () => {
    const emittery = new Emittery();
    let told = 0;
    emittery.on(Emittery.listenerAdded, () => void told++);
    emittery.on('a', () => {});
    await expect(emittery.emit(Emittery.listenerAdded as never)).rejects.toThrow(TypeError);
    expect(told).toBe(1);

    const emitter2 = new EventEmitter2({ newListener: true });
    emitter2.on('newListener', () => told++);
    emitter2.emit('newListener', 'forged');
    expect(told).toBe(2);

    const bus = createEventBus();
    bus.on('**', () => told++);
    for (const type of ['$reply', '$hello.node']) {
      expect(() => bus.emit(type)).toThrow(InvalidEventTypeError);
      expect(() => bus.on(type, () => {})).toThrow(InvalidPatternError);
    }
    expect(told).toBe(2);
  });
});
