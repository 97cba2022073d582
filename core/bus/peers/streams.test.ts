import Emittery from 'emittery';
import { describe, expect, it } from 'vitest';
import { createEventBus } from '../../index.js';
import { reactions } from '../deferred.test.kit.js';
import { sources } from './streams.test.kit.js';

describe('peers: streams', () => {
  it('R7 a stream hands out the events of all its types from then on, in order', async () => {
    for (const { iterator, emit } of sources(['a', 'b'])) {
      await emit('a', 1);
      await emit('b', 2);
      await emit('c', 'another type');
      const seen: unknown[] = [];
      const reading = (async () => {
        for await (const data of iterator) {
          seen.push(data);
          if (data === 3) break;
        }
      })();
      await reactions();
      await emit('a', 3);
      await reading;
      expect(seen).toEqual([1, 2, 3]);
      expect(await iterator.next()).toMatchObject({ done: true });
    }
  });

  it('R7 a stream of everything hands out every event with its type', async () => {
    const emittery = new Emittery();
    const all = emittery.anyEvent();
    const bus = createEventBus();
    const stream = bus.stream('**');
    for (const type of ['a', 'b.c']) {
      await emittery.emit(type, 1);
      bus.emit(type, 1);
    }
    expect([await all.next(), await all.next()].map(({ value }) => value)).toEqual([
      ['a', 1],
      ['b.c', 1],
    ]);
    const events = [await stream.next(), await stream.next()];
    expect(events.map(({ value }) => [value.type, value.data])).toEqual([
      ['a', 1],
      ['b.c', 1],
    ]);
    await all.return?.();
    await stream.return?.();
  });

  it('R7 a stream made after everything was removed works', async () => {
    const bus = createEventBus();
    bus.off();
    const stream = bus.stream('**');
    bus.emit('a', 1);
    expect((await stream.next()).value.data).toBe(1);
    // The promise of a reader is answered by nobody: emittery has forgotten whom to tell.
    const emittery = new Emittery();
    emittery.clearListeners();
    const iterator = emittery.anyEvent();
    await emittery.emit('a', 1);
    let answered = false;
    void iterator.next().then(() => {
      answered = true;
    });
    await reactions();
    expect(answered).toBe(false);
  });

  it('R7 a stream keeps a bounded number of events for its reader', async () => {
    const emittery = new Emittery();
    const unbounded = emittery.events('a');
    const bus = createEventBus();
    const stream = bus.stream('a', { buffer: 2 });
    for (let i = 1; i <= 2_000; i++) {
      await emittery.emit('a', i);
      bus.emit('a', i);
    }
    expect((await unbounded.next()).value).toBe(1);
    expect([(await stream.next()).value.data, (await stream.next()).value.data]).toEqual([1_999, 2_000]);
  });

  it('R7 a stream hands out a promise in data as it is', async () => {
    const promise = Promise.resolve('later');
    const got: unknown[] = [];
    for (const { iterator, emit } of sources(['a'])) {
      await emit('a', { promise });
      await emit('a', promise);
      got.push((await iterator.next()).value);
    }
    expect(got).toEqual([{ promise }, { promise }]);
    const bus = createEventBus();
    const stream = bus.stream('a');
    bus.emit('a', promise);
    expect((await stream.next()).value.data).toBe(promise);
    const emittery = new Emittery();
    const events = emittery.events('a');
    await emittery.emit('a', promise);
    expect((await events.next()).value).toBe('later');
  });
});
