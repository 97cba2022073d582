import { InvalidOptionError } from '../errors.js';
import { assertEventType, compilePattern } from '../event/pattern.js';
import type { BusOptions } from '../event-bus.js';
import { Guard, scopeActions } from './guard.js';
import type { Permissions, ScopeAction } from './plugin.js';

/**
 * The grant that events of a pattern take, or one to hear them and one to emit them: `on` takes `read`, `emit` takes
 * `write`, and what does both, as `request`, `respond` and `use`, takes both.
 */
export type Protection = string | { readonly read?: string; readonly write?: string };

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

/** A pattern whose events take a grant. */
export interface ProtectedPattern {
  readonly pattern: string;
  readonly matches: (type: string) => boolean;
  /** The grants that a kind of call takes. */
  grantsFor(action: ScopeAction): readonly string[];
}

/** The policy of one bus, as its options state it; it never changes. */
export class BusPolicy implements Policy {
  readonly protectedPatterns: readonly ProtectedPattern[];
  readonly #source: string;
  /** What plugins may do that say nothing themselves; everything when undefined. */
  readonly defaults: Permissions | undefined;
  readonly #groups: readonly (readonly [group: string, sources: ReadonlySet<string>])[];
  readonly #grants: ReadonlyMap<string, ReadonlySet<string>>;
  /** The scopes there are, by source, and what guards each; nothing where all is allowed. */
  readonly #guards = new Map<string, Map<object, Guard | undefined>>();

  /** @throws InvalidOptionError, InvalidPatternError */
  constructor({ trust = {}, grants = {}, protect = {}, pluginDefaults }: BusOptions, source: string) {
    this.#source = source;
    this.defaults = pluginDefaults;
    this.#groups = Object.entries(trust).map(([group, sources]) => {
      assertTexts(`trust.${group}`, sources);
      return [group, new Set(sources)];
    });
    this.#grants = new Map(
      Object.entries(grants).map(([group, names]) => {
        assertTexts(`grants.${group}`, names);
        if (!Object.hasOwn(trust, group))
          throw new InvalidOptionError(`grants.${group}`, names, 'a group that trust has');
        return [group, new Set(names)];
      }),
    );
    this.protectedPatterns = Object.entries(protect).map(([pattern, protection]) =>
      protectPattern(pattern, protection),
    );
    // Found wrong now, and not when the first plugin comes.
    if (pluginDefaults !== undefined) this.guard('', [['pluginDefaults', pluginDefaults]]);
  }

  /** What decides for a scope; undefined when nothing has to be decided. */
  guard(
    source: string,
    given: readonly (readonly [name: string, permissions: Permissions | undefined])[],
  ): Guard | undefined {
    const limits = given.filter((one): one is readonly [string, Permissions] => one[1] !== undefined);
    return limits.length === 0 && this.protectedPatterns.length === 0 ? undefined : new Guard(this, source, limits);
  }

  /** What a plugin may do: what it asks for, or the defaults, and of that what its host lets it. */
  guardPlugin(name: string, own: Permissions | undefined, host: Permissions | undefined): Guard | undefined {
    const asked =
      own === undefined ? (['pluginDefaults', this.defaults] as const) : (['its permissions', own] as const);
    return this.guard(name, [asked, ['what its host allows', host]]);
  }

  /** What guards a scope speaks for its source until the scope leaves; of several, that of the last. */
  enter(source: string, scope: object, guard: Guard | undefined): void {
    let guards = this.#guards.get(source);
    if (guards === undefined) {
      guards = new Map();
      this.#guards.set(source, guards);
    }
    guards.set(scope, guard);
  }

  leave(source: string, scope: object): void {
    const guards = this.#guards.get(source);
    guards?.delete(scope);
    if (guards?.size === 0) this.#guards.delete(source);
  }

  groupsOf(source: string): readonly string[] {
    return this.#groups.flatMap(([group, sources]) => (sources.has(source) ? [group] : []));
  }

  /** The first group that gives a source a grant. */
  granting(source: string, grant: string): string | undefined {
    return this.groupsOf(source).find((group) => this.#grants.get(group)?.has(grant) === true);
  }

  /** Whether an event, or a request, of another node is to be taken: its source must have the grant for what is protected. */
  takes(source: string, type: string, isRequest: boolean): boolean {
    if (source === this.#source) return true;
    const action = isRequest ? 'request' : 'emit';
    return this.protectedPatterns.every(
      (one) => !one.matches(type) || one.grantsFor(action).every((grant) => this.granting(source, grant) !== undefined),
    );
  }

  explain(source: string, action: ScopeAction, type: string): Verdict {
    if (!scopeActions.includes(action))
      throw new InvalidOptionError('action', action, `one of ${scopeActions.join(', ')}`);
    assertEventType(type);
    const groups = this.groupsOf(source);
    const plain = { allowed: true, source, action, type, pattern: undefined, grant: undefined, groups };
    if (source === this.#source) return { ...plain, reason: `"${source}" is the bus itself, which may do everything` };
    const guards = this.#guards.get(source);
    // Who is not there would come as a plugin that says nothing itself.
    const guard = guards === undefined ? this.guardPlugin(source, undefined, undefined) : [...guards.values()].at(-1);
    return guard?.verdict(action, type) ?? { ...plain, reason: 'No permissions and no protected pattern speak of it' };
  }
}

function protectPattern(pattern: string, protection: Protection): ProtectedPattern {
  const matches = compilePattern(pattern);
  const { read, write, ...rest } =
    typeof protection === 'string' ? { read: protection, write: protection } : protection;
  const both = [...new Set([read, write])].filter((grant) => grant !== undefined);
  if (both.length === 0 || Object.keys(rest).length > 0) {
    throw new InvalidOptionError(
      `protect["${pattern}"]`,
      protection,
      'a grant, or { read, write } with one of them or both',
    );
  }
  assertTexts(`protect["${pattern}"]`, both);
  const byAction: Partial<Record<ScopeAction, readonly string[]>> = {
    on: read === undefined ? [] : [read],
    emit: write === undefined ? [] : [write],
  };
  return { pattern, matches, grantsFor: (action) => byAction[action] ?? both };
}

/** @throws InvalidOptionError */
function assertTexts(option: string, texts: unknown): void {
  const isTexts = Array.isArray(texts) && texts.every((text) => typeof text === 'string' && text !== '');
  if (!isTexts) throw new InvalidOptionError(option, texts, 'a list of texts');
}
