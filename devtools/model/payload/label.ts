import { labelOfExotic } from './exotic.js';
import { lineage, ownValue, safely } from './safe-read.js';

/** What a value is, which decides its colour and how it is opened. */
export type ValueKind =
  | 'string'
  | 'number'
  | 'bigint'
  | 'boolean'
  | 'nothing'
  | 'symbol'
  | 'function'
  | 'date'
  | 'regexp'
  | 'error'
  | 'array'
  | 'typed-array'
  | 'map'
  | 'set'
  | 'element'
  | 'object'
  | 'unreadable';

/** One value in words. */
export interface ValueLabel {
  readonly kind: ValueKind;
  /** For strings the string itself, else the shortest text that says what it is. */
  readonly text: string;
  /** Entries that can be opened; 0 for a value without, -1 where only opening it tells. */
  readonly size: number;
}

/** Says what a value is without running any code of its own: no getter, no `toString`, no `toJSON`. */
export function labelOf(value: unknown): ValueLabel {
  switch (typeof value) {
    case 'string':
      return { kind: 'string', text: value, size: 0 };
    case 'number':
      return { kind: 'number', text: Object.is(value, -0) ? '-0' : String(value), size: 0 };
    case 'bigint':
      return { kind: 'bigint', text: bigintText(value), size: 0 };
    case 'boolean':
      return { kind: 'boolean', text: String(value), size: 0 };
    case 'undefined':
      return { kind: 'nothing', text: 'undefined', size: 0 };
    case 'symbol':
      return { kind: 'symbol', text: String(value), size: 0 };
    default:
      if (value === null) return { kind: 'nothing', text: 'null', size: 0 };
      return safely(
        () => labelOfObject(value as object),
        () => ({ kind: 'unreadable', text: 'unreadable object', size: 0 }),
      );
  }
}

/** Turning a bigint into decimal digits takes time that grows with the square of its length. */
function bigintText(value: bigint): string {
  return BigInt.asIntN(1024, value) === value ? `${value}n` : 'a bigint of over 1,024 bits';
}

function labelOfObject(value: object): ValueLabel {
  if (Array.isArray(value)) {
    const size = Number(ownValue(value, 'length') ?? 0);
    return { kind: 'array', text: `Array(${size})`, size };
  }
  return labelOfExotic(value) ?? { kind: 'object', text: className(value) || 'Object', size: -1 };
}

/** The name of the class of an object, empty for a plain one. */
export function className(value: object): string {
  if (Object.getPrototypeOf(value) === null) return 'null prototype';
  const [name = ''] = lineage(value);
  return name === 'Object' ? '' : name;
}
