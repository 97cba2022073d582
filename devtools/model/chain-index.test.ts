import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createEventBus } from '../../core/index.js';
import { Recorder } from './recorder.js';

it('finds an event by id, its chain and its effects', () => {
  const bus = createEventBus();
  const recorder = new Recorder(bus);
  recorder.start();
  const root = bus.emit('root', 1).event;
  const first = bus.emit('first', 1, { cause: root }).event;
  bus.emit('stranger', 1);
  const second = bus.emit('second', 1, { cause: first }).event;
  recorder.chains.update();
  const typeOf = (sequence: number): string | undefined =>
    recorder.events.events[sequence & recorder.events.mask]?.type;
  expect(recorder.chains.chain(root.id).map(typeOf)).toEqual(['root', 'first', 'second']);
  expect(recorder.chains.effects(root.id).map(typeOf)).toEqual(['first']);
  expect(typeOf(recorder.chains.find(second.id) ?? -1)).toBe('second');
  expect(recorder.chains.find('no such id')).toBeUndefined();
});

it('agrees with a search through the log, through evictions, clearing, and long times without an update', () => {
  const step = fc.oneof(
    {
      weight: 8,
      arbitrary: fc.record({ chain: fc.integer({ min: 0, max: 4 }), times: fc.integer({ min: 1, max: 20 }) }),
    },
    { weight: 2, arbitrary: fc.constant('update' as const) },
    { weight: 1, arbitrary: fc.constant('clear' as const) },
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const bus = createEventBus();
      const recorder = new Recorder(bus, 16);
      recorder.start();
      const { chains, events } = recorder;
      for (const each of steps) {
        if (each === 'update') chains.update();
        else if (each === 'clear') recorder.clear();
        else for (let i = 0; i < each.times; i++) bus.emit('t', i, { correlationId: `chain ${each.chain}` });
      }
      chains.update();
      const kept = Array.from({ length: events.head - events.tail }, (_, i) => events.tail + i);
      for (let chain = 0; chain < 5; chain++) {
        const id = `chain ${chain}`;
        const wanted = kept.filter((s) => events.events[s & events.mask]?.correlationId === id);
        expect(chains.chain(id)).toEqual(wanted);
        expect(chains.chainLength(id)).toBe(wanted.length);
      }
      for (const s of kept) expect(chains.find(events.events[s & events.mask]?.id ?? '')).toBe(s);
    }),
    { numRuns: 500 },
  );
});

it('does not lead to an event that was evicted after the last update', () => {
  const bus = createEventBus();
  const recorder = new Recorder(bus, 16);
  recorder.start();
  const { id } = bus.emit('first', 1).event;
  recorder.chains.update();
  for (let i = 0; i < 20; i++) bus.emit('tick', i);
  expect(recorder.chains.find(id)).toBeUndefined();
  expect(recorder.chains.chain(id)).toEqual([]);
});
