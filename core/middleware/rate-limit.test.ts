import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvalidOptionError, InvalidPatternError } from '../index.js';
import { createTestEventBus, type TestEventBus } from '../testing/index.js';
import { type RateLimitOptions, rateLimit } from './rate-limit.js';

/** A test bus that limits its rate by its own time. */
function limited(options: RateLimitOptions): TestEventBus {
  const bus = createTestEventBus();
  bus.use(rateLimit({ clock: bus.clock, ...options }));
  return bus;
}

/** How an event of each source, or type, fared, one after the other. */
async function fates(bus: TestEventBus, ...sources: string[]): Promise<string[]> {
  const results = await Promise.all(sources.map((source) => bus.emit({ type: 'tick', data: 0, source })));
  return results.map(({ status }) => status);
}

const [ok, no] = ['delivered', 'vetoed'];

describe('the rate limit', () => {
  it('vetoes what exceeds it, by name, until the window has slid on', async () => {
    const bus = limited({ limit: 2, windowMs: 1_000 });
    expect(await fates(bus, 'a', 'a', 'a')).toEqual([ok, ok, no]);
    await bus.clock.advance(999);
    expect(await fates(bus, 'a')).toEqual([no]);
    await bus.clock.advance(1);
    expect(await fates(bus, 'a', 'a', 'a')).toEqual([ok, ok, no]);
    expect(await bus.emit('tick')).toMatchObject({ status: 'delivered', vetoedBy: undefined });
    expect(await bus.emit({ type: 'tick', data: 0, source: 'a' })).toMatchObject({
      delivered: 0,
      vetoedBy: 'rateLimit',
    });
    expect(bus.getErrorCount()).toBe(0);
  });

  it('slides: what passed leaves the window one by one', async () => {
    const bus = limited({ limit: 2, windowMs: 1_000 });
    expect(await fates(bus, 'a')).toEqual([ok]);
    await bus.clock.advance(600);
    expect(await fates(bus, 'a', 'a')).toEqual([ok, no]);
    await bus.clock.advance(400);
    expect(await fates(bus, 'a', 'a')).toEqual([ok, no]);
    await bus.clock.advance(600);
    expect(await fates(bus, 'a', 'a')).toEqual([ok, no]);
  });

  it('counts by source, or by what it is told to', async () => {
    const bySource = limited({ limit: 1, windowMs: 1_000 });
    expect(await fates(bySource, 'a', 'b', 'a', 'b')).toEqual([ok, ok, no, no]);
    const together = limited({ limit: 1, windowMs: 1_000, key: () => '' });
    expect(await fates(together, 'a', 'b')).toEqual([ok, no]);
    const byProto = limited({ limit: 1, windowMs: 1_000, key: ({ source }) => source });
    expect(await fates(byProto, '__proto__', '__proto__', 'constructor')).toEqual([ok, no, ok]);
  });

  it('leaves types alone that its pattern does not match', async () => {
    const bus = limited({ limit: 1, windowMs: 1_000, pattern: 'analytics.**' });
    const results = await Promise.all(
      ['analytics.click', 'analytics.click', 'order.placed'].map((type) => bus.emit(type)),
    );
    expect(results.map(({ status }) => status)).toEqual([ok, no, ok]);
  });

  it('keeps handlers in the emitting tick', () => {
    const bus = limited({ limit: 1, windowMs: 1_000 });
    let called = 0;
    bus.on('tick', () => called++);
    bus.emit('tick');
    bus.emit('tick');
    expect(called).toBe(1);
  });

  it('goes by time that has gone by, whatever the time of day and the timestamps of events say', async () => {
    const bus = limited({ limit: 1, windowMs: 1_000, key: () => '' });
    expect(await fates(bus, 'a')).toEqual([ok]);
    bus.clock.set(bus.clock.now() - 3_600_000);
    expect((await bus.emit({ type: 'tick', data: 0, timestamp: bus.clock.now() + 86_400_000 })).status).toBe(no);
    await bus.clock.advance(1_000);
    expect(await fates(bus, 'a')).toEqual([ok]);
  });

  it('remembers so many keys and forgets the one that was quiet for longest', async () => {
    const bus = limited({ limit: 1, windowMs: 1_000, maxKeys: 2 });
    expect(await fates(bus, 'a', 'b', 'a', 'c')).toEqual([ok, ok, no, ok]);
    expect(await fates(bus, 'a', 'c')).toEqual([no, no]);
    expect(await fates(bus, 'b')).toEqual([ok]);
    expect(await fates(bus, 'a', 'b')).toEqual([ok, no]);
    const other = limited({ limit: 1, windowMs: 1_000, maxKeys: 2 });
    expect(await fates(other, 'a', 'b', 'b', 'a')).toEqual([ok, ok, no, no]);
  });

  it('vetoes when its key fails, and the bus reports why', async () => {
    const bus = limited({
      limit: 1,
      windowMs: 1_000,
      key: () => {
        throw new Error('who?');
      },
    });
    expect(await fates(bus, 'a')).toEqual([no]);
    expect(bus.failures).toMatchObject([{ stage: 'middleware', by: 'rateLimit', error: new Error('who?') }]);
  });

  it.each([
    { limit: 0, windowMs: 1 },
    { limit: 1.5, windowMs: 1 },
    { limit: 1, windowMs: 0 },
    { limit: 1, windowMs: Number.POSITIVE_INFINITY },
    { limit: 1, windowMs: 1, maxKeys: 0 },
    { limit: 1, windowMs: 1, key: 'source' as unknown as () => string },
  ])('refuses $limit events in $windowMs ms and the like', (options) => {
    expect(() => rateLimit(options)).toThrow(InvalidOptionError);
  });

  it('refuses what is no pattern', () => {
    expect(() => rateLimit({ limit: 1, windowMs: 1, pattern: 'a*' })).toThrow(InvalidPatternError);
  });

  it('does what a list of everything that ever passed would do', async () => {
    const step = fc.record({ waitMs: fc.nat(12), source: fc.constantFrom('a', 'b', 'c') });
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 20 }),
        fc.array(step, { maxLength: 60 }),
        async (limit, windowMs, steps) => {
          const bus = limited({ limit, windowMs });
          const passed: { at: number; source: string }[] = [];
          let at = 0;
          for (const { waitMs, source } of steps) {
            at += waitMs;
            await bus.clock.advance(waitMs);
            const within = passed.filter((one) => one.source === source && one.at > at - windowMs);
            const expected = within.length < limit ? ok : no;
            expect(await fates(bus, source)).toEqual([expected]);
            if (expected === ok) passed.push({ at, source });
          }
        },
      ),
    );
  });
});
