import EventEmitter2 from 'eventemitter2';
import { describe, expect, it } from 'vitest';
import { createEventBus, InvalidEventTypeError, InvalidPatternError } from '../../index.js';
import { all, names, onEach, outcomeOf } from './emitters.test.kit.js';

const peers = names.filter((name) => name !== 'crosstown');

describe('peers: names with wildcards, dots and gaps', () => {
  it('E5 emitting a wildcard throws', async () => {
    const calls = await onEach(async (emitter) => {
      let count = 0;
      emitter.on('*', () => count++);
      await emitter.emit('*');
      return count;
    }, peers);
    expect(calls).toEqual({ ...all(1, peers), mitt: 2 });

    const emitter = new EventEmitter2({ wildcard: true });
    const seen: string[] = [];
    for (const type of ['a.b', 'a.c', 'b']) emitter.on(type, () => seen.push(type));
    emitter.emit('a.*');
    expect(seen.sort()).toEqual(['a.b', 'a.c']);

    const bus = createEventBus();
    for (const type of ['*', '**', 'a.*', '**.b']) expect(() => bus.emit(type)).toThrow(InvalidEventTypeError);
  });

  it('E5 an empty segment in a type throws', async () => {
    const types = ['.a', 'a.', 'a..b'];
    const calls = await onEach(async (emitter) => {
      let count = 0;
      for (const type of types) {
        emitter.on(type, () => count++);
        await emitter.emit(type);
      }
      return count;
    }, peers);
    expect(calls).toEqual(all(3, peers));

    const emitter = new EventEmitter2({ wildcard: true });
    const seen: string[] = [];
    emitter.on('a.*', () => seen.push('a.*'));
    emitter.emit('a.');
    expect(seen).toEqual(['a.*']);

    const bus = createEventBus();
    for (const type of types) expect(() => bus.emit(type)).toThrow(InvalidEventTypeError);
  });

  it('P2 a star inside a segment, or an empty segment, in a pattern throws', () => {
    const patterns = ['a*', '*a', 'a.b*', 'a.*b.c', '***', '.a', 'a.', 'a..*'];
    const emitter = new EventEmitter2({ wildcard: true });
    const heardByPeer: string[] = [];
    for (const pattern of patterns) emitter.on(pattern, () => heardByPeer.push(pattern));
    for (const type of ['ab', 'ba', 'a.bb', 'a.bb.c', 'a', 'b', 'a.b.c']) emitter.emit(type);
    expect(heardByPeer).toEqual([]);
    const bus = createEventBus();
    for (const pattern of patterns) expect(() => bus.on(pattern, () => {})).toThrow(InvalidPatternError);
  });

  it('E5 the dot is the only separator', () => {
    const seen: string[] = [];
    const emitter = new EventEmitter2({ wildcard: true, delimiter: '::' });
    emitter.on('a::*', () => seen.push('eventemitter2'));
    emitter.emit('a::b');
    const bus = createEventBus();
    expect(() => bus.on('a::*', () => {})).toThrow(InvalidPatternError);
    bus.on('x.*', (event) => seen.push(event.type));
    bus.on('x.*.*', () => seen.push('split'));
    for (const type of ['x.a::b', 'x.a/b']) bus.emit(type);
    expect(seen).toEqual(['eventemitter2', 'x.a::b', 'x.a/b']);
  });

  it('E5 a type in the form of an array throws', async () => {
    const emitter = new EventEmitter2({ wildcard: true });
    const seen: string[] = [];
    emitter.on('a.b', () => seen.push('eventemitter2'));
    emitter.emit(['a', 'b']);
    expect(seen).toEqual(['eventemitter2']);
    const bus = createEventBus();
    expect(await outcomeOf(() => bus.emit(['a', 'b'] as never))).toBe('throws InvalidEventTypeError');
  });

  it('E7 the type a handler reads stays the same when it emits another event', () => {
    const emitter = new EventEmitter2({ wildcard: true });
    const seen: string[] = [];
    emitter.on('a', function (this: { event: string }) {
      emitter.emit('b');
      seen.push(this.event);
    });
    emitter.on('b', () => {});
    emitter.emit('a');
    expect(seen).toEqual(['b']);

    const bus = createEventBus();
    bus.on('a', (event) => {
      bus.emit('b');
      seen.push(event.type);
    });
    bus.on('b', () => {});
    bus.emit('a');
    expect(seen).toEqual(['b', 'a']);
  });
});
