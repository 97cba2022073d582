import { SerializationError } from '../errors.js';
import type { EventRecord } from '../event/event.js';

/** What is wrong with a value that has to cross a border, and where it sits. */
export interface PayloadFault {
  /** Like `data.items[3].price`. */
  readonly path: string;
  /** Like `a function`. */
  readonly problem: string;
}

/** What keeps its kind whatever it holds. */
const containers: ReadonlySet<unknown> = new Set([Array.prototype, Map.prototype, Set.prototype]);

type Part = readonly [path: string, value: unknown];

/** The fields of a record that hold what its sender made. */
const fields = ['data', 'metadata'] as const;

/** How far down a value is looked for that structured clone refuses: each step copies all that lies below it. */
const DEEPEST = 100;

/**
 * The first value of a record that would not cross a border as it is: refused by the format, or changed by it.
 *
 * @example
 * const fault = findPayloadFault(record, 'json');
 * if (fault !== undefined) throw new SerializationError(record.type, fault.path, fault.problem);
 */
export function findPayloadFault(record: EventRecord, carries: 'structured-clone' | 'json'): PayloadFault | undefined {
  const done = new Set<unknown>();
  /** The objects that hold the one being looked at: each stays on the stack until its parts are done. */
  const above = new Set<unknown>();
  const open: Part[] = fields.map((field) => [field, record[field]] as const).reverse();
  for (let part = open.at(-1); part !== undefined; part = open.at(-1)) {
    const [path, value] = part;
    if (above.delete(value)) done.add(value);
    if (done.has(value)) {
      open.pop();
      continue;
    }
    // No data at all is no key at all, in JSON too.
    const problem = value === undefined && path === 'data' ? undefined : problemOf(value, carries);
    if (problem !== undefined) return { path, problem };
    if (typeof value !== 'object' || value === null) {
      open.pop();
      continue;
    }
    above.add(value);
    for (const child of partsOf(path, value).reverse()) {
      if (!above.has(child[1])) open.push(child);
      else if (carries === 'json') return { path: child[0], problem: 'an object that holds itself' };
    }
  }
  return undefined;
}

/**
 * The error for a batch that structured clone refused: which record, and which value in it.
 *
 * @example
 * try {
 *   channel.postMessage(records);
 * } catch (error) {
 *   throw locateCloneFault(records, error);
 * }
 */
export function locateCloneFault(records: readonly EventRecord[], cause: unknown): SerializationError {
  for (const [index, record] of records.entries()) {
    for (const field of fields) {
      if (isCloneable(record[field])) continue;
      const { path, problem } = narrow([field, record[field]]);
      return new SerializationError(record.type, path, problem, index, cause);
    }
  }
  return new SerializationError(records[0]?.type ?? 'unknown', 'the record', 'refused by structured clone', 0, cause);
}

function isCloneable(value: unknown): boolean {
  try {
    structuredClone(value);
    return true;
  } catch {
    return false;
  }
}

/** Structured clone itself is asked about each part: no list of what it refuses could be complete. */
function narrow([path, whole]: Part): PayloadFault {
  const seen = new Set<unknown>();
  let at: Part = [path, whole];
  while (typeof at[1] === 'object' && at[1] !== null && !seen.has(at[1])) {
    // Here what is wrong is the depth itself, or not worth stopping this node for.
    if (seen.size === DEEPEST) return { path: at[0], problem: 'nested too deeply' };
    seen.add(at[1]);
    const bad = partsOf(...(at as [string, object])).find(([, value]) => !isCloneable(value));
    if (bad === undefined) break;
    at = bad;
  }
  return { path: at[0], problem: kindOf(at[1]) };
}

/** What a value is made of; nothing where that cannot be told, as of a revoked proxy. */
function partsOf(path: string, parent: object): Part[] {
  try {
    if (ArrayBuffer.isView(parent)) return [];
    if (parent instanceof Set) return [...parent].map((item, i) => [`${path}{${i}}`, item]);
    if (parent instanceof Map)
      return [...parent].flatMap(([key, item], i): Part[] => [
        [`${path}{${i}}.key`, key],
        [`${path}{${i}}.value`, item],
      ]);
    const step = Array.isArray(parent) ? (key: string) => `[${key}]` : (key: string) => `.${key}`;
    const keys = Object.keys(parent);
    if (parent instanceof Error && parent.cause !== undefined) keys.push('cause');
    return keys.map((key) => [path + step(key), read(parent, key)]);
  } catch {
    return [];
  }
}

function read(parent: object, key: string): unknown {
  try {
    return (parent as Record<string, unknown>)[key];
  } catch {
    return () => 'a getter that throws';
  }
}

function problemOf(value: unknown, carries: 'structured-clone' | 'json'): string | undefined {
  try {
    return carries === 'json' ? jsonProblem(value) : cloneProblem(value);
  } catch {
    return 'an object that cannot be read';
  }
}

function cloneProblem(value: unknown): string | undefined {
  if (typeof value === 'function' || typeof value === 'symbol') return kindOf(value);
  if (typeof value !== 'object' || value === null) return undefined;
  if (isPlain(value)) return plainProblem(value);
  // Their parts will say, and copying whole what lies in each other would take for ever.
  if (containers.has(Object.getPrototypeOf(value))) return undefined;
  try {
    // An instance of a class comes back as a plain object, what the platform knows keeps its kind.
    const copy: unknown = structuredClone(value);
    if (Object.getPrototypeOf(copy) !== Object.getPrototypeOf(value)) return kindOf(value);
    if (!(value instanceof Error)) return undefined;
    const lost = Object.keys(value).find((key) => key !== 'cause');
    return lost && `an error with the property "${lost}"`;
  } catch {
    // Its parts will say why.
    return partsOf('', value).length > 0 ? undefined : kindOf(value);
  }
}

function jsonProblem(value: unknown): string | undefined {
  if (value === undefined) return 'undefined';
  if (typeof value === 'number') return Number.isFinite(value) && !Object.is(value, -0) ? undefined : jsonNumber(value);
  if (typeof value === 'bigint' || typeof value === 'function' || typeof value === 'symbol') return kindOf(value);
  if (typeof value !== 'object' || value === null) return undefined;
  if (!Array.isArray(value)) return plainProblem(value);
  return Object.keys(value).length === value.length ? undefined : 'an array with holes or named properties';
}

function jsonNumber(value: number): string {
  return Object.is(value, -0) ? 'negative zero' : String(value);
}

/** What of an object only a plain one keeps. */
function plainProblem(value: object): string | undefined {
  if (!isPlain(value)) return kindOf(value);
  for (const key of Reflect.ownKeys(value)) {
    if (typeof key === 'symbol') return `an object with the symbol key ${String(key)}`;
    const property = Object.getOwnPropertyDescriptor(value, key);
    if (property?.get !== undefined) return `an object with the getter "${key}"`;
    if (property?.enumerable === false) return `an object with the hidden property "${key}"`;
  }
  return undefined;
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

function kindOf(value: unknown): string {
  if (typeof value === 'function') return 'a function';
  if (typeof value === 'symbol') return 'a symbol';
  if (typeof value === 'bigint') return 'a bigint';
  if (typeof value !== 'object' || value === null) return String(value);
  const name = read(value, 'constructor');
  if (typeof name !== 'function' || name === Object || name.name === '') return 'an object that cannot be cloned';
  return `an instance of ${name.name}`;
}
