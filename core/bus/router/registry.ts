import { BusClosedError } from '../errors.js';
import { assertEventType, compilePattern, isSubscribableType, isWildcard, parsePattern } from '../event/pattern.js';
import { PatternTrie } from './pattern-trie.js';
import { GONE, handlerInfo, type Registration } from './subscription.js';

const NOBODY: Registration[] = [];

/** The dispatch list of one event type, and the part of it that was subscribed to exactly that type. */
export class Topic {
  readonly type: string;
  /** Registrations for exactly this type, in dispatch order. */
  exact: Registration[];
  /** Everyone who is called, wildcards included, in dispatch order; the same array as `exact` where none match. */
  list: Registration[];
  /** The registry's generation of wildcards that `list` was built with. */
  generation: number;
  /** Dispatches that walk `list` now: an array is edited in place unless somebody walks it. */
  busy: number;
  /** How many in `exact`, and so in `list`, are gone and were left standing there. */
  dead: number;

  constructor(type: string, exact: Registration[], list: Registration[], generation: number) {
    this.type = type;
    this.exact = exact;
    this.list = list;
    this.generation = generation;
    this.busy = 0;
    this.dead = 0;
  }
}

/**
 * Stands in the map for good: one whose last entry goes is made anew by engines, which takes longer than all else that an
 * unsubscribe does. No event type is a symbol, so nobody finds it.
 */
const ANCHOR = Symbol('anchor');

/** How many types without a subscription of their own keep a dispatch list. */
const CACHE_LIMIT = 4096;

/** Who leaves a list no longer than this is gone from it at once; of a longer one, an eighth may be dead. */
const SHORT = 64;

/** Who gets which event: one map of topics with lists ready to walk, and a trie of wildcard patterns behind it. */
export class Registry {
  readonly topics: Map<string | symbol, Topic> = new Map([[ANCHOR, new Topic('', NOBODY, NOBODY, 0)]]);
  /** Grows when a wildcard subscription comes or goes: lists of an older generation are built anew when next used. */
  generation = 0;
  readonly #wild = new PatternTrie();
  /** Those who get their events from the store, and whether a type is one of theirs. */
  readonly #fed = new Map<Registration, (type: string) => boolean>();
  #closed = false;
  #cached = 0;
  #dispatchedAtSweep = 0;
  #uncachedUntil = 0;

  get closed(): boolean {
    return this.#closed;
  }

  /** @throws InvalidPatternError, before anything has changed. */
  add(registration: Registration): void {
    const { pattern } = registration;
    if (registration.options?.feed !== undefined) {
      const matches = compilePattern(registration.patterns);
      const hears = registration.options.owner?.hears;
      this.#fed.set(registration, hears === undefined ? matches : (type) => matches(type) && hears(type));
      return;
    }
    // Known types and plain ones are by far the most: they are looked up or read once, and not taken apart.
    const topic = typeof pattern === 'string' ? this.topics.get(pattern) : undefined;
    if (topic !== undefined) this.#join(topic, registration);
    else if (typeof pattern === 'string' && isSubscribableType(pattern)) this.#build(pattern, [registration], true);
    else this.#addEach(registration);
  }

  /** Takes away what was added. */
  remove(registration: Registration): void {
    if (registration.state === GONE) return;
    const { pattern } = registration;
    registration.state = GONE;
    if (this.#fed.delete(registration)) return;
    const topic = typeof pattern === 'string' ? this.topics.get(pattern) : undefined;
    if (topic !== undefined) this.#leave(topic, registration);
    else this.#removeEach(registration);
  }

  #addEach(registration: Registration): void {
    const parsed = registration.patterns.map((pattern) => [pattern, parsePattern(pattern)] as const);
    for (const [pattern, segments] of parsed) {
      if (isWildcard(pattern)) {
        this.#wild.add(segments, registration);
        this.generation++;
      } else {
        const topic = this.topics.get(pattern);
        if (topic === undefined) this.#build(pattern, [registration], true);
        else this.#join(topic, registration);
      }
    }
  }

