import { expect, it } from 'vitest';
import { createEventBus } from '../../core/index.js';
import { memoryStore } from '../../core/stores/memory.js';
import { readRow, readRuns } from './event-row.js';
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

it('an event that has left a dead letter before is marked with it, and may be tried again', async () => {
  let calls = 0;
  const bus = createEventBus({ store: memoryStore(), onError: () => {} });
  const pay = (): void => {
    if (++calls === 1) throw new Error('no answer');
  };
  bus.on('old', pay, { name: 'pay', priority: 7 });
  await bus.emit('old', 1).persisted;
  const recorder = new Recorder(bus);
  recorder.start();
  await loadHistory(recorder, bus, 100);
  await loadHistory(recorder, bus, 100);
  const [sequence = -1] = Array.from({ length: 10 }, (_, i) => recorder.events.tail + i).filter(
    (each) => readRow(recorder, each)?.type === 'old',
  );
  expect(readRow(recorder, sequence)).toMatchObject({ status: 'error', letters: 1, failures: 1 });
  expect(readRuns(recorder, sequence)).toMatchObject([
    { handler: { name: 'pay', patterns: ['old'] }, outcome: 'failed', attempt: 1, error: { message: 'no answer' } },
  ]);
  await bus.deadLetters.retry(readRuns(recorder, sequence)[0]?.letter?.id ?? '');
  expect(readRow(recorder, sequence)).toMatchObject({ status: 'ok', letters: 0, failures: 0 });
  expect(readRuns(recorder, sequence).map(({ outcome }) => outcome)).toEqual(['failed', 'ok']);
});
