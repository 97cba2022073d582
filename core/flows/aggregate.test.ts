import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { type BusEvent, createEventBus, InvalidOptionError, InvalidPatternError, type PluginError } from '../index.js';
import { memoryStore } from '../stores/memory.js';
import { createTestEventBus, SimulatedClock, type TestBusOptions } from '../testing/index.js';
import { type AggregateWindow, aggregate } from './aggregate.js';

interface Step {
  key: string;
  n: number;
}

interface Sum extends AggregateWindow {
  key: string;
  ns: readonly number[];
}

interface AppEvents {
  step: Step;
  sum: Sum;
  other: undefined;
}

type Options = Partial<Omit<Parameters<typeof aggregate<AppEvents, 'step', 'sum'>>[0], 'on' | 'emit'>>;

const define = (options: Options) =>
  aggregate<AppEvents, 'step', 'sum'>({
    on: 'step',
    key: (event: BusEvent<'step', Step>) => event.data.key,
    mode: 'tumbling',
    windowMs: 100,
    emit: 'sum',
    summarize: (events: readonly BusEvent<'step', Step>[], key: string, window: AggregateWindow) => ({
      key,
      ns: events.map(({ data }) => data.n),
      ...window,
    }),
    ...options,
  } as never);

/** A bus that aggregates its steps; time is counted from the beginning of an epoch-aligned second. */
async function aggregating(options: Options = {}, busOptions: TestBusOptions = {}) {
  const bus = createTestEventBus<AppEvents>(busOptions);
  const plugin = define(options);
  const begun = bus.clock.now();
  const { uninstall } = await bus.install(plugin);
  let n = 0;
  return {
    bus,
    plugin,
    uninstall,
    step: (key = 'a', at?: number) =>
      bus.emit({ type: 'step', data: { key, n: ++n }, timestamp: at === undefined ? undefined : begun + at }).event,
    /** What was summarized since it was last asked: key, numbers, window and why. */
    sums: (() => {
      let seen = 0;
      return () =>
        bus
          .emittedOf('sum')
          .slice(seen)
          .map(({ data: { key, ns, start, end, closedBy } }) => {
            seen++;
            return `${key} ${ns.join()} ${start - begun}-${end - begun} ${closedBy}`;
          });
    })(),
  };
}

describe('a debounce', () => {
  it('W2 summarizes the events of a key when it has been quiet for windowMs', async () => {
    const { bus, step, sums } = await aggregating({ mode: 'debounce' });
    step('a');
    await bus.clock.advance(60);
    step('a');
    step('b');
    await bus.clock.advance(99);
    expect(sums()).toEqual([]);
    step('a');
    await bus.clock.advance(1);
    expect(sums()).toEqual(['b 3 60-60 time']);
    await bus.clock.advance(98);
    expect(sums()).toEqual([]);
    await bus.clock.advance(1);
    expect(sums()).toEqual(['a 1,2,4 0-159 time']);
    expect(bus.clock.pending).toBe(0);
  });

  it('W2 puts it off for maxWaitMs at most', async () => {
    const { bus, step, sums } = await aggregating({ mode: 'debounce', maxWaitMs: 250 } as Options);
    for (let n = 0; n < 6; n++) {
      step();
      await bus.clock.advance(50);
    }
    expect(sums()).toEqual(['a 1,2,3,4,5 0-200 time']);
    await bus.clock.advance(50);
    expect(sums()).toEqual(['a 6 250-250 time']);
  });

  it('W2 goes by arrival, whatever the time of day and timestamps say', async () => {
    const { bus, step, sums } = await aggregating({ mode: 'debounce' });
    step('a', -50_000);
    bus.clock.set(bus.clock.now() - 3_600_000);
    step('a', 20);
    await bus.clock.advance(100);
    expect(sums()).toEqual(['a 1,2 -50000-20 time']);
  });

  it('W2 takes no event that is later than lateMs, and counts it', async () => {
    const late: number[] = [];
    const { plugin, bus, step, sums } = await aggregating({
      mode: 'debounce',
      lateMs: 30,
      onLate: (event) => late.push(event.data.n),
    });
    await bus.clock.advance(100);
    for (const at of [100, 70, 69]) step('a', at);
    await bus.clock.advance(100);
    expect([sums(), late, plugin.late]).toEqual([['a 1,2 70-100 time'], [3], 1]);
  });
});

