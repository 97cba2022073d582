import EventEmitter2 from 'eventemitter2';
import { describe, expect, it } from 'vitest';
import { createEventBus } from '../../index.js';
import { all, onEach } from './emitters.test.kit.js';

describe('peers: order', () => {
  it('D1 handlers of one type are called in order of subscription, at every emit', async () => {
    const calls = await onEach(async (emitter) => {
      const seen: unknown[] = [];
      emitter.on('a', (data) => seen.push(`first ${data}`));
      emitter.on('a', (data) => seen.push(`second ${data}`));
      emitter.on('b', () => seen.push('another type'));
      await emitter.emit('a', 1);
      await emitter.emit('a', 2);
      return seen;
    });
    expect(calls).toEqual(all(['first 1', 'second 1', 'first 2', 'second 2']));
  });

  it('D1 a handler that is to go first has a priority', () => {
    const seen: string[] = [];
    const emitter = new EventEmitter2();
    emitter.on('a', () => seen.push('second'));
    emitter.prependListener('a', () => seen.push('first'));
    emitter.onAny(() => seen.push('any, second'));
    emitter.prependAny(() => seen.push('any, first'));
    emitter.emit('a');
    expect(seen).toEqual(['any, first', 'any, second', 'first', 'second']);

    const bus = createEventBus();
    const ours: string[] = [];
    bus.on('a', () => ours.push('third'));
    bus.on('**', () => ours.push('second'), { priority: 1 });
    bus.on('a', () => ours.push('first'), { priority: 2 });
    bus.emit('a');
    expect(ours).toEqual(['first', 'second', 'third']);
  });

  it('D1 wildcards and exact types take turns in order of subscription', async () => {
    const calls = await onEach(
      async (emitter) => {
        const seen: string[] = [];
        emitter.on('a', () => seen.push('exact'));
        emitter.any(() => seen.push('any'));
        emitter.on('a', () => seen.push('exact again'));
        await emitter.emit('a');
        return seen;
      },
      ['mitt', 'emittery', 'eventemitter2', 'crosstown'],
    );
    expect(calls).toEqual({
      mitt: ['exact', 'exact again', 'any'],
      emittery: ['exact', 'exact again', 'any'],
      eventemitter2: ['any', 'exact', 'exact again'],
      crosstown: ['exact', 'any', 'exact again'],
    });

    const patterns = ['**', 'a.*', 'a.b', '*.b'];
    const [ofPeer, ours]: string[][] = [[], []];
    const emitter = new EventEmitter2({ wildcard: true });
    const bus = createEventBus();
    for (const pattern of patterns) {
      emitter.on(pattern, () => ofPeer?.push(pattern));
      bus.on(pattern, () => ours?.push(pattern));
    }
    emitter.emit('a.b');
    bus.emit('a.b');
    expect(ofPeer).toEqual(['a.b', 'a.*', '*.b', '**']);
    expect(ours).toEqual(patterns);
  });
});
