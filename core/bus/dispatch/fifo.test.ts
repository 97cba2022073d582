import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Fifo } from './fifo.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ push: fc.integer({ min: 1, max: 40 }) }) },
  { weight: 6, arbitrary: fc.record({ shift: fc.integer({ min: 1, max: 40 }) }) },
  { weight: 1, arbitrary: fc.constant('clear' as const) },
);

describe('a fifo', () => {
  it('hands out in order of arrival, however it grew, wrapped around and was emptied', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const fifo = new Fifo<number>();
        let expected: number[] = [];
        let arrivals = 0;
        for (const one of steps) {
          if (one === 'clear') {
            fifo.clear();
            expected = [];
          } else if ('push' in one) {
            for (let i = 0; i < one.push; i++) {
              fifo.push(arrivals);
              expected.push(arrivals++);
            }
          } else for (let i = 0; i < one.shift; i++) expect(fifo.shift()).toBe(expected.shift());
          expect(fifo.size).toBe(expected.length);
        }
      }),
    );
  });

  it('lets go of what has left, also of room for thousands', async () => {
    const fifo = new Fifo<object>();
    const left: WeakRef<object>[] = [];
    (() => {
      for (let i = 0; i < 5000; i++) {
        const item = {};
        left.push(new WeakRef(item));
        fifo.push(item);
      }
      while (fifo.size > 2) fifo.shift();
    })();
    await new Promise((resolve) => setTimeout(resolve));
    collectGarbage();
    expect(left.filter((ref) => ref.deref() !== undefined)).toHaveLength(2);
  });
});
