import Emittery from 'emittery';
import EventEmitter2 from 'eventemitter2';
import mitt from 'mitt';
import { describe, expect, it } from 'vitest';
import { createEventBus, InvalidOptionError } from '../../index.js';
import { all, onEach, outcomeOf } from './emitters.test.kit.js';

const withOff = ['mitt', 'eventemitter3', 'emittery', 'eventemitter2', 'crosstown'] as const;

describe('peers: off', () => {
  it('off with a type and a handler removes all subscriptions of that pair', async () => {
    const left = await onEach(async (emitter) => {
      const seen: string[] = [];
      const handler = (): number => seen.push('twice');
      emitter.on('a', handler);
      emitter.on('a', handler);
      emitter.on('a', () => seen.push('another handler'));
      emitter.on('b', handler);
      emitter.off('a', handler);
      await emitter.emit('a');
      await emitter.emit('b');
      return seen;
    }, withOff);
    expect(left).toEqual({
      ...all(['another handler', 'twice'], withOff),
      ...all(['twice', 'another handler', 'twice'], ['mitt']),
      ...all(['twice', 'another handler', 'twice'], ['eventemitter2']),
    });
  });

  it('off with a type alone removes its handlers and no others', async () => {
    const left = await onEach(async (emitter, name) => {
      const seen: string[] = [];
      emitter.on('a', () => seen.push('a'));
      emitter.on('a', () => seen.push('a again'));
      emitter.on('aa', () => seen.push('aa'));
      if (name !== 'eventemitter3') emitter.any((type) => seen.push(`any ${type}`));
      emitter.clear('a');
      await emitter.emit('a');
      await emitter.emit('aa');
      return seen.sort();
    }, withOff);
    expect(left).toEqual({ ...all(['aa', 'any a', 'any aa'], withOff), eventemitter3: ['aa'] });
  });

  it('off without arguments removes everything, wildcards too', async () => {
    const left = await onEach(async (emitter, name) => {
      const seen: string[] = [];
      emitter.on('a', () => seen.push('a'));
      emitter.on('b', () => seen.push('b'));
      if (name !== 'eventemitter3') emitter.any(() => seen.push('any'));
      emitter.clear();
      for (const type of ['a', 'b']) await emitter.emit(type);
      return seen;
    }, withOff);
    expect(left).toEqual({ ...all([], withOff), eventemitter2: ['any', 'any'] });

    const byOff = mitt<{ a: undefined }>();
    const seen: string[] = [];
    byOff.on('a', () => seen.push('a'));
    (byOff.off as (type?: string) => void)();
    byOff.emit('a');
    expect(seen).toEqual(['a']);
  });

  it('off with some types of a list removes nothing, as a list is one subscription', async () => {
    const emittery = new Emittery();
    const bus = createEventBus();
    const calls: string[] = [];
    const [ofPeer, ours] = [(): void => void calls.push('emittery'), (): void => void calls.push('crosstown')];
    emittery.on(['a', 'b', 'c'], ofPeer);
    emittery.off(['a', 'b'], ofPeer);
    const subscription = bus.on(['a', 'b', 'c'], ours);
    bus.off(['a', 'b'], ours);
    bus.off('a', ours);
    for (const type of ['a', 'b', 'c']) {
      await emittery.emit(type);
      await bus.emit(type);
    }
    expect(calls).toEqual(['crosstown', 'crosstown', 'emittery', 'crosstown']);
    bus.off(['c', 'b', 'a'], ours);
    expect(subscription.active).toBe(false);
  });

  it('off for a type or handler that is not there changes nothing', async () => {
    const calls = await onEach(async (emitter) => {
      let count = 0;
      emitter.on('a', () => count++);
      emitter.off('a', () => {});
      emitter.off('aa', () => {});
      emitter.clear('aa');
      await emitter.emit('a');
      return count;
    }, withOff);
    expect(calls).toEqual(all(1, withOff));
  });

  it('D10 off with something else for a handler throws', async () => {
    const outcomes = await onEach(
      async (emitter) => {
        let count = 0;
        emitter.on('a', () => count++);
        const outcome = await outcomeOf(() => emitter.off('a', 'no function' as never));
        await emitter.emit('a');
        return [outcome, count];
      },
      ['mitt', 'eventemitter3', 'emittery', 'eventemitter2'],
    );
    expect(outcomes).toEqual({
      mitt: [undefined, 1],
      eventemitter3: [undefined, 1],
      emittery: ['throws TypeError', 1],
      eventemitter2: ['throws Error', 1],
    });
    const bus = createEventBus();
    let count = 0;
    bus.on('a', () => count++);
    expect(() => bus.off('a', 'no function' as never)).toThrow(InvalidOptionError);
    bus.emit('a');
    expect(count).toBe(1);
  });

  it('off for what is no text throws', async () => {
    const outcomes = await onEach((emitter) => outcomeOf(() => emitter.off(true as never, () => {})), withOff);
    expect(outcomes).toEqual({
      ...all(undefined, withOff),
      emittery: 'throws TypeError',
      crosstown: expect.stringMatching(/^throws /),
    });
  });

  it('D10 off with a type and undefined for a handler throws, and removes nobody', async () => {
    const outcomes = await onEach(
      async (emitter) => {
        let count = 0;
        emitter.on('a', () => count++);
        const outcome = await outcomeOf(() => emitter.off('a', undefined as never));
        await emitter.emit('a');
        return [outcome, count];
      },
      ['mitt', 'eventemitter3', 'emittery', 'eventemitter2'],
    );
    expect(outcomes).toEqual({
      mitt: [undefined, 0],
      eventemitter3: [undefined, 0],
      emittery: ['throws TypeError', 1],
      eventemitter2: ['throws Error', 1],
    });
    const bus = createEventBus();
    let count = 0;
    bus.on('a', () => count++);
    expect(() => bus.off('a', undefined)).toThrow(InvalidOptionError);
    bus.emit('a');
    expect(count).toBe(1);
  });

  it('off with a wildcard leaves what the wildcard matches', () => {
    const calls: string[] = [];
    const emitter = new EventEmitter2({ wildcard: true });
    const ofPeer = (): number => calls.push('eventemitter2');
    emitter.on('a.b', ofPeer);
    emitter.on('*.b', ofPeer);
    emitter.off('*.b', ofPeer);
    emitter.emit('a.b');

    const bus = createEventBus();
    const ours = (): number => calls.push('crosstown');
    bus.on('a.b', ours);
    bus.on('*.b', ours);
    bus.off('*.b', ours);
    bus.emit('a.b');
    expect(calls).toEqual(['crosstown']);
  });
});
