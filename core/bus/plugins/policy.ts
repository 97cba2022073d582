import type { ScopeAction } from './plugin.js';

/** The grant that events of a pattern take, for every kind of call, or by kind. */
export type Protection = string | Readonly<Partial<Record<ScopeAction, string>>>;

/** Whether a source may do something, and why. */
export interface Verdict {
  readonly allowed: boolean;
  readonly source: string;
  readonly action: ScopeAction;
  readonly type: string;
  /** The pattern that decided: the one that allows, or the protected one. */
  readonly pattern: string | undefined;
  /** The grant that it takes, where the type is protected. */
  readonly grant: string | undefined;
  /** Groups of trust that the source is in. */
  readonly groups: readonly string[];
  /** The same in a sentence. */
  readonly reason: string;
}

/** Who may do what on a bus. */
export interface Policy {
  /**
   * Says whether a source may do something with events of a type, and why.
   *
   * @throws InvalidOptionError, InvalidEventTypeError
   * @example
   * bus.policy.explain('ads', 'on', 'sensitive.card').reason;
   * // '"sensitive.**" takes the grant "sensitive_data:read", and "ads" is in no group that has it'
   */
  explain(source: string, action: ScopeAction, type: string): Verdict;
}
