import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createEventBus, type EventBus } from '../../core/index.js';
import { compileFilter } from './filter/compile-filter.js';
import { parseFilter } from './filter/parse-filter.js';
import { LiveMatches } from './live-matches.js';
import { Recorder } from './recorder.js';

interface Setting {
  readonly bus: EventBus;
  readonly recorder: Recorder;
  readonly matches: LiveMatches;
  filter(text: string): void;
  /** The data of every event that matches. */
  found(): unknown[];
}

/** A failure is reported in an event of its own. */
const isReport = (data: unknown): boolean => typeof data === 'object' && data !== null && 'attempts' in data;

function setUp(capacity?: number): Setting {
  const bus = createEventBus({ source: 'web', onError: () => {} });
  const recorder = new Recorder(bus, capacity);
  recorder.start();
  const matches = new LiveMatches(recorder, () => performance.now());
  return {
    bus,
    recorder,
    matches,
    filter: (text) => {
      matches.filter = compileFilter(parseFilter(text), recorder);
    },
    found: () => {
      while (!matches.advance(5));
      return Array.from({ length: matches.count }, (_, i) => {
        const slot = matches.at(i) & recorder.events.mask;
        return recorder.events.events[slot]?.data;
      }).filter((data) => !isReport(data));
    },
  };
}

describe('a filter', () => {
  const { bus, filter, found } = setUp();
  bus.on('cart.*', (event) => {
    if (event.data === 'bad') throw new Error('bad');
  });
  bus.emit('cart.added', 'one');
  bus.emit('cart.removed', 'bad');
  bus.emit('order.placed', { items: ['a1', 'b2'] });
  bus.emit({ type: 'job.done', source: 'worker', data: 'three' });

  const cases: [string, unknown[]][] = [
    ['', ['one', 'bad', { items: ['a1', 'b2'] }, 'three']],
    ['type:cart.*', ['one', 'bad']],
    ['type:**.done', ['three']],
    ['-type:cart', [{ items: ['a1', 'b2'] }, 'three']],
    ['source:work', ['three']],
    ['status:error', ['bad']],
    ['status:ok,unheard', ['one', { items: ['a1', 'b2'] }, 'three']],
    ['-status:unheard', ['one', 'bad']],
    ['b2', [{ items: ['a1', 'b2'] }]],
    ['removed', ['bad']],
    ['node:this', ['one', 'bad', { items: ['a1', 'b2'] }, 'three']],
    ['node:elsewhere', []],
    ['type:cart status:ok', ['one']],
    ['is:dead', ['bad']],
    ['is:dead,retried', ['bad']],
    ['-is:dead type:cart', ['one']],
    ['dur:>100000', []],
    ['dur:<100000', ['one', 'bad', { items: ['a1', 'b2'] }, 'three']],
  ];
  for (const [text, wanted] of cases) {
    it(`finds ${wanted.length} of 4 with "${text}"`, () => {
      filter(text);
      expect(found()).toEqual(wanted);
    });
  }

  it('finds a chain by its correlation id', () => {
    const emission = bus.emit('chain', 'root');
    bus.emit('chain', 'effect', { cause: emission.event });
    filter(`corr:${emission.event.id}`);
    expect(found()).toEqual(['root', 'effect']);
  });
});

it('an event that passes only once its handlers settled comes in at its place', async () => {
  const { bus, filter, found } = setUp();
  const finish: (() => void)[] = [];
  bus.on('slow', () => new Promise<void>((resolve) => finish.push(resolve)));
  filter('status:ok');
  const emissions = ['a', 'b', 'c'].map((data) => bus.emit('slow', data));
  expect(found()).toEqual([]);
  finish[2]?.();
  await emissions[2];
  expect(found()).toEqual(['c']);
  finish[0]?.();
  await emissions[0];
  expect(found()).toEqual(['a', 'c']);
  filter('status:pending');
  expect(found()).toEqual(['b']);
  finish[1]?.();
  await emissions[1];
  expect(found()).toEqual([]);
});

it('more changes than are remembered are all seen', async () => {
  const { bus, filter, found } = setUp();
  const finish: (() => void)[] = [];
  bus.on('slow', () => new Promise<void>((resolve) => finish.push(resolve)));
  filter('status:ok');
  const emissions = Array.from({ length: 10_000 }, (_, i) => bus.emit('slow', i));
  expect(found()).toHaveLength(0);
  for (const end of finish) end();
  await Promise.all(emissions);
  expect(found()).toHaveLength(10_000);
});

it('agrees with testing every event anew, whatever happens in between', () => {
  const step = fc.oneof(
    fc.record({ do: fc.constant('emit' as const), type: fc.constantFrom('a.x', 'a.y', 'b.x'), times: fc.nat(40) }),
    fc.record({
      do: fc.constant('filter' as const),
      text: fc.constantFrom('', 'type:a.*', 'type:b.* status:error', '-type:a.y', 'status:ok'),
    }),
    fc.record({ do: fc.constant('clear' as const) }),
    fc.record({ do: fc.constant('look' as const) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const { bus, recorder, matches, filter, found } = setUp(64);
      bus.on('*.x', (event) => {
        if ((event.data as number) % 3 === 0) throw new Error('third');
      });
      let text = '';
      let count = 0;
      for (const each of steps) {
        if (each.do === 'emit') for (let i = 0; i < each.times; i++) bus.emit(each.type, count++);
        else if (each.do === 'clear') recorder.clear();
        else if (each.do === 'look') found();
        else {
          text = each.text;
          filter(text);
        }
      }
      const { test } = compileFilter(parseFilter(text), recorder);
      const { events } = recorder;
      const wanted: unknown[] = [];
      for (let s = events.tail; s < events.head; s++)
        if (test(s & events.mask)) wanted.push(events.events[s & events.mask]?.data);
      expect(found()).toEqual(wanted.filter((data) => !isReport(data)));
      for (let i = 0; i < matches.count; i++) expect(matches.search(matches.at(i))).toBe(i);
    }),
    { numRuns: 300 },
  );
});

it('says how many matches were evicted, with a filter and without', () => {
  for (const text of ['', 'type:even']) {
    const { bus, matches, filter, found } = setUp(16);
    filter(text);
    found();
    for (let i = 0; i < 20; i++) {
      bus.emit('even', i);
      bus.emit('odd', i);
      found();
    }
    expect(matches.dropped).toBe(text === '' ? 24 : 12);
    expect(matches.count).toBe(text === '' ? 16 : 8);
  }
});

it('tests 65,536 events in pieces, each about as long as allowed', () => {
  const { bus, recorder, matches, filter } = setUp();
  for (let i = 0; i < 65_536; i++) bus.emit('tick', { number: i, text: 'some words to look at' });
  filter('99');
  let pieces = 1;
  while (!matches.advance(1)) pieces++;
  expect(pieces).toBeGreaterThan(1);
  const wanted = Array.from({ length: 65_536 }, (_, i) => i).filter((i) => String(i).includes('99')).length;
  expect(matches.count).toBe(wanted);
  expect(recorder.events.evicted).toBe(0);
});
