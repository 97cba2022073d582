import type { Clock } from '../clock.js';
import { SchemaError } from '../errors.js';
import { EventEnvelope } from '../event/event.js';
import type { Backlog } from './backlog.js';
import type { LiveEmission } from './delivery.js';
import { Fifo } from './fifo.js';
import type { Outcomes } from './outcomes.js';
import { type Checked, checkData, type Schemas, type TypeRule } from './schema.js';

/** What the checking of arrivals takes. */
export interface ArrivalsParts {
  readonly schemas: Schemas;
  readonly clock: Clock;
  readonly backlog: Backlog;
  readonly outcomes: Outcomes;
  /** Whether events wait for the one that is being offered to its handlers. */
  readonly isBusy: () => boolean;
  /** Whether a handler here answers requests of a type. */
  readonly responds: (type: string) => boolean;
  /** The event may go on. */
  readonly passed: (emission: LiveEmission) => void;
  /** A schema has become asynchronous, or that is over. */
  readonly pending: (change: 1 | -1) => void;
}

/** Told of an event that its schema refuses. */
export type Refused = (error: unknown) => void;

type Verdict = Checked | { readonly error: unknown };

/** One that arrived. */
interface Arrived {
  readonly emission: LiveEmission;
  readonly rule: TypeRule;
  readonly refused: Refused;
}

/** One that waits for its schema, or for those before it. */
interface Waiting extends Arrived {
  /** When it is given up, in milliseconds of the clock. */
  readonly due: number;
  verdict: Verdict | undefined;
}

/** What waits of the events of one node, in order. */
interface Line {
  readonly node: string;
  readonly waiting: Fifo<Waiting>;
  timer: unknown;
}

/** How long an event waits for its schema: one that hangs must not stop what comes after it. */
const LONGEST_CHECK_MS = 10_000;

/** How long nothing more is reported of one schema: who sends what it refuses does so again and again. */
const QUIET_MS = 10_000;

/** Has events of other nodes checked by the schemas of this one, and keeps each node's in order while some wait. */
export class Arrivals {
  readonly #parts: ArrivalsParts;
  /** By node, as long as something waits. */
  readonly #lines = new Map<string, Line>();
  /** When a refusal was last reported, by rule, as types and nodes are a sender's to invent. */
  readonly #reported = new Map<TypeRule, number>();

  constructor(parts: ArrivalsParts) {
    this.#parts = parts;
  }

  /** Takes an event to what it passes, or to `refused`; never throws. One that is sealed no schema could read. */
  take(emission: LiveEmission, refused: Refused, isSealed: boolean): void {
    const { schemas, backlog, outcomes, isBusy } = this.#parts;
    const { type, data } = emission.event;
    // First, as what a schema has begun cannot be stopped, and is to be counted.
    if (!backlog.mayTake(isBusy())) {
      outcomes.discarded(emission, undefined);
      return;
    }
    const rule = schemas.of(type);
    const verdict = isSealed ? { data } : verdictOn(rule, type, data);
    const arrived: Arrived = { emission, rule, refused };
    const isLate = verdict instanceof Promise;
    if (!isLate && 'error' in verdict) this.#refuse(arrived, verdict.error);
    // Only then, as what is refused must push nothing else out.
    else if (!backlog.makeRoom(type, isBusy(), false, false)) outcomes.discarded(emission, undefined);
    else if (!isLate && !this.#lines.has(nodeOf(emission))) this.#settle(arrived, verdict);
    else this.#queue(arrived, verdict);
  }

  /** Lets go of what waits. */
  clear(): void {
    for (const line of this.#lines.values()) {
      this.#parts.clock.clearTimeout(line.timer);
      for (let one = line.waiting.shift(); one !== undefined; one = line.waiting.shift()) {
        this.#parts.backlog.holds(-1);
        this.#parts.outcomes.finished(one.emission, 'dropped');
        this.#parts.pending(-1);
      }
    }
    this.#lines.clear();
  }

  #queue(arrived: Arrived, verdict: Verdict | Promise<Verdict>): void {
    const { clock, backlog, pending } = this.#parts;
    const line = this.#line(nodeOf(arrived.emission));
    const isLate = verdict instanceof Promise;
    const due = clock.precise() + LONGEST_CHECK_MS;
    const waiting: Waiting = { ...arrived, due, verdict: isLate ? undefined : verdict };
    pending(1);
    backlog.holds(1);
    line.waiting.push(waiting);
    if (line.timer === undefined) this.#watch(line, LONGEST_CHECK_MS);
    if (!isLate) return;
    void verdict.then((settled) => {
      waiting.verdict ??= settled;
      this.#move(line);
    });
  }