describe('tumbling windows', () => {
  it('W2 begin at multiples of windowMs since the epoch, and are summarized at their end', async () => {
    const { bus, step, sums } = await aggregating();
    await bus.clock.advance(30);
    step();
    step('b');
    await bus.clock.advance(69);
    step();
    expect(sums()).toEqual([]);
    await bus.clock.advance(1);
    expect(sums()).toEqual(['a 1,3 0-100 time', 'b 2 0-100 time']);
    step();
    await bus.clock.advance(100);
    expect(sums()).toEqual(['a 4 100-200 time']);
    expect(bus.clock.pending).toBe(0);
    await bus.clock.advance(500);
    expect(sums()).toEqual([]);
  });

  it('W2 take events by their timestamps until lateMs after their end; later ones go to onLate and are counted', async () => {
    const late: string[] = [];
    const { plugin, bus, step, sums } = await aggregating({
      lateMs: 50,
      onLate: (event, key) => late.push(`${key} ${event.data.n}`),
    });
    step('a', 10);
    await bus.clock.advance(149);
    step('a', 99);
    step('a', 100);
    expect(sums()).toEqual([]);
    await bus.clock.advance(1);
    expect(sums()).toEqual(['a 1,2 0-100 time']);
    step('a', 99);
    expect([late, plugin.late]).toEqual([['a 4'], 1]);
    await bus.clock.advance(100);
    expect(sums()).toEqual(['a 3 100-200 time']);
  });

  it('W2 have an event fail whose onLate fails, also later', async () => {
    const { bus } = await aggregating({ onLate: () => Promise.reject(new Error('no log')) });
    const late = await bus.emit({ type: 'step', data: { key: 'a', n: 1 }, timestamp: 0 });
    expect(late.failures).toMatchObject([{ error: { message: 'no log' } }]);
  });

  it('W2 take what claims to be of the future as of now', async () => {
    const { bus, step, sums } = await aggregating();
    step('a', 5_000);
    await bus.clock.advance(100);
    expect(sums()).toEqual(['a 1 0-100 time']);
  });

  it('W2 lose nothing while the time of day is turned back, and stand still with it', async () => {
    const { bus, step, sums } = await aggregating();
    step();
    bus.clock.set(bus.clock.now() - 300);
    step();
    await bus.clock.advance(100);
    expect(sums()).toEqual([]);
    await bus.clock.advance(300);
    expect(sums()).toEqual(['a 1,2 0-100 time']);
  });

  it('W2 are summarized as soon as they have maxSize events, and go on', async () => {
    const { bus, step, sums } = await aggregating({ maxSize: 2 });
    for (let n = 0; n < 5; n++) step();
    expect(sums()).toEqual(['a 1,2 0-100 size', 'a 3,4 0-100 size']);
    await bus.clock.advance(100);
    expect(sums()).toEqual(['a 5 0-100 time']);
    const one = await aggregating({ maxSize: 1 });
    one.step();
    expect([one.sums(), one.plugin.keys, one.bus.clock.pending]).toEqual([['a 1 0-100 size'], 0, 0]);
  });
});

describe('sliding windows', () => {
  it('W2 overlap: an event is in each window it is part of', async () => {
    const { bus, step, sums } = await aggregating({ mode: 'sliding', slideMs: 50 } as Options);
    await bus.clock.advance(60);
    step();
    await bus.clock.advance(40);
    expect(sums()).toEqual(['a 1 0-100 time']);
    step();
    await bus.clock.advance(200);
    expect(sums()).toEqual(['a 1,2 50-150 time', 'a 2 100-200 time']);
  });

  it('W2 take a late event into those that are still open', async () => {
    const { plugin, bus, step, sums } = await aggregating({ mode: 'sliding', slideMs: 50 } as Options);
    await bus.clock.advance(120);
    step('a', 60);
    step('a', 40);
    await bus.clock.advance(100);
    expect([sums(), plugin.late]).toEqual([['a 1 50-150 time'], 1]);
  });

  it('W2 are each summarized when they are full, and none is forgotten for another', async () => {
    const { bus, step, sums, uninstall } = await aggregating({ mode: 'sliding', slideMs: 50, maxSize: 2 } as Options);
    await bus.clock.advance(20);
    step();
    await bus.clock.advance(40);
    step();
    expect(sums()).toEqual(['a 1 -50-50 time', 'a 1,2 0-100 size']);
    await uninstall();
    expect(sums()).toEqual(['a 2 50-150 end']);
  });
});

