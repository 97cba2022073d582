import type { DeadLetter, HandlerInfo, InspectedEvent, Inspection } from '../../core/index.js';
import type { Recorder } from './recorder.js';
import { type DROPPED, FAILED, SUCCEEDED } from './run-log.js';
import { ERROR } from './status.js';

/** Events with dead letters that are known again when they are handled again. */
const MOST_DEAD = 1000;

type Told<K extends Inspection['kind']> = Inspection & { readonly kind: K };

/** Writes down that a handler is called. */
export function noteStarted(recorder: Recorder, told: Told<'handlerStarted'>): void {
  const { at, event, handler: info, attempt } = told;
  const handler = recorder.handlers.of(info);
  handler.running++;
  const { events, runs } = recorder;
  let slot = events.slotOf(event);
  if (slot < 0 && recorder.dead.size > 0) slot = triedAgain(recorder, event);
  if (slot < 0) return;
  if (attempt === 1) {
    if ((Number.isNaN(events.duration[slot]) && !events.isStandIn(event)) || recorder.readBack.has(event))
      events.handlers[slot] = (events.handlers[slot] as number) + 1;
    else letterTaken(recorder, slot, info);
  }
  events.lastRun[slot] = runs.begin(handler.index, at, events.lastRun[slot] as number, attempt);
}

/**
 * Writes down that an event was read from the store for one subscription. It is another object than the event that was
 * emitted or arrived: what is told of it goes to that one's line, or to a line of its own where that was before the log.
 */
export function noteReadBack(recorder: Recorder, { at, event, offset, node }: Told<'readBack'>): void {
  const { events, chains, readBack } = recorder;
  chains.update();
  const known = chains.find(event.id);
  if (known !== undefined && events.has(known)) {
    events.standIn(event, known);
    readBack.add(event);
    return;
  }
  const sequence = recorder.log(at, event, node);
  if (sequence !== undefined) events.offset[sequence & events.mask] = offset;
}

/** Writes down how a call ended; it may be made again. */
export function noteSettled(recorder: Recorder, told: Told<'handlerSettled'>): void {
  const { event, handler: info, durationMs, outcome, error } = told;
  const handler = recorder.handlers.of(info);
  const failed = outcome === 'failed';
  handler.calls++;
  if (handler.running > 0) handler.running--;
  if (failed) handler.failures++;
  const slot = recorder.events.slotOf(event);
  const last = slot < 0 ? -1 : (recorder.events.lastRun[slot] as number);
  const began = recorder.runs.end(last, handler.index, durationMs, failed ? FAILED : SUCCEEDED, error);
  // A call that began unobserved is told with a duration of 0.
  if (began || durationMs > 0) handler.durations.record(durationMs);
}

/** Writes down what happens to few calls. */
export function noteTrouble(recorder: Recorder, told: Told<'filterFailed' | 'retried' | 'deadLettered'>): void {
  const handler = recorder.handlers.of(told.handler);
  switch (told.kind) {
    case 'filterFailed':
      // It is why the handler was not called.
      handler.failures++;
      neverCalled(recorder, told.event, told.handler, told.at, FAILED, told.error);
      break;
    case 'retried':
      handler.retries++;
      noteRetried(recorder, told);
      break;
    case 'deadLettered':
      noteLetter(recorder, told);
  }
}

/** A call that was never made, as a run without a length. */
export function neverCalled(
  recorder: Recorder,
  event: InspectedEvent,
  info: HandlerInfo,
  at: number,
  outcome: typeof FAILED | typeof DROPPED,
  error?: unknown,
): void {
  const { events, runs, handlers } = recorder;
  const slot = events.slotOf(event);
  if (slot < 0) return;
  const { index } = handlers.of(info);
  const run = runs.begin(index, at, events.lastRun[slot] as number, 0);
  events.lastRun[slot] = run;
  runs.end(run, index, 0, outcome, error);
}

/** A dead letter that was left before the panel looked, or by another node, of an event that is in the log. */
export function letterFound(recorder: Recorder, sequence: number, letter: DeadLetter): void {
  const { events, runs, settled } = recorder;
  const { id, event, error, attempts, failedAt } = letter;
  const slot = sequence & events.mask;
  for (let run = events.lastRun[slot] as number; runs.has(run); run = runs.previous[run & runs.mask] as number) {
    if (runs.letterOf(run)?.id === id) return;
  }
  const handler = handlerOf(recorder, letter);
  const run = runs.begin(handler, failedAt, events.lastRun[slot] as number, attempts);
  events.lastRun[slot] = run;
  runs.end(run, handler, 0, FAILED, error);
  events.status[slot] = ERROR;
  events.failures[slot] = (events.failures[slot] as number) + 1;
  left(recorder, event.id, sequence, run, id);
  settled.push(sequence);
}

