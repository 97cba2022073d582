import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { uuidv7 } from './id.js';

const time = fc.integer({ min: 0, max: 2 ** 48 - 1 });
const count = fc.integer({ min: 0, max: 2 ** 32 - 1 });

describe('uuidv7', () => {
  it('E2 is a UUID of version 7 and variant 10 whose first 48 bits are the timestamp', () => {
    fc.assert(
      fc.property(time, count, (timestamp, sequence) => {
        const id = uuidv7(timestamp, sequence);
        expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
        expect(Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16)).toBe(timestamp);
      }),
    );
  });

  it('E2 sorts as text by timestamp, then by sequence', () => {
    fc.assert(
      fc.property(time, count, time, count, (timeA, countA, timeB, countB) => {
        fc.pre(timeA !== timeB || countA !== countB);
        const earlier = timeA < timeB || (timeA === timeB && countA < countB);
        expect(uuidv7(timeA, countA) < uuidv7(timeB, countB)).toBe(earlier);
      }),
    );
  });

  it('E2 differs between nodes that emit at the same time with the same sequence', () => {
    const ids = new Set(Array.from({ length: 20_000 }, () => uuidv7(1_700_000_000_000, 1)));
    expect(ids.size).toBe(20_000);
  });

  it('E2 takes six random bytes that no other id has, drawn for 512 ids at once', () => {
    const draw = vi.spyOn(crypto, 'getRandomValues').mockImplementation((bytes) => {
      (bytes as Uint8Array).forEach((_, at, all) => {
        all[at] = at;
      });
      return bytes;
    });
    try {
      while (draw.mock.calls.length === 0) uuidv7(0, 0);
      // The first of them made the bus draw.
      for (let id = 1; id < 512; id++) {
        const bytes = [0, 1, 2, 3, 4, 5].map((at) => (6 * id + at) & 255);
        const [first = 0, ...rest] = bytes;
        const hex = [first & 3, ...rest].map((byte) => byte.toString(16).padStart(2, '0')).join('');
        expect(uuidv7(0, 0).slice(-12)).toBe(hex);
      }
      expect(draw).toHaveBeenCalledTimes(1);
      uuidv7(0, 0);
      expect(draw).toHaveBeenCalledTimes(2);
    } finally {
      draw.mockRestore();
    }
  });
});