describe('keys', () => {
  it('W2 pass events by that have none', async () => {
    const { bus, plugin, step, sums } = await aggregating({
      key: (event) => (event.data.key === 'a' ? undefined : event.data.key),
    });
    step('a');
    step('__proto__');
    expect(plugin.keys).toBe(1);
    await bus.clock.advance(100);
    expect(sums()).toEqual(['__proto__ 2 0-100 time']);
  });

  it('W2 that have been quiet for longest are summarized when maxKeys others come', async () => {
    const { plugin, step, sums } = await aggregating({ maxKeys: 2 });
    for (const key of ['a', 'b', 'a', 'c']) step(key);
    expect(sums()).toEqual(['b 2 0-100 keys']);
    step('b');
    expect([sums(), plugin.keys]).toEqual([['a 1,3 0-100 keys'], 2]);
  });

  it('W2 take bounded memory, however many there are, and no event is lost', async () => {
    const clock = new SimulatedClock();
    const bus = createEventBus<AppEvents>({ clock });
    const plugin = define({ maxKeys: 100, mode: 'debounce' });
    await bus.install(plugin);
    let events = 0;
    bus.on('sum', ({ data }) => {
      events += data.count;
    });
    for (let n = 0; n < 100_000; n++) bus.emit('step', { key: `key-${n}`, n });
    expect([plugin.keys, clock.pending, events]).toEqual([100, 100, 99_900]);
    await clock.advance(100);
    expect([plugin.keys, clock.pending, events]).toEqual([0, 0, 100_000]);
  });

  it('W2 that are no text fail the event, which is taken nowhere', async () => {
    const { bus, plugin } = await aggregating({ key: (() => 7) as never });
    const { failures } = await bus.emit('step', { key: 'a', n: 1 });
    expect([failures.map(({ error }) => (error as Error).name), plugin.keys]).toEqual([['InvalidOptionError'], 0]);
  });
});