  #removeEach(registration: Registration): void {
    for (const pattern of registration.patterns) {
      if (isWildcard(pattern)) {
        this.#wild.remove(parsePattern(pattern), registration);
        this.generation++;
      } else {
        const topic = this.topics.get(pattern);
        if (topic !== undefined) this.#leave(topic, registration);
      }
    }
  }

  /**
   * The current list of a type whose topic is missing or out of date; `dispatched` is how many events of any type have
   * come by so far, those from other nodes included.
   *
   * @throws InvalidEventTypeError, BusClosedError
   */
  resolve(type: string, topic: Topic | undefined, dispatched: number): Topic {
    if (this.#closed) throw new BusClosedError('emit');
    // A dispatch that walks the old list keeps it whole: the new topic may be edited in place.
    if (topic !== undefined)
      return this.#build(type, topic.busy === 0 && topic.dead === 0 ? topic.exact : living(topic.exact), true);
    assertEventType(type);
    if (dispatched < this.#uncachedUntil) return this.#build(type, NOBODY, false);
    if (this.#cached >= CACHE_LIMIT) this.#sweep(dispatched);
    this.#cached++;
    return this.#build(type, NOBODY, true);
  }

  /**
   * Those of a type who have, or whose scope has, one of these names, in dispatch order: of its list, and of those fed from
   * the store.
   */
  named({ type, list }: Topic, names: readonly string[]): Topic {
    const isNamed = (one: Registration): boolean => {
      const { name, scope } = handlerInfo(one);
      return names.includes(name) || (scope !== undefined && names.includes(scope));
    };
    const named = list.filter(isNamed);
    for (const [one, matches] of this.#fed) if (isNamed(one) && matches(type)) insert(named, one);
    return new Topic(type, named, named, 0);
  }

  /** Registrations among which are all that were subscribed with exactly this pattern, or list joined by spaces. */
  candidates(pattern: string): Registration[] {
    if (isWildcard(pattern) || pattern.includes(' ')) return this.all();
    return [...living(this.topics.get(pattern)?.exact ?? NOBODY), ...this.#fed.keys()];
  }

  /** Every live registration, in order of subscription. */
  all(): Registration[] {
    const found = new Set<Registration>([...this.#fed.keys(), ...this.#wild.all()]);
    for (const { exact } of this.topics.values()) for (const registration of living(exact)) found.add(registration);
    return [...found].sort((a, b) => a.sequence - b.sequence);
  }

  close(): void {
    for (const registration of this.all()) registration.state = GONE;
    this.#closed = true;
    this.topics.clear();
    this.#fed.clear();
    this.#wild.clear();
    this.generation++;
  }

  #build(type: string, exact: Registration[], keep: boolean): Topic {
    let list = exact;
    if (!this.#wild.empty) {
      // Here, once for each list, and not for each event.
      const matching = this.#wild.match(type).filter((one) => one.options?.owner?.hears?.(type) !== false);
      if (matching.length > 0) list = [...new Set([...exact, ...matching])].sort(inDispatchOrder);
    }
    const topic = new Topic(type, exact, list, this.generation);
    if (keep) this.topics.set(type, topic);
    return topic;
  }

  #join(topic: Topic, registration: Registration): void {
    if (topic.exact.length === 0) {
      this.#cached--;
      this.#build(topic.type, [registration], true);
      return;
    }
    const { exact, list } = this.#editable(topic);
    insert(exact, registration);
    if (list !== exact) insert(list, registration);
  }

  #leave(topic: Topic, registration: Registration): void {
    const { exact, list } = topic;
    if (exact.length === 1) this.topics.delete(topic.type);
    else if (topic.busy > 0) this.#editable(topic);
    else if (exact.length <= SHORT) {
      drop(exact, registration);
      if (list !== exact) drop(list, registration);
    } else if (++topic.dead * 8 > exact.length) {
      // To move everybody behind for each who leaves would make leaving quadratic.
      compact(exact);
      if (list !== exact) compact(list);
      topic.dead = 0;
    }
  }

  /** The topic itself, or, while somebody walks its list, a copy of what lives that takes its place. */
  #editable(topic: Topic): Topic {
    if (topic.busy === 0) return topic;
    const exact = living(topic.exact);
    const list = topic.list === topic.exact ? exact : living(topic.list);
    const copy = new Topic(topic.type, exact, list, topic.generation);
    this.topics.set(topic.type, copy);
    return copy;
  }

  /** Forgets types that nobody subscribed to by name; when fewer than half the events met a kept list, keeps none for a while. */
  #sweep(dispatched: number): void {
    for (const [type, { exact }] of this.topics) if (exact.length === 0 && type !== ANCHOR) this.topics.delete(type);
    this.#cached = 0;
    if (dispatched - this.#dispatchedAtSweep < 2 * CACHE_LIMIT) this.#uncachedUntil = dispatched + 16 * CACHE_LIMIT;
    this.#dispatchedAtSweep = dispatched;
  }
}

function inDispatchOrder(a: Registration, b: Registration): number {
  return b.priority - a.priority || a.sequence - b.sequence;
}

/** The first index whose registration comes after `registration` in dispatch order, itself excluded. */
function position(list: readonly Registration[], registration: Registration): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (inDispatchOrder(list[middle] as Registration, registration) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

function insert(list: Registration[], registration: Registration): void {
  const last = list[list.length - 1];
  if (last === undefined || inDispatchOrder(last, registration) < 0) list.push(registration);
  else list.splice(position(list, registration), 0, registration);
}

function drop(list: Registration[], registration: Registration): void {
  // Not splice: that makes an array for what it takes out.
  for (let i = position(list, registration) + 1; i < list.length; i++) list[i - 1] = list[i] as Registration;
  list.pop();
}

function compact(list: Registration[]): void {
  let kept = 0;
  for (const registration of list) if (registration.state !== GONE) list[kept++] = registration;
  list.length = kept;
}

function living(list: readonly Registration[]): Registration[] {
  return list.filter(({ state }) => state !== GONE);
}
