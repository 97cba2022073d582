import { InvalidOptionError, PermissionError, verbOf } from '../errors.js';
import { compilePattern, coversPattern } from '../event/pattern.js';
import type { Permissions, ScopeAction } from './plugin.js';
import type { BusPolicy, Verdict } from './policy.js';

/** Kinds of calls that a scope may be allowed. */
export const scopeActions: readonly ScopeAction[] = ['emit', 'on', 'request', 'respond', 'use'];

/** How many types a guard remembers its decision for, of each kind of call. */
const MOST_DECISIONS = 4096;

/** One list of patterns that what a scope does has to be in. */
interface Limit {
  /** How messages name it. */
  readonly name: string;
  readonly patterns: readonly string[];
  readonly matches: (type: string) => boolean;
}

/** What one scope may do. */
export class Guard {
  readonly source: string;
  readonly #policy: BusPolicy;
  readonly #limits: ReadonlyMap<ScopeAction, readonly Limit[]>;
  readonly #decisions = new Map<ScopeAction, Map<string, boolean>>();

  /** @throws InvalidOptionError, InvalidPatternError */
  constructor(
    policy: BusPolicy,
    source: string,
    given: readonly (readonly [name: string, permissions: Permissions])[],
  ) {
    this.#policy = policy;
    this.source = source;
    for (const [, permissions] of given) assertPermissions(permissions);
    this.#limits = new Map(
      scopeActions.map((action) => [action, given.map(([name, permissions]) => limitOf(name, permissions[action]))]),
    );
  }

  /** Whether there is a list that says what it may do. */
  get isLimited(): boolean {
    return (this.#limits.get('on') as readonly Limit[]).length > 0;
  }

  /** The patterns that a kind of call is limited to, as the first list has them; undefined when there is none. */
  patterns(action: ScopeAction): readonly string[] | undefined {
    return this.#limits.get(action)?.[0]?.patterns;
  }

  allows(action: ScopeAction, type: string): boolean {
    let decisions = this.#decisions.get(action);
    if (decisions === undefined) {
      decisions = new Map();
      this.#decisions.set(action, decisions);
    }
    let allowed = decisions.get(type);
    if (allowed === undefined) {
      allowed = this.verdict(action, type).allowed;
      if (decisions.size >= MOST_DECISIONS) decisions.clear();
      decisions.set(type, allowed);
    }
    return allowed;
  }

  verdict(action: ScopeAction, type: string): Verdict {
    const { source } = this;
    const groups = this.#policy.groupsOf(source);
    const verdict = (
      allowed: boolean,
      pattern: string | undefined,
      grant: string | undefined,
      reason: string,
    ): Verdict => ({ allowed, source, action, type, pattern, grant, groups, reason });
    const limits = this.#limits.get(action) as readonly Limit[];
    const out = limits.find(({ matches }) => !matches(type));
    if (out !== undefined) return verdict(false, undefined, undefined, outside(out, action));
    const held: string[] = [];
    let last: { readonly pattern: string; readonly grant: string } | undefined;
    for (const one of this.#policy.protectedPatterns) {
      for (const grant of one.matches(type) ? one.grantsFor(action) : []) {
        const group = this.#policy.granting(source, grant);
        if (group === undefined)
          return verdict(false, one.pattern, grant, ungranted(one.pattern, grant, source, groups));
        held.push(`"${one.pattern}" takes the grant "${grant}", which "${source}" has from the group "${group}"`);
        last = { pattern: one.pattern, grant };
      }
    }
    if (last !== undefined) return verdict(true, last.pattern, last.grant, held.join('; '));
    const pattern = limits[0]?.patterns.find((one) => compilePattern(one)(type));
    const reason =
      pattern === undefined
        ? 'No permissions speak of it, and the type is not protected'
        : `"${pattern}" is among what "${source}" may ${verbOf(action)}`;
    return verdict(true, pattern, undefined, reason);
  }

  /** Why a call with these types or patterns is refused; undefined when it is not. */
  refusal(action: ScopeAction, patterns: readonly string[]): PermissionError | undefined {
    for (const pattern of patterns) {
      const refusal = this.#refusalOf(action, pattern);
      if (refusal !== undefined) return refusal;
    }
    return undefined;
  }

  #refusalOf(action: ScopeAction, pattern: string): PermissionError | undefined {
    const { source } = this;
    for (const limit of this.#limits.get(action) as readonly Limit[]) {
      if (limit.patterns.some((one) => coversPattern(one, pattern))) continue;
      const remedy = `Ask for no more, or add it to permissions.${action}`;
      return new PermissionError(source, action, pattern, outside(limit, action), remedy);
    }
    for (const one of this.#policy.protectedPatterns) {
      const grant = one.grantsFor(action).find((each) => this.#policy.granting(source, each) === undefined);
      // A wider pattern is taken, and gets what is not protected.
      if (grant === undefined || !coversPattern(one.pattern, pattern)) continue;
      const why = ungranted(one.pattern, grant, source, this.#policy.groupsOf(source));
      return new PermissionError(
        source,
        action,
        pattern,
        why,
        `Give the grant to a group of trust that it is in`,
        grant,
      );
    }
    return undefined;
  }
}

function limitOf(name: string, given: string | readonly string[] = []): Limit {
  const patterns = typeof given === 'string' ? [given] : given;
  return { name, patterns: Object.freeze([...patterns]), matches: compilePattern(patterns) };
}

function outside({ name, patterns }: Limit, action: ScopeAction): string {
  const named =
    name === 'its permissions'
      ? 'its permissions allow'
      : name === 'pluginDefaults'
        ? 'pluginDefaults allow'
        : 'its host allows';
  return patterns.length === 0
    ? `${named} it to ${verbOf(action)} nothing`
    : `${named} it to ${verbOf(action)} only ${patterns.map((one) => `"${one}"`).join(', ')}`;
}

function ungranted(pattern: string, grant: string, source: string, groups: readonly string[]): string {
  const who =
    groups.length === 0
      ? `"${source}" is in no group of trust`
      : `no group of "${source}" (${groups.join(', ')}) has it`;
  return `"${pattern}" takes the grant "${grant}", and ${who}`;
}

/** @throws InvalidOptionError for a kind of call that there is not: it would allow nothing, unnoticed. */
function assertPermissions(permissions: unknown): void {
  const isObject = typeof permissions === 'object' && permissions !== null && !Array.isArray(permissions);
  const unknown = isObject ? Object.keys(permissions).find((key) => !scopeActions.includes(key as ScopeAction)) : '';
  if (unknown === undefined) return;
  const option = unknown === '' ? 'permissions' : `permissions.${unknown}`;
  throw new InvalidOptionError(option, permissions, `patterns for some of ${scopeActions.join(', ')}`);
}