describe('a summary', () => {
  it('W2 follows from the last event, in the correlation of all of them where they have one', async () => {
    const { bus } = await aggregating();
    const root = bus.emit('other').event;
    bus.emit('step', { key: 'a', n: 1 }, { cause: root });
    const last = bus.emit('step', { key: 'a', n: 2 }, { cause: root }).event;
    const alone = bus.emit('step', { key: 'b', n: 3 }).event;
    await bus.clock.advance(100);
    expect(bus.emittedOf('sum')).toMatchObject([
      { correlationId: root.id, causationId: last.id, source: 'aggregate:sum' },
      { correlationId: alone.id, causationId: alone.id },
    ]);
  });

  it('W2 begins a correlation of its own where its events have several', async () => {
    const { bus, step } = await aggregating();
    const events = [step(), step(), step()];
    await bus.clock.advance(100);
    const [sum] = bus.emittedOf('sum');
    expect([sum?.causationId, sum?.correlationId]).toEqual([events[2]?.id, sum?.id]);
  });

  it('W2 is made event by event with a reducer, which keeps none', async () => {
    const bus = createTestEventBus<AppEvents>();
    await bus.install(
      aggregate({
        on: ['step', 'other'],
        key: (event) => (event.type === 'step' ? event.data.key : undefined),
        mode: 'tumbling',
        windowMs: 100,
        emit: 'sum',
        summarize: {
          initial: (key): Sum => ({ key, ns: [0], start: 0, end: 0, count: 0, closedBy: 'time' }),
          reduce: (sum, event) => ({ ...sum, ns: [(sum.ns[0] ?? 0) + (event.type === 'step' ? event.data.n : 0)] }),
          finish: (sum, key, window) => ({ ...sum, ...window, key: `${key}!` }),
        },
      }),
    );
    for (let n = 0; n < 2_000; n++) bus.emit('step', { key: 'a', n });
    await bus.clock.advance(100);
    const [sum, ...more] = bus.emittedOf('sum');
    expect([sum?.data.key, sum?.data.count, sum?.data.ns, more]).toEqual(['a!', 2_000, [1_999_000], []]);
  });

  it('W2 is not summarized itself, where the patterns cover its type', async () => {
    const bus = createTestEventBus();
    const plugin = aggregate({
      on: 'user.**',
      key: () => '',
      mode: 'debounce',
      windowMs: 10,
      emit: 'user.summary',
      summarize: (events) => events.length,
    });
    await bus.install(plugin);
    bus.emit('user.click');
    await bus.clock.advance(1_000);
    expect([bus.emittedOf('user.summary').map(({ data }) => data), plugin.keys]).toEqual([[1], 0]);
  });

  it('W2 that fails is reported, and neither the event that closed it nor the next window suffers', async () => {
    const { bus, step, sums, uninstall } = await aggregating(
      {
        maxSize: 2,
        summarize: (events, key, window) => {
          if (events.some(({ data }) => data.n === 1)) throw new Error('no');
          return { key, ns: events.map(({ data }) => data.n), ...window };
        },
      },
      { retry: { attempts: 3, delayMs: 0 } },
    );
    step();
    const second = await bus.emit('step', { key: 'a', n: 2 });
    expect(second.failures).toEqual([]);
    step();
    await bus.clock.advance(100);
    expect(sums()).toEqual(['a 2 0-100 time']);
    expect(bus.failures).toMatchObject([{ stage: 'plugin', error: { plugin: 'aggregate:sum' } }]);
    await uninstall();
  });

  it('W2 is reported when it fails with nothing, or is a promise, which nobody would wait for', async () => {
    const fails = await aggregating({
      summarize: () => {
        throw undefined;
      },
    });
    const waits = await aggregating({ summarize: (() => Promise.reject(new Error('lost'))) as never });
    for (const { bus, step, sums } of [fails, waits]) {
      step();
      await bus.clock.advance(100);
      expect([sums(), bus.failures.length]).toEqual([[], 1]);
    }
    expect(waits.bus.failures).toMatchObject([{ error: { cause: { option: 'summarize' } } }]);
  });

  it('W2 is made once, however often it is flushed while another is handled', async () => {
    const { bus, plugin, step, sums } = await aggregating();
    bus.on('sum', () => plugin.flush());
    for (const key of ['a', 'b', 'c']) step(key);
    plugin.flush();
    expect(sums()).toEqual(['a 1 0-100 flush', 'b 2 0-100 flush', 'c 3 0-100 flush']);
    expect(bus.clock.pending).toBe(0);
  });

  it('W2 by a reducer that fails is without that event, whose failure it is, once', async () => {
    const { bus, plugin, step } = await aggregating(
      {
        summarize: {
          initial: (key: string) => ({
            key,
            ns: [] as number[],
            start: 0,
            end: 0,
            count: 0,
            closedBy: 'time' as const,
          }),
          reduce: (sum: Sum, { data }: BusEvent<'step', Step>) => {
            if (data.n === 1) throw new Error('no');
            return { ...sum, ns: [...sum.ns, data.n] };
          },
        },
      } as Options,
      { retry: { attempts: 3, delayMs: 0 } },
    );
    step();
    await bus.processEvents();
    expect([bus.getErrorCount(), plugin.keys]).toEqual([1, 0]);
    step();
    await bus.clock.advance(100);
    expect(bus.emittedOf('sum').map(({ data }) => data.ns)).toEqual([[2]]);
  });

  it('W2 that emit refuses, or that fails in the end, is reported', async () => {
    const { bus, step, uninstall } = await aggregating(
      {},
      {
        schemas: {
          sum: { '~standard': { version: 1, vendor: 'test', validate: () => ({ issues: [{ message: 'no' }] }) } },
        },
      },
    );
    step('a');
    await bus.clock.advance(100);
    step('b');
    step('c');
    await uninstall();
    const errors = bus.failures.map(({ error }) => (error as PluginError).cause as Error);
    expect(errors.map(({ name }) => name)).toEqual(['SchemaError', 'AggregateError']);
  });
});

