import { describe, expect, it } from 'vitest';
import { all, onEach, outcomeOf } from './emitters.test.kit.js';

describe('peers: emitting and unsubscribing during an emit', () => {
  it('D5 an event emitted inside a handler waits until the current one was offered to all', async () => {
    const calls = await onEach(async (emitter) => {
      const seen: string[] = [];
      let inner: unknown;
      emitter.on('outer', () => {
        seen.push('outer 1');
        inner = emitter.emit('inner');
      });
      emitter.on('outer', () => seen.push('outer 2'));
      emitter.on('inner', () => seen.push('inner'));
      await emitter.emit('outer');
      await inner;
      return seen;
    });
    expect(calls).toEqual({
      ...all(['outer 1', 'inner', 'outer 2']),
      ...all(['outer 1', 'outer 2', 'inner'], ['emittery', 'crosstown']),
    });
  });

  it('D5 events that a handler emits are heard in one order by all handlers', async () => {
    const calls = await onEach(async (emitter) => {
      const [first, second]: unknown[][] = [[], []];
      const inner: unknown[] = [];
      emitter.on('n', (data) => {
        first?.push(data);
        if (Number(data) < 3) inner.push(emitter.emit('n', Number(data) + 1));
      });
      emitter.on('n', (data) => second?.push(data));
      await emitter.emit('n', 1);
      for (const emission of inner) await emission;
      return [first, second];
    });
    expect(calls).toEqual({
      ...all([
        [1, 2, 3],
        [3, 2, 1],
      ]),
      ...all(
        [
          [1, 2, 3],
          [1, 2, 3],
        ],
        ['emittery', 'crosstown'],
      ),
    });
  });

  it('D5 15,000 events that each emit the next do not overflow the stack', async () => {
    const outcomes = await onEach(async (emitter) => {
      let heard = 0;
      let emission: unknown;
      emitter.on('n', () => {
        heard++;
        if (heard < 15_000) emission = emitter.emit('n');
      });
      const outcome = await outcomeOf(() => emitter.emit('n'));
      for (let last: unknown; last !== emission; ) {
        last = emission;
        await last;
      }
      return String(outcome).startsWith('throws') ? outcome : heard;
    });
    expect(outcomes).toEqual({ ...all('throws RangeError'), ...all(15_000, ['emittery', 'crosstown']) });
  });

  it('D6 a handler removed during an emit is not called any more', async () => {
    const calls = await onEach(async (emitter) => {
      const seen: string[] = [];
      emitter.on('a', () => {
        seen.push('first');
        off();
      });
      const off = emitter.on('a', () => seen.push('removed'));
      await emitter.emit('a');
      return seen;
    });
    expect(calls).toEqual({ ...all(['first', 'removed']), ...all(['first'], ['emittery', 'crosstown']) });
  });

  it('D6 a handler that removes itself makes no other miss the event', async () => {
    const calls = await onEach(async (emitter) => {
      const seen: string[] = [];
      const off = emitter.on('a', () => {
        seen.push('once');
        off();
      });
      emitter.on('a', () => seen.push('next'));
      emitter.on('a', () => seen.push('last'));
      await emitter.emit('a');
      await emitter.emit('a');
      return seen;
    });
    expect(calls).toEqual(all(['once', 'next', 'last', 'next', 'last']));
  });

  it('D6 a handler added during an emit starts with the next event', async () => {
    const calls = await onEach(async (emitter) => {
      const seen: string[] = [];
      emitter.on('a', () => {
        seen.push('first');
        if (seen.length === 1) emitter.on('a', () => seen.push('added'));
      });
      await emitter.emit('a');
      await emitter.emit('a');
      return seen;
    });
    expect(calls).toEqual(all(['first', 'first', 'added']));
  });

  it('D6 removing everything during an emit ends it', async () => {
    const calls = await onEach(async (emitter) => {
      const seen: string[] = [];
      emitter.on('a', () => {
        seen.push('first');
        emitter.clear();
      });
      emitter.on('a', () => seen.push('second'));
      await emitter.emit('a');
      return seen;
    });
    expect(calls).toEqual({ ...all(['first', 'second']), ...all(['first'], ['emittery', 'crosstown']) });
  });
});