  #line(node: string): Line {
    let line = this.#lines.get(node);
    if (line === undefined) {
      line = { node, waiting: new Fifo(), timer: undefined };
      this.#lines.set(node, line);
    }
    return line;
  }

  #watch(line: Line, delayMs: number): void {
    line.timer = this.#parts.clock.setTimeout(() => {
      line.timer = undefined;
      this.#move(line);
    }, delayMs);
  }

  /** Takes from the front of a line what has its verdict, or has waited too long for it. */
  #move(line: Line): void {
    const { clock, backlog, pending } = this.#parts;
    // Those that a handler brings before it returns are this loop's, too.
    for (let head = line.waiting.first; head !== undefined; head = line.waiting.first) {
      if (head.verdict === undefined && clock.precise() >= head.due) head.verdict = { error: tooLong(head) };
      if (head.verdict === undefined) break;
      line.waiting.shift();
      backlog.holds(-1);
      this.#settle(head, head.verdict);
      pending(-1);
    }
    const { first } = line.waiting;
    if (first !== undefined) {
      if (line.timer === undefined) this.#watch(line, first.due - clock.precise());
      return;
    }
    clock.clearTimeout(line.timer);
    line.timer = undefined;
    if (this.#lines.get(line.node) === line) this.#lines.delete(line.node);
  }

  #settle(arrived: Arrived, verdict: Verdict): void {
    if ('error' in verdict) {
      this.#refuse(arrived, verdict.error);
      return;
    }
    const { emission } = arrived;
    try {
      // In place, as observers know the event that was received by its view.
      EventEnvelope.accept(emission.event, verdict.data);
      this.#parts.passed(emission);
    } catch (error) {
      // What cannot be frozen must not stop those behind it.
      this.#refuse(arrived, error);
    }
  }

  #refuse({ emission, rule, refused }: Arrived, error: unknown): void {
    const { clock, outcomes, responds } = this.#parts;
    const { event } = emission;
    emission.settle('dropped');
    refused(error);
    const now = clock.precise();
    if (now - (this.#reported.get(rule) ?? Number.NEGATIVE_INFINITY) >= QUIET_MS) {
      this.#reported.set(rule, now);
      outcomes.admissionFailed(emission, 'schema', 'schema', error);
    }
    // Where nobody would have answered, another node may: the first answer wins (R1).
    if (EventEnvelope.detailsOf(event).request === true && responds(event.type)) emission.answer({ ok: false, error });
  }
}

function nodeOf({ event }: LiveEmission): string {
  return EventEnvelope.nodeOf(event) ?? '';
}

/** Whatever a schema does, as its data comes from anywhere. */
function verdictOn(rule: TypeRule, type: string, data: unknown): Verdict | Promise<Verdict> {
  const refuse = (error: unknown): Verdict => ({ error });
  try {
    const checked = checkData(rule.passed, type, data);
    return checked instanceof Promise ? checked.catch(refuse) : checked;
  } catch (error) {
    return refuse(error);
  }
}

function tooLong({ emission }: Waiting): SchemaError {
  return new SchemaError(emission.event.type, [{ message: `its schema took longer than ${LONGEST_CHECK_MS} ms` }]);
}
