import { expect, it } from 'vitest';
import { createEventBus } from '../../core/index.js';
import { memoryStore } from '../../core/stores/memory.js';
import { readRow } from './event-row.js';
import { loadHistory } from './history.js';
import { Recorder } from './recorder.js';

const rows = (recorder: Recorder): string[] =>
  Array.from({ length: recorder.events.head - recorder.events.tail }, (_, i) => {
    const row = readRow(recorder, recorder.events.tail + i);
    return `${row?.type} ${row?.status}`;
  });

it('stored events come before those seen, in order, and none comes twice', async () => {
  const bus = createEventBus({ store: memoryStore() });
  await Promise.all([1, 2, 3].map((i) => bus.emit(`old.${i}`, i).persisted));
  const recorder = new Recorder(bus);
  recorder.start();
  await bus.emit('new', 4).persisted;
  expect(await loadHistory(recorder, bus, 100)).toBe(3);
  expect(rows(recorder)).toEqual(['old.1 stored', 'old.2 stored', 'old.3 stored', 'new unheard']);
  expect(recorder.events.evicted).toBe(0);
});

it('only the last of them are loaded', async () => {
  const bus = createEventBus({ store: memoryStore() });
  await Promise.all([1, 2, 3].map((i) => bus.emit(`old.${i}`, i).persisted));
  const recorder = new Recorder(bus);
  await loadHistory(recorder, bus, 2);
  expect(rows(recorder)).toEqual(['old.2 stored', 'old.3 stored']);
});

it('a bus without a store has none', async () => {
  const bus = createEventBus();
  expect(await loadHistory(new Recorder(bus), bus, 10)).toBe(0);
});
