import type { Registration } from './subscription.js';

class Branch {
  /** Children by segment; made when the first one comes. */
  named: Map<string, Branch> | undefined = undefined;
  /** The child for `*`. */
  one: Branch | undefined = undefined;
  /** The child for `**`. */
  any: Branch | undefined = undefined;
  readonly isAny: boolean;
  /** Registrations whose pattern ends here. */
  readonly registrations: Set<Registration> = new Set();
  /** The step of the walk that last reached this branch, so that no step reaches it twice. */
  reached = 0;

  constructor(isAny: boolean) {
    this.isAny = isAny;
  }

  child(segment: string): Branch | undefined {
    return segment === '*' ? this.one : segment === '**' ? this.any : this.named?.get(segment);
  }

  grow(segment: string): Branch {
    let child = this.child(segment);
    if (child !== undefined) return child;
    child = new Branch(segment === '**');
    if (segment === '*') this.one = child;
    else if (segment === '**') this.any = child;
    else {
      this.named ??= new Map();
      this.named.set(segment, child);
    }
    return child;
  }

  prune(segment: string): void {
    if (segment === '*') this.one = undefined;
    else if (segment === '**') this.any = undefined;
    else if (this.named?.delete(segment) && this.named.size === 0) this.named = undefined;
  }

  get bare(): boolean {
    return this.registrations.size === 0 && !this.one && !this.any && !this.named;
  }
}

/** Wildcard patterns by their segments. A type is matched one segment at a time against every branch still possible. */
export class PatternTrie {
  #root = new Branch(false);
  #size = 0;
  #step = 0;

  get empty(): boolean {
    return this.#size === 0;
  }

  add(segments: readonly string[], registration: Registration): void {
    let branch = this.#root;
    for (const segment of segments) branch = branch.grow(segment);
    // Two spellings of one pattern, like `*` and `**`, end at one branch.
    if (branch.registrations.has(registration)) return;
    branch.registrations.add(registration);
    this.#size++;
  }

  remove(segments: readonly string[], registration: Registration): void {
    const path = [this.#root];
    for (const segment of segments) {
      const next = path.at(-1)?.child(segment);
      if (next === undefined) return;
      path.push(next);
    }
    if (!path.at(-1)?.registrations.delete(registration)) return;
    this.#size--;
    for (let depth = segments.length; depth > 0 && path[depth]?.bare; depth--) {
      path[depth - 1]?.prune(segments[depth - 1] as string);
    }
  }

  /** Registrations whose pattern matches, each as often as its patterns do; `$` types match none (E6). */
  match(type: string): Registration[] {
    if (type.startsWith('$')) return [];
    let reached: Branch[] = [];
    this.#reach(this.#root, reached, ++this.#step);
    for (const segment of type.split('.')) {
      const next: Branch[] = [];
      const step = ++this.#step;
      for (const branch of reached) {
        if (branch.isAny) this.#reach(branch, next, step);
        const named = branch.named?.get(segment);
        if (named !== undefined) this.#reach(named, next, step);
        if (branch.one !== undefined) this.#reach(branch.one, next, step);
      }
      reached = next;
    }
    const matching: Registration[] = [];
    for (const branch of reached) for (const registration of branch.registrations) matching.push(registration);
    return matching;
  }

  all(): Registration[] {
    const found: Registration[] = [];
    const open = [this.#root];
    for (let branch = open.pop(); branch !== undefined; branch = open.pop()) {
      for (const registration of branch.registrations) found.push(registration);
      for (const child of [branch.one, branch.any, ...(branch.named?.values() ?? [])]) if (child) open.push(child);
    }
    return found;
  }

  clear(): void {
    this.#root = new Branch(false);
    this.#size = 0;
  }

  #reach(branch: Branch, into: Branch[], step: number): void {
    if (branch.reached === step) return;
    branch.reached = step;
    into.push(branch);
    if (branch.any !== undefined) this.#reach(branch.any, into, step);
  }
}
