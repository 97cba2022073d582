import Emittery from 'emittery';
import EventEmitter2 from 'eventemitter2';
import EventEmitter3 from 'eventemitter3';
import mitt from 'mitt';
import { createNanoEvents } from 'nanoevents';
import { describe, expect, it } from 'vitest';
import { createEventBus, InvalidOptionError } from '../../index.js';
import { all, onEach, outcomeOf } from './emitters.test.kit.js';

/** An emitter that passes on whatever it is given. */
interface Loose {
  on(type: string, handler: (...given: unknown[]) => void): unknown;
  emit(type: string, ...data: unknown[]): unknown;
}

describe('peers: subscribing and emitting', () => {
  it('E1 a handler is called with the event and its delivery', async () => {
    const seen: Record<string, unknown[]> = {};
    const handler =
      (name: string) =>
      (...given: unknown[]): void => {
        seen[name] = given;
      };
    const emitters: Record<string, Loose> = {
      nanoevents: createNanoEvents(),
      eventemitter3: new EventEmitter3(),
      eventemitter2: new EventEmitter2(),
    };
    for (const [name, emitter] of Object.entries(emitters)) {
      emitter.on('a', handler(name));
      emitter.emit('a', 1, 2, 3);
    }
    const one = mitt<{ a: number }>();
    one.on('a', handler('mitt'));
    one.emit('a', 1);
    const other = new Emittery();
    other.on('a', handler('emittery'));
    await other.emit('a', 1);
    expect(seen).toEqual({
      mitt: [1],
      nanoevents: [1, 2, 3],
      eventemitter3: [1, 2, 3],
      emittery: [1],
      eventemitter2: [1, 2, 3],
    });
    const bus = createEventBus();
    const given: unknown[][] = [];
    bus.on('a', (...both) => given.push(both));
    const { event } = bus.emit('a', [1, 2, 3]);
    expect(given).toEqual([[event, expect.objectContaining({ emit: expect.any(Function) })]]);
    expect(event.data).toEqual([1, 2, 3]);
  });

  it('E7 the data of an event is the same object for every handler', async () => {
    const data = { a: 'b' };
    const same = await onEach(async (emitter) => {
      const seen: unknown[] = [];
      emitter.on('a', (given) => seen.push(given));
      emitter.on('a', (given) => seen.push(given));
      await emitter.emit('a', data);
      return seen.length === 2 && seen.every((one) => one === data);
    });
    expect(same).toEqual(all(true));
  });

  it('D2 the first handler has started when emit returns', async () => {
    const started = await onEach(async (emitter) => {
      let calls = 0;
      emitter.on('a', () => calls++);
      const emission = emitter.emit('a');
      const atOnce = calls;
      await emission;
      return [atOnce, calls];
    });
    expect(started).toEqual({ ...all([1, 1]), emittery: [0, 1] });
  });

  it('D10 what is no function is refused by on', async () => {
    const on = await onEach((emitter) => outcomeOf(() => void emitter.on('a', 'handler' as never)));
    expect(on).toEqual({
      mitt: undefined,
      nanoevents: undefined,
      eventemitter3: 'throws TypeError',
      emittery: 'throws TypeError',
      eventemitter2: 'throws Error',
      crosstown: undefined,
    });
    const later = await onEach(
      (emitter) => {
        emitter.on('a', 'handler' as never);
        return outcomeOf(() => emitter.emit('a'));
      },
      ['mitt', 'nanoevents'],
    );
    expect(later).toEqual(all('throws TypeError', ['mitt', 'nanoevents']));
    const bus = createEventBus();
    for (const handler of ['handler', undefined, null, {}]) {
      expect(() => bus.on('a', handler as never)).toThrow(InvalidOptionError);
    }
  });

  it('whether anybody was called is a count in the result', async () => {
    const told = await onEach(
      async (emitter) => {
        emitter.on('heard', () => {});
        return [await emitter.emit('heard'), await emitter.emit('unheard')];
      },
      ['mitt', 'nanoevents', 'eventemitter3', 'emittery', 'eventemitter2'],
    );
    expect(told).toEqual({
      ...all([undefined, undefined], ['mitt', 'nanoevents', 'emittery']),
      ...all([true, false], ['eventemitter3', 'eventemitter2']),
    });
    const bus = createEventBus();
    bus.on('heard', () => {});
    bus.on('**', () => {}, { filter: (event) => event.type === 'heard' });
    const counts = [await bus.emit('heard'), await bus.emit('unheard')].map(({ delivered }) => delivered);
    expect(counts).toEqual([2, 0]);
  });

  it('P4 a list of types is one subscription to all of them, called once for an event', async () => {
    const bus = createEventBus();
    const seen: string[] = [];
    bus.on(['a', 'b', 'a', '*'], (event) => seen.push(event.type));
    for (const type of ['a', 'b', 'c']) bus.emit(type);
    expect(seen).toEqual(['a', 'b', 'c']);

    const emittery = new Emittery();
    let calls = 0;
    emittery.on(['a', 'b', 'a'], () => void calls++);
    for (const type of ['a', 'b', 'c']) await emittery.emit(type);
    expect(calls).toBe(2);

    const emitter2 = new EventEmitter2({ wildcard: true });
    const heard: string[] = [];
    emitter2.on(['a', 'b'], () => heard.push('a and b'));
    for (const type of ['a', 'b', 'a.b']) emitter2.emit(type);
    expect(heard).toEqual(['a and b']);
  });

  it('two emitters do not hear each other', async () => {
    const calls: string[] = [];
    await onEach((emitter, name) => {
      emitter.on('a', () => calls.push(name));
    });
    await onEach((emitter) => emitter.emit('a'));
    expect(calls).toEqual([]);
  });

  it('E5 types that differ in case are two types, to on, emit and off', async () => {
    const calls = await onEach(async (emitter) => {
      const seen: string[] = [];
      const off = emitter.on('Foo', () => seen.push('Foo'));
      emitter.on('FOO', () => seen.push('FOO'));
      await emitter.emit('Foo');
      await emitter.emit('foo');
      off();
      await emitter.emit('Foo');
      await emitter.emit('FOO');
      return seen;
    });
    expect(calls).toEqual(all(['Foo', 'FOO']));
  });
});
