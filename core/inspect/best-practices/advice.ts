import type { HandlerInfo, InspectedEvent } from '../../index.js';

/** What is looked for. */
export const ruleNames = [
  'vague-type',
  'type-style',
  'too-many-types',
  'unstructured-data',
  'vague-field',
  'inconsistent-data',
  'broken-chain',
  'unheard-type',
] as const;

/** One of the practices that are looked after. */
export type RuleName = (typeof ruleNames)[number];

/** One thing that could be better, said once for each rule and type. */
export interface Advice {
  readonly rule: RuleName;
  /** Type of the event. */
  readonly type: string;
  /** `[crosstown] fact. Remedy.` on one line; it quotes types and names of fields and handlers, never a value. */
  readonly message: string;
  /** The first event it was seen in. Its data may be what nobody should read in a log. */
  readonly event: InspectedEvent;
  /** Who emitted it, for `broken-chain`. */
  readonly handler: HandlerInfo | undefined;
}

/** What is known of one type. */
export class TypeNotes {
  readonly type: string;
  /** What needs not be looked for again. */
  readonly done: Set<RuleName> = new Set();
  /** What its fields were first; undefined when there are too many to have names of their own. */
  fields: Map<string, string> | undefined = new Map();
  isNamed = false;
  /** Somebody got it: a handler here, a store, another node. */
  isHeard = false;

  constructor(type: string) {
    this.type = type;
  }
}

/** Gives advice, unless it was given. */
export type Advise = (
  rule: RuleName,
  notes: TypeNotes,
  event: InspectedEvent,
  fact: string,
  remedy: string,
  handler?: HandlerInfo,
) => void;

/** A name within a message: on one line, and not a page of it. */
export function quote(name: string): string {
  return JSON.stringify(name.length > 80 ? `${name.slice(0, 79)}…` : name);
}