/** The panel has discarded a dead letter: nothing tells it of that but its own hands. */
export function letterDiscarded({ events, runs, changes }: Recorder, sequence: number, id: string): void {
  if (!events.has(sequence)) return;
  const slot = sequence & events.mask;
  for (let run = events.lastRun[slot] as number; runs.has(run); run = runs.previous[run & runs.mask] as number) {
    const letter = runs.letterOf(run);
    if (letter?.id !== id || !letter.isOpen) continue;
    runs.setLetter(run, { id, isOpen: false });
    events.letters[slot] = (events.letters[slot] as number) - 1;
    changes.touch();
  }
}

function noteRetried({ events, runs, handlers, settled }: Recorder, told: Told<'retried'>): void {
  const sequence = events.sequenceOf(told.event);
  if (sequence === undefined) return;
  const slot = sequence & events.mask;
  events.retries[slot] = (events.retries[slot] as number) + 1;
  const run = runs.failed(events.lastRun[slot] as number, handlers.of(told.handler).index);
  if (run !== undefined) runs.retryIn[run & runs.mask] = told.delayMs;
  settled.push(sequence);
}

function noteLetter(recorder: Recorder, told: Told<'deadLettered'>): void {
  const { events, runs, handlers, settled } = recorder;
  const { at, event, handler, letter, attempts, error } = told;
  const sequence = events.sequenceOf(event);
  if (sequence === undefined) return;
  const slot = sequence & events.mask;
  const failed = (): number | undefined => runs.failed(events.lastRun[slot] as number, handlers.of(handler).index);
  // A call that its handler's queue had no room for was not told of.
  if (attempts === 0 && failed() === undefined) neverCalled(recorder, event, handler, at, FAILED, error);
  left(recorder, event.id, sequence, failed(), letter);
  settled.push(sequence);
}

function left(
  { events, runs, dead }: Recorder,
  event: string,
  sequence: number,
  run: number | undefined,
  letter: string,
): void {
  if (run !== undefined) runs.setLetter(run, { id: letter, isOpen: true });
  const slot = sequence & events.mask;
  events.letters[slot] = (events.letters[slot] as number) + 1;
  if (dead.size === MOST_DEAD) dead.delete(dead.keys().next().value as string);
  dead.set(event, sequence);
}

/** The number of the handler that a letter names, without its priority. */
function handlerOf({ handlers }: Recorder, { handler }: DeadLetter): number {
  const known = handlers.all.find((one) => one.node === 0 && isAlike(one, handler));
  return (known ?? handlers.ofNode(0, { priority: 0, ...handler })).index;
}

/** The slot of an event that is handled again from a dead letter, and is not the same object then; -1 when it is none. */
function triedAgain({ events, dead }: Recorder, event: InspectedEvent): number {
  const sequence = dead.get(event.id);
  if (sequence === undefined || !events.has(sequence)) return -1;
  events.standIn(event, sequence);
  return sequence & events.mask;
}

/** A handler is called for an event that has settled: it has left a dead letter, and somebody tries that again. */
function letterTaken({ events, runs, handlers }: Recorder, slot: number, handler: HandlerInfo): void {
  for (let run = events.lastRun[slot] as number; runs.has(run); run = runs.previous[run & runs.mask] as number) {
    const letter = runs.letterOf(run);
    const failed = handlers.at(runs.handler[run & runs.mask] as number);
    if (letter?.isOpen !== true || failed === undefined || !isAlike(failed, handler)) continue;
    runs.setLetter(run, { id: letter.id, isOpen: false });
    events.letters[slot] = (events.letters[slot] as number) - 1;
    events.failures[slot] = (events.failures[slot] as number) - 1;
    return;
  }
}

/** A dead letter names its handler by these two. */
function isAlike(one: DeadLetter['handler'], other: DeadLetter['handler']): boolean {
  return one.name === other.name && one.patterns.join(' ') === other.patterns.join(' ');
}