describe('the plugin', () => {
  it('W2 summarizes what is open when it is uninstalled, when it is replaced, and when the bus closes', async () => {
    const { bus, step, sums, uninstall } = await aggregating();
    step('a');
    step('b');
    await uninstall();
    expect([sums(), bus.clock.pending]).toEqual([['a 1 0-100 end', 'b 2 0-100 end'], 0]);
    step('a');
    await bus.install(define({}));
    step('a');
    await bus.replace(define({ maxSize: 7 }));
    expect(sums()).toEqual(['a 4 0-100 end']);
    step('a');
    await bus.close();
    expect([sums(), bus.clock.pending]).toEqual([['a 5 0-100 end'], 0]);
  });

  it('W2 stores what it summarizes while the bus closes', async () => {
    const store = memoryStore();
    const append = vi.spyOn(store, 'append');
    const { bus, step } = await aggregating({}, { store });
    step('a');
    await bus.close();
    expect(append.mock.calls.flatMap(([records]) => records.map(({ type }) => type))).toContain('sum');
  });

  it('W2 summarizes what is open, of one key or of all, when it is told to', async () => {
    const { plugin, step, sums } = await aggregating();
    for (const key of ['a', 'b', 'c']) step(key);
    plugin.flush('b');
    plugin.flush('z');
    expect([sums(), plugin.keys]).toEqual([['b 2 0-100 flush'], 2]);
    plugin.flush();
    expect([sums(), plugin.keys]).toEqual([['a 1 0-100 flush', 'c 3 0-100 flush'], 0]);
  });

  it('W2 may hear its patterns and emit its type, and nothing else', async () => {
    const { bus } = await aggregating();
    expect(bus.plugins[0]).toMatchObject({ name: 'aggregate:sum', permissions: { on: 'step', emit: 'sum' } });
    await bus.install(define({ name: 'sums' }));
    expect(bus.plugins[1]?.name).toBe('sums');
  });

  it('W2 counts late events and keys over all buses it is on', async () => {
    const plugin = define({});
    const [one, two] = [createTestEventBus<AppEvents>(), createTestEventBus<AppEvents>()];
    const first = await one.install(plugin);
    await two.install(plugin);
    for (const bus of [one, two]) {
      bus.emit('step', { key: 'a', n: 1 });
      bus.emit({ type: 'step', data: { key: 'a', n: 1 }, timestamp: 5 });
    }
    expect([plugin.keys, plugin.late]).toEqual([2, 2]);
    await first.uninstall();
    expect([plugin.keys, plugin.late]).toEqual([1, 2]);
  });

  it.each<[string, unknown]>([
    ['no mode', { mode: 'hopping' }],
    ['no window', { windowMs: 0 }],
    ['half a millisecond', { windowMs: 0.5 }],
    ['no slide', { mode: 'sliding' }],
    ['a slide beyond the window', { mode: 'sliding', slideMs: 101 }],
    ['a slide with too many overlaps', { mode: 'sliding', windowMs: 2_000, slideMs: 1 }],
    ['no wait at most', { mode: 'debounce', maxWaitMs: 0 }],
    ['windows that never end', { lateMs: Number.POSITIVE_INFINITY }],
    ['a lateness below 0', { lateMs: -1 }],
    ['no room for an event', { maxSize: 0 }],
    ['no room for a key', { maxKeys: 0 }],
    ['a key that is no function', { key: 'a' }],
    ['an onLate that is no function', { onLate: 'a' }],
    ['no summarize', { summarize: undefined }],
    ['a reducer without reduce', { summarize: { initial: () => 0 } }],
    ['a finish that is no function', { summarize: { initial: () => 0, reduce: () => 0, finish: 1 } }],
    ['a name with a space', { name: 'a b' }],
  ])('W2 refuses %s', (_, options) => {
    expect(() => define(options as Options)).toThrow(InvalidOptionError);
  });

  it('W2 refuses what is no pattern', () => {
    expect(() =>
      aggregate({ on: 'a*', key: () => '', mode: 'debounce', windowMs: 1, emit: 'b', summarize: () => 1 }),
    ).toThrow(InvalidPatternError);
  });
});

