import Emittery from 'emittery';
import EventEmitter2 from 'eventemitter2';
import { describe, expect, it } from 'vitest';
import { createEventBus, type Failure } from '../../index.js';
import { all, onEach, outcomeOf } from './emitters.test.kit.js';

const fail = (message: string) => (): never => {
  throw new Error(message);
};

const failLater = (message: string): (() => unknown) => {
  return async () => fail(message)();
};

describe('peers: errors', () => {
  it('D9 a handler that throws does not stop the others', async () => {
    const calls = await onEach(async (emitter) => {
      const seen: string[] = [];
      emitter.on('a', fail('no'));
      emitter.on('a', () => seen.push('next'));
      await outcomeOf(() => emitter.emit('a'));
      return seen;
    });
    expect(calls).toEqual({ ...all([]), ...all(['next'], ['emittery', 'crosstown']) });
  });

  it('D9 what a handler throws never reaches who emits', async () => {
    const outcomes = await onEach(async (emitter) => {
      emitter.on('a', fail('no'));
      const outcome = await outcomeOf(() => emitter.emit('a'));
      return typeof outcome === 'object' ? 'a result' : outcome;
    });
    expect(outcomes).toEqual({
      ...all('throws Error'),
      emittery: 'rejects with Error',
      crosstown: 'a result',
    });
  });

  it('D9 all failures of an event are in its result, thrown or rejected, of types and wildcards', async () => {
    const reported: Failure[] = [];
    const bus = createEventBus({ onError: (failure) => reported.push(failure) });
    bus.on('a', fail('thrown'));
    bus.on('a', failLater('rejected'));
    bus.on('a.**', fail('of a wildcard'));
    const { failures, delivered } = await bus.emit('a');
    const messages = failures.map(({ error }) => (error as Error).message);
    expect([messages.sort(), delivered]).toEqual([['of a wildcard', 'rejected', 'thrown'], 3]);
    expect(reported).toHaveLength(3);

    const emittery = new Emittery();
    emittery.on('a', fail('thrown'));
    emittery.on('a', async () => fail('rejected')());
    emittery.onAny(fail('of a wildcard'));
    await expect(emittery.emit('a')).rejects.toThrow('thrown');
    const emitter2 = new EventEmitter2();
    let ran = 0;
    emitter2.on('a', failLater('first'));
    emitter2.on('a', failLater('second'));
    emitter2.on('a', () => void ran++);
    await expect(emitter2.emitAsync('a')).rejects.toThrow('first');
    expect(ran).toBe(1);
  });

  it('D11 a promise that a handler returns is looked at, so its rejection is a failure', async () => {
    const reads = await onEach(async (emitter) => {
      let count = 0;
      const rejected = {
        // biome-ignore lint/suspicious/noThenProperty: who reads it is the question.
        get then(): PromiseLike<void>['then'] {
          count++;
          return (_, reject) => Promise.reject(new Error('no')).then(undefined, reject);
        },
      };
      emitter.on('a', () => rejected);
      await outcomeOf(() => emitter.emit('a'));
      return count;
    });
    expect(reads).toEqual({ ...all(0), ...all(1, ['emittery', 'crosstown']) });
  });

  it('the type `error` is like any other', async () => {
    const outcomes = await onEach(async (emitter) => {
      const unheard = await outcomeOf(() => emitter.emit('error', new RangeError('mine')));
      return String(unheard).startsWith('throws') ? unheard : 'nothing';
    });
    expect(outcomes).toEqual({ ...all('nothing'), eventemitter2: 'throws RangeError' });

    const emitter = new EventEmitter2();
    expect(await emitter.emitAsync('error').catch(() => 'rejects')).toBe('rejects');
    emitter.onAny(() => {});
    expect(emitter.emit('error')).toBe(true);
  });

  it('D10 a mistake of the caller throws at once', async () => {
    const outcomes = await onEach(async (emitter) => {
      const outcome = await outcomeOf(() => emitter.emit(true as never));
      return typeof outcome === 'boolean' ? undefined : outcome;
    });
    expect(outcomes).toEqual({
      ...all(undefined),
      emittery: 'rejects with TypeError',
      crosstown: 'throws InvalidEventTypeError',
    });
  });

  it('D3 handlers of lower priority run though one above them failed', async () => {
    const emittery = new Emittery();
    const calls: string[] = [];
    emittery.on('a', fail('no'));
    emittery.on('a', () => void calls.push('emittery'));
    await expect(emittery.emitSerial('a')).rejects.toThrow('no');

    const bus = createEventBus({ onError: () => {} });
    bus.on('a', failLater('no'), { priority: 1 });
    bus.on('a', () => calls.push('crosstown'));
    await bus.emit('a');
    expect(calls).toEqual(['crosstown']);
  });

  it('I3 an observer that throws disturbs nobody', async () => {
    const logger = fail('log');
    const emittery = new Emittery({ debug: { name: 'test', enabled: true, logger } });
    expect(() => emittery.on('a', () => {})).toThrow('log');
    await expect(emittery.emit('a')).rejects.toThrow('log');

    const failures: Failure[] = [];
    const bus = createEventBus({ onError: (failure) => failures.push(failure) });
    bus.inspect(fail('observer'));
    let calls = 0;
    bus.on('a', () => calls++);
    expect((await bus.emit('a')).failures).toEqual([]);
    expect([calls, new Set(failures.map(({ stage }) => stage))]).toEqual([1, new Set(['observer'])]);
  });
});
