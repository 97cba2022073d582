import type { DropReason, Inspection, Policy, ScopeAction } from '../../core/index.js';
import { errorSentence, safely } from './payload/safe-read.js';

/** Most lines that are kept, and most of one source; what goes beyond is counted together. */
const MOST_LINES = 512;
const MOST_OF_SOURCE = 48;

/** What stands where lines are too many to be told apart. */
export const OTHERS = '(others)';

/** Reasons to drop a record that say something of who sent it. */
export type RefusedReason = Extract<DropReason, 'forbidden' | 'invalid' | 'undecodable'>;

/** Something that was refused, however often it was tried. */
export interface Refusal {
  /** Its place among all, from 0; it keeps it. */
  readonly index: number;
  /** Who wanted it: a plugin or scope of this bus, or the source of a record of another node. */
  readonly source: string;
  /** Undefined for what is counted together. */
  readonly action: ScopeAction | undefined;
  readonly pattern: string;
  /** The grant it would take, where that is why. */
  readonly grant: string | undefined;
  readonly why: string;
  /** Why the record was dropped; undefined for a call on this bus. */
  readonly reason: RefusedReason | undefined;
  /** The transport the record came over. */
  readonly transport: string | undefined;
  readonly firstAt: number;
  lastAt: number;
  count: number;
}

type Wanted = Omit<Refusal, 'index' | 'firstAt' | 'lastAt' | 'count' | 'grant' | 'why'>;

/** What was refused, in the order in which it was first: a line for each that differs, and bounded, whatever comes. */
export class Refusals {
  readonly #explain: Policy['explain'];
  readonly #lines: Refusal[] = [];
  readonly #byKey = new Map<string, Refusal>();
  readonly #ofSource = new Map<string, number>();
  /** All that was refused. */
  total = 0;

  constructor(explain: Policy['explain']) {
    this.#explain = explain;
  }

  get all(): readonly Refusal[] {
    return this.#lines;
  }

  /** What was refused to a plugin or scope of this bus. */
  of(source: string): readonly Refusal[] {
    return this.#lines.filter((line) => line.source === source && line.reason === undefined);
  }

  denied({ at, source, action, pattern, error }: Inspection & { kind: 'denied' }): void {
    this.#add(at, { source, action, pattern, reason: undefined, transport: undefined }, () => ({
      grant: error.grant,
      why: errorSentence(error),
    }));
  }

  dropped(told: Inspection & { kind: 'dropped' }): void {
    const { at, event, reason, transport, error } = told;
    if (!isRefused(reason)) return;
    const { source = '', type = '' } = event ?? {};
    this.#add(at, { source, action: 'emit', pattern: type, reason, transport }, () =>
      reason === 'forbidden' ? this.#forbidden(source, type) : { grant: undefined, why: dropText(reason, error) },
    );
  }

  clear(): void {
    this.#lines.length = 0;
    this.#byKey.clear();
    this.#ofSource.clear();
    this.total = 0;
  }

  #add(at: number, wanted: Wanted, explain: () => Pick<Refusal, 'grant' | 'why'>): void {
    this.total++;
    const { source, action, pattern, reason, transport } = wanted;
    const key = `${reason} ${action} ${transport} ${source}\n${pattern}`;
    const known = this.#byKey.get(key) ?? this.#shared(wanted);
    if (known !== undefined) {
      known.count++;
      known.lastAt = at;
      return;
    }
    this.#ofSource.set(source, (this.#ofSource.get(source) ?? 0) + 1);
    this.#begin(key, at, wanted, explain());
  }

  /** The line that what is too much is counted in; undefined while there is room for one of its own. */
  #shared(wanted: Wanted): Refusal | undefined {
    const isSourceFull = (this.#ofSource.get(wanted.source) ?? 0) >= MOST_OF_SOURCE;
    const isFull = this.#lines.length >= MOST_LINES;
    if (!isSourceFull && !isFull) return undefined;
    const source = isFull ? OTHERS : wanted.source;
    const reason = isFull ? undefined : wanted.reason;
    const key = `${reason} ${source}`;
    const why = 'Too many that differ to be told apart: they are counted together.';
    const together = { source, reason, action: undefined, pattern: OTHERS, transport: undefined };
    return this.#byKey.get(key) ?? this.#begin(key, 0, together, { grant: undefined, why }, 0);
  }

  #begin(key: string, at: number, wanted: Wanted, because: Pick<Refusal, 'grant' | 'why'>, count = 1): Refusal {
    const line = { ...wanted, ...because, index: this.#lines.length, firstAt: at, lastAt: at, count };
    this.#lines.push(line);
    this.#byKey.set(key, line);
    return line;
  }

  #forbidden(source: string, type: string): Pick<Refusal, 'grant' | 'why'> {
    const verdict = safely(
      () => this.#explain(source, 'emit', type),
      () => undefined,
    );
    const isWhy = verdict?.allowed === false;
    return { grant: isWhy ? verdict.grant : undefined, why: isWhy ? verdict.reason : 'Its source may not emit it.' };
  }
}

function isRefused(reason: DropReason): reason is RefusedReason {
  return reason === 'forbidden' || reason === 'invalid' || reason === 'undecodable';
}

function dropText(reason: RefusedReason, error: unknown): string {
  if (error !== undefined) return errorSentence(error);
  return reason === 'invalid' ? 'The schema of its type refuses it.' : 'A codec of its type refuses it.';
}