describe('any run', () => {
  const steps = fc.array(
    fc.record({
      waitMs: fc.nat(60),
      key: fc.constantFrom('a', 'b', 'c'),
      lagMs: fc.nat(150),
      flush: fc.constantFrom(...Array.from({ length: 8 }, () => undefined), 'a', 'all'),
    }),
    { maxLength: 40 },
  );

  it('W2 has every event in each of its windows exactly once, in order, and calls late what no window takes', async () => {
    await fc.assert(
      fc.asyncProperty(
        steps,
        fc.constantFrom(100, 50, 30),
        fc.constantFrom(0, 40, 120),
        fc.constantFrom(1, 2, 1_000),
        fc.constantFrom(1, 2, 3),
        async (run, slideMs, lateMs, maxSize, maxKeys) => {
          const late: number[] = [];
          const mode = slideMs === 100 ? {} : { mode: 'sliding', slideMs };
          const { bus, plugin, step } = await aggregating({
            ...mode,
            lateMs,
            maxSize,
            maxKeys,
            onLate: (event: BusEvent<string, Step>) => late.push(event.data.n),
          } as Options);
          const begun = bus.clock.now();
          const expected = new Map<string, number[]>();
          const expectedLate: number[] = [];
          let n = 0;
          for (const { waitMs, key, lagMs, flush } of run) {
            await bus.clock.advance(waitMs);
            const now = bus.clock.now() - begun;
            const at = now - lagMs;
            step(key, at);
            n++;
            let open = 0;
            for (let start = -600; start <= now; start += slideMs) {
              if (start > at || at >= start + 100 || now >= start + 100 + lateMs) continue;
              open++;
              expected.set(`${key} ${start}`, [...(expected.get(`${key} ${start}`) ?? []), n]);
            }
            if (open === 0) expectedLate.push(n);
            if (flush !== undefined) plugin.flush(flush === 'all' ? undefined : flush);
          }
          await bus.close();
          const found = new Map<string, number[]>();
          for (const { data } of bus.emittedOf('sum')) {
            const place = `${data.key} ${data.start - begun}`;
            found.set(place, [...(found.get(place) ?? []), ...data.ns]);
            expect(data.count).toBe(data.ns.length);
            expect(data.count).toBeLessThanOrEqual(maxSize);
            expect(data.end - data.start).toBe(100);
          }
          expect(found).toEqual(expected);
          expect([late, plugin.late]).toEqual([expectedLate, expectedLate.length]);
          expect([plugin.keys, bus.clock.pending, bus.getErrorCount()]).toEqual([0, 0, 0]);
        },
      ),
    );
  });

  it('W2 has a debounce part events where a list of all their times would part them', async () => {
    await fc.assert(
      fc.asyncProperty(steps, fc.constantFrom(undefined, 70, 200), async (run, maxWaitMs) => {
        const { bus, plugin, step } = await aggregating({
          mode: 'debounce',
          windowMs: 50,
          ...(maxWaitMs === undefined ? {} : { maxWaitMs }),
        } as Options);
        const expected = new Map<string, number[][]>();
        const open = new Map<string, { first: number; last: number; ns: number[] }>();
        const close = (key: string): void => {
          expected.set(key, [...(expected.get(key) ?? []), open.get(key)?.ns ?? []]);
          open.delete(key);
        };
        let now = 0;
        let n = 0;
        for (const { waitMs, key, flush } of run) {
          await bus.clock.advance(waitMs);
          now += waitMs;
          for (const [each, { first, last }] of [...open]) {
            if (now >= Math.min(last + 50, first + (maxWaitMs ?? Number.POSITIVE_INFINITY))) close(each);
          }
          step(key);
          const one = open.get(key) ?? { first: now, last: now, ns: [] };
          one.last = now;
          one.ns.push(++n);
          open.set(key, one);
          if (flush !== undefined) plugin.flush(flush === 'all' ? undefined : flush);
          for (const each of flush === 'all' ? [...open.keys()] : flush === undefined ? [] : [flush]) {
            if (open.has(each)) close(each);
          }
        }
        await bus.close();
        for (const key of [...open.keys()]) close(key);
        const found = new Map<string, number[][]>();
        for (const { data } of bus.emittedOf('sum'))
          found.set(data.key, [...(found.get(data.key) ?? []), [...data.ns]]);
        expect(found).toEqual(expected);
      }),
    );
  });
});
