import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createTestEventBus } from '../../testing/index.js';

interface Taken {
  readonly items: readonly number[];
  readonly atMs: number;
  /** Batches under way when this one began, itself included. */
  readonly running: number;
}

const step = fc.oneof(
  fc.record({ emit: fc.integer({ min: 1, max: 7 }) }),
  fc.record({ advance: fc.integer({ min: 0, max: 150 }) }),
  fc.record({ cancel: fc.integer({ min: 0, max: 40 }) }),
);
const options = fc.record({
  size: fc.integer({ min: 1, max: 5 }),
  maxWaitMs: fc.integer({ min: 0, max: 100 }),
  concurrency: fc.constantFrom(1, 2, Number.POSITIVE_INFINITY),
  /** How long a batch takes; 0 is synchronous. */
  takesMs: fc.constantFrom(0, 0, 30, 200),
  /** Batches that begin with a multiple of this fail the first time; 0 for none. */
  fails: fc.constantFrom(0, 0, 1, 3),
  ending: fc.constantFrom('wait', 'drain', 'close', 'off'),
});

describe('any run of emits, waits, failures and cancels', () => {
  it('Q5 has every event in one batch, in order, none too large, too late or too many at a time', async () => {
    await fc.assert(
      fc.asyncProperty(options, fc.array(step, { maxLength: 25 }), async (given, steps) => {
        const { size, maxWaitMs, concurrency, takesMs, fails, ending } = given;
        const bus = createTestEventBus<{ a: number }>();
        const { clock } = bus;
        const begin = clock.now();
        const taken: Taken[] = [];
        const failed = new Set<number>();
        let running = 0;
        const off = bus.on(
          'a',
          (events, { attempt }) => {
            const items = events.map(({ data }) => data);
            if (attempt === 1 && (items[0] as number) % fails === 0) {
              for (const item of items) failed.add(item);
              throw new Error('down');
            }
            running++;
            taken.push({ items, atMs: clock.now() - begin, running });
            if (takesMs > 0) {
              return new Promise<void>((resolve) => void clock.setTimeout(() => resolve(void running--), takesMs));
            }
            running--;
            return undefined;
          },
          { batch: { size, maxWaitMs }, concurrency, retry: { attempts: 2, delayMs: 50, jitter: 0 } },
        );
        const emissions: ReturnType<typeof bus.emit<'a'>>[] = [];
        const emittedAt: number[] = [];
        const cancelled = new Set<number>();
        for (const one of steps) {
          if ('advance' in one) await clock.advance(one.advance);
          else if ('emit' in one) {
            for (let i = 0; i < one.emit; i++) {
              emittedAt.push(clock.now() - begin);
              emissions.push(bus.emit('a', emissions.length));
            }
          } else if (one.cancel < emissions.length && !taken.some(({ items }) => items.includes(one.cancel))) {
            emissions[one.cancel]?.event.cancel();
            cancelled.add(one.cancel);
          }
        }
        if (ending === 'drain') {
          const drained = off.drain();
          await clock.advance(60_000);
          await drained;
        } else if (ending === 'wait') await clock.advance(60_000);
        else if (ending === 'off') {
          off();
          // Nothing waits any longer, for whatever.
          if (takesMs === 0) expect(clock.pending).toBe(0);
          await clock.advance(1_000);
        } else {
          const closed = bus.close({ timeoutMs: 1_000 });
          await clock.advance(10_000);
          await closed;
        }

        const seen = taken.flatMap(({ items }) => items);
        const wanted = emissions.map((_, i) => i).filter((i) => !cancelled.has(i));
        const isOver = ending === 'wait' || ending === 'drain';
        // Others overtake what waits to be tried again, unless batches are one at a time.
        const mayPass = failed.size > 0 && concurrency > 1;
        const inOrder = mayPass ? seen.toSorted((a, b) => a - b) : seen;
        // What waits for another batch to end when the bus closes is not handled, as of any subscription.
        if (isOver) expect(inOrder).toEqual(wanted);
        else expect(inOrder).toEqual(wanted.filter((i) => seen.includes(i)));
        if (ending === 'close' && failed.size === 0 && concurrency === Number.POSITIVE_INFINITY)
          expect(seen).toEqual(wanted);
        for (const { items, atMs, running: many } of taken) {
          expect(items.length).toBeGreaterThan(0);
          expect(items.length).toBeLessThanOrEqual(size);
          expect(many).toBeLessThanOrEqual(concurrency);
          const waitedMs = atMs - (emittedAt[items[0] as number] as number);
          const isShort = items.length < size && ending === 'wait';
          if (isShort && cancelled.size === 0) expect(waitedMs).toBeGreaterThanOrEqual(maxWaitMs);
          const isFree = concurrency === Number.POSITIVE_INFINITY || (takesMs === 0 && failed.size === 0);
          if (isFree && !failed.has(items[0] as number)) expect(waitedMs).toBeLessThanOrEqual(maxWaitMs);
        }
        for (const [i, emission] of emissions.entries()) {
          const { failures } = await emission;
          expect(failures).toHaveLength(failed.has(i) && !seen.includes(i) ? 1 : 0);
        }
        expect([clock.pending, bus.stats().inFlight]).toEqual([0, 0]);
      }),
      { numRuns: 200 },
    );
  }, 20_000);
});
