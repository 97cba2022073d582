import { SerializationError } from '../errors.js';
import type { EventRecord } from '../event/event.js';

/** What is wrong with a value that has to cross a border, and where it sits. */
export interface PayloadFault {
  /** Like `data.items[3].price`. */
  readonly path: string;
  /** Like `a function`. */
  readonly problem: string;
}

/**
 * Roughly how many bytes a value takes on the wire, counted no further than `limit`: a value that is larger, or that
 * holds itself, comes out above it.
 */
export function approximateBytes(value: unknown, limit: number): number {
  let bytes = 0;
  const open: unknown[] = [value];
  while (open.length > 0 && bytes <= limit) {
    const next = open.pop();
    if (typeof next === 'string') bytes += next.length;
    else if (typeof next !== 'object' || next === null) bytes += 8;
    else {
      bytes += 8;
      if (ArrayBuffer.isView(next) || next instanceof ArrayBuffer) bytes += next.byteLength;
      else if (Array.isArray(next) || next instanceof Set) for (const item of next) open.push(item);
      else if (next instanceof Map) for (const [key, item] of next) open.push(key, item);
      else
        for (const key of Object.keys(next)) {
          bytes += key.length;
          open.push((next as Record<string, unknown>)[key]);
        }
    }
  }
  return bytes;
}

/** The first value that would not cross a border as it is: refused by the format, or silently changed by it. */
export function findPayloadFault(value: unknown, carries: 'structured-clone' | 'json'): PayloadFault | undefined {
  const seen = new Set<object>();
  const open: [path: string, value: unknown][] = [['data', value]];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [path, at] = next;
    const problem = carries === 'json' ? jsonProblem(at) : cloneProblem(at);
    if (problem !== undefined) return { path, problem };
    if (typeof at !== 'object' || at === null) continue;
    if (seen.has(at)) {
      if (carries === 'json') return { path, problem: 'an object that appears twice' };
      continue;
    }
    seen.add(at);
    open.push(...children(path, at));
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
    for (const field of ['data', 'metadata'] as const) {
      if (isCloneable(record[field])) continue;
      const { path, value } = narrow(field, record[field]);
      return new SerializationError(record.type, path, kindOf(value), index, cause);
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

/** Structured clone itself is asked about each child: no list of what it refuses could be complete. */
function narrow(path: string, value: unknown): { path: string; value: unknown } {
  const seen = new Set<unknown>();
  let at = { path, value };
  while (typeof at.value === 'object' && at.value !== null && !seen.has(at.value)) {
    seen.add(at.value);
    const bad = children(at.path, at.value).find(([, child]) => !isCloneable(child));
    if (bad === undefined) break;
    at = { path: bad[0], value: bad[1] };
  }
  return at;
}

function children(path: string, parent: object): [path: string, value: unknown][] {
  if (Array.isArray(parent)) return parent.map((item, index) => [`${path}[${index}]`, item]);
  if (parent instanceof Map) return [...parent].map(([key, item]) => [`${path}.get(${String(key)})`, item]);
  if (parent instanceof Set) return [...parent].map((item, index) => [`${path}{${index}}`, item]);
  if (ArrayBuffer.isView(parent)) return [];
  return Object.keys(parent).map((key) => [`${path}.${key}`, read(parent, key)]);
}

function read(parent: object, key: string): unknown {
  try {
    return (parent as Record<string, unknown>)[key];
  } catch {
    return () => 'a getter that throws';
  }
}

function cloneProblem(value: unknown): string | undefined {
  if (typeof value === 'function' || typeof value === 'symbol') return kindOf(value);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  if (isPlain(value)) return plainProblem(value);
  try {
    // An instance of a class comes back as a plain object; what the platform knows keeps its kind.
    const copy: unknown = structuredClone(value);
    return Object.getPrototypeOf(copy) === Object.getPrototypeOf(value) ? undefined : kindOf(value);
  } catch {
    return value instanceof Map || value instanceof Set ? undefined : kindOf(value);
  }
}

function jsonProblem(value: unknown): string | undefined {
  if (value === undefined) return 'undefined';
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : String(value);
  if (typeof value === 'bigint' || typeof value === 'function' || typeof value === 'symbol') return kindOf(value);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  return plainProblem(value);
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
  const name: unknown = value.constructor?.name;
  return typeof name === 'string' && name !== '' && name !== 'Object'
    ? `an instance of ${name}`
    : 'an object that cannot be cloned';
}
