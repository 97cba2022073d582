import { afterEach, expect, it } from 'vitest';
import { createEventBus, type EventBus, type OnOptions } from '../../core/index.js';
import { letterDiscarded } from './call-notes.js';
import { readRow, readRuns } from './event-row.js';
import { Recorder } from './recorder.js';
import { RunLog } from './run-log.js';

const recorders: Recorder[] = [];
afterEach(() => {
  for (const recorder of recorders.splice(0)) recorder.stop();
});

/** A bus with a handler that fails the first so many times, and what a recorder says of its event. */
function failing(times: number, options: OnOptions = {}) {
  const bus: EventBus = createEventBus({ onError: () => {} });
  const recorder = new Recorder(bus);
  recorder.start();
  recorders.push(recorder);
  let calls = 0;
  bus.on(
    'x',
    () => {
      if (++calls <= times) throw new Error(`no ${calls}`);
    },
    { name: 'pay', ...options },
  );
  const first = recorder.events.head;
  const runs = () =>
    readRuns(recorder, first).map(({ attempt, outcome, retryInMs, error, letter }) => ({
      attempt,
      outcome,
      retryInMs,
      error: error instanceof Error ? error.message : undefined,
      letter: letter === undefined ? 'none' : letter.isOpen ? 'open' : 'closed',
    }));
  return { bus, recorder, row: () => readRow(recorder, first), runs, first };
}

const twice = { attempts: 2, delayMs: 2, jitter: 0 };

it('every attempt is a run with its error and the wait after it, and the event is ok when the last one is', async () => {
  const { bus, recorder, row, runs } = failing(2, { retry: { ...twice, attempts: 3 } });
  await bus.emit('x', 1);
  expect(row()).toMatchObject({ status: 'ok', handlers: 1, failures: 0, retries: 2, letters: 0 });
  expect(runs()).toEqual([
    { attempt: 1, outcome: 'failed', retryInMs: 2, error: 'no 1', letter: 'none' },
    { attempt: 2, outcome: 'failed', retryInMs: 4, error: 'no 2', letter: 'none' },
    { attempt: 3, outcome: 'ok', retryInMs: undefined, error: undefined, letter: 'none' },
  ]);
  expect(recorder.handlers.all).toMatchObject([{ name: 'pay', calls: 3, failures: 2, retries: 2, running: 0 }]);
  expect(recorder.traffic.failures).toBe(0);
});

it('a call that failed for good is marked with its dead letter', async () => {
  const { bus, row, runs, recorder, first } = failing(2, { retry: twice });
  await bus.emit('x', 1);
  expect(row()).toMatchObject({ status: 'error', failures: 1, retries: 1, letters: 1 });
  expect(runs().map(({ letter }) => letter)).toEqual(['none', 'open']);
  const [letter] = await bus.deadLetters.list();
  expect(readRuns(recorder, first)[1]?.letter?.id).toBe(letter?.id);
});

it('a dead letter that is tried again is one more run; when it succeeds, nothing is wrong with the event', async () => {
  const { bus, row, runs } = failing(2, { retry: twice });
  bus.on('x', () => {}, { name: 'other' });
  await bus.emit('x', 1);
  const before = row();
  const [letter] = await bus.deadLetters.list();
  await bus.deadLetters.retry(letter?.id ?? '');
  expect(row()).toMatchObject({ status: 'ok', handlers: 2, failures: 0, letters: 0 });
  expect(row()?.durationMs).toBe(before?.durationMs);
  expect(runs().map(({ attempt, outcome, letter: mark }) => `${attempt} ${outcome} ${mark}`)).toEqual([
    '1 failed none',
    '1 ok none',
    '2 failed closed',
    '1 ok none',
  ]);
});

it('a dead letter that fails again leaves a new one, and others are not touched', async () => {
  const { bus, row, runs } = failing(9);
  bus.on('x', () => Promise.reject(new Error('never')), { name: 'other' });
  await bus.emit('x', 1);
  expect(row()).toMatchObject({ status: 'error', failures: 2, letters: 2 });
  const letters = await bus.deadLetters.list();
  await bus.deadLetters.retry(letters.find(({ handler }) => handler.name === 'pay')?.id ?? '');
  expect(row()).toMatchObject({ status: 'error', failures: 2, letters: 2 });
  expect(runs().map(({ letter }) => letter)).toEqual(['closed', 'open', 'open']);
});

it('a dead letter that the panel discards is gone, and the failure stays', async () => {
  const { bus, recorder, row, runs, first } = failing(1);
  await bus.emit('x', 1);
  const [letter] = await bus.deadLetters.list();
  letterDiscarded(recorder, first, 'another');
  expect(row()?.letters).toBe(1);
  letterDiscarded(recorder, first, letter?.id ?? '');
  letterDiscarded(recorder, first, letter?.id ?? '');
  expect(row()).toMatchObject({ status: 'error', failures: 1, letters: 0 });
  expect(runs()[0]?.letter).toBe('closed');
});

it('a call that its handler’s queue refused shows, though it was never made', async () => {
  const bus = createEventBus({ onError: () => {} });
  const recorder = new Recorder(bus);
  recorder.start();
  recorders.push(recorder);
  let finish = (): void => {};
  bus.on('x', () => new Promise<void>((resolve) => (finish = resolve)), { name: 'busy', concurrency: 1, maxQueue: 0 });
  const running = bus.emit('x', 1);
  const second = recorder.events.head;
  await bus.emit('x', 2);
  expect(readRow(recorder, second)).toMatchObject({ status: 'error', failures: 1, letters: 1 });
  expect(readRuns(recorder, second)).toMatchObject([{ attempt: 0, outcome: 'failed', error: { code: 'QUEUE_FULL' } }]);
  finish();
  await running;
});

it('runs take their errors and dead letters with them when they make room', () => {
  const log = new RunLog(2);
  const failed = log.begin(0, 1, -1, 1);
  log.end(failed, 0, 1, 2, new Error('no'));
  log.setLetter(failed, { id: 'l', isOpen: true });
  expect([log.errorOf(failed), log.letterOf(failed)]).toMatchObject([{ message: 'no' }, { id: 'l' }]);
  log.begin(0, 2, failed, 2);
  log.begin(0, 3, -1, 1);
  expect([log.has(failed), log.errorOf(failed), log.letterOf(failed)]).toEqual([false, undefined, undefined]);
});
