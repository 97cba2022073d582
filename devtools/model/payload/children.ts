import { labelOf } from './label.js';
import { errorText, ownValue, safely } from './safe-read.js';

/** One entry of a value that was opened. */
export interface Child {
  /** What stands before the colon. */
  readonly key: string;
  /** `value`: {@link Child.value}; `getter`: there is one, and it was not called; `fault`: reading threw {@link Child.value}. */
  readonly holds: 'value' | 'getter' | 'fault';
  readonly value: unknown;
  /** False for what is not seen by a loop over the properties. */
  readonly enumerable: boolean;
}

/** How many entries are shown at a time. */
export const CHUNK = 100;

/** Opens a value: how many entries it has, and those from one position to another. */
export interface Opened {
  readonly size: number;
  slice(from: number, to: number): readonly Child[];
}

/** The entries of a value, read as they are asked for and without running any code of the value's own. */
export function open(value: unknown): Opened {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return nothing;
  return safely<Opened>(
    () => openObject(value),
    (error) => only({ key: '', holds: 'fault', value: errorText(error), enumerable: true }),
  );
}

const nothing: Opened = { size: 0, slice: () => [] };

function only(...children: Child[]): Opened {
  return { size: children.length, slice: (from, to) => children.slice(from, to) };
}

function openObject(value: object): Opened {
  const { kind, size } = labelOf(value);
  switch (kind) {
    case 'array':
      return { size, slice: (from, to) => indexes(from, Math.min(to, size)).map((i) => property(value, i)) };
    case 'typed-array': {
      const numbers = value as ArrayLike<unknown>;
      return { size, slice: (from, to) => indexes(from, Math.min(to, size)).map((i) => plain(String(i), numbers[i])) };
    }
    case 'map':
      return { size, slice: (from, to) => entries(Map.prototype.entries.call(value), from, to, mapEntry) };
    case 'set':
      return { size, slice: (from, to) => entries(Set.prototype.values.call(value), from, to, plainAt) };
    case 'element':
      return openElement(value as Element);
    case 'unreadable':
      return nothing;
    default:
      return size === 0
        ? nothing
        : openProperties(value, kind === 'error' ? ['name', 'message', 'stack', 'cause'] : []);
  }
}

/** All own properties; of an error also those that are not enumerable but tell most, first. */
function openProperties(value: object, first: readonly string[]): Opened {
  const own = Reflect.ownKeys(value);
  const rest = first.length === 0 ? own : own.filter((key) => !first.includes(String(key)));
  const keys = [...first.filter((key) => own.includes(key)), ...rest];
  return { size: keys.length, slice: (from, to) => keys.slice(from, to).map((key) => property(value, key)) };
}

/** The attributes of an element; what is inside it is for the browser's own tools. */
function openElement(element: Element): Opened {
  return only(...Array.from(element.attributes, ({ name, value }) => plain(name, value)));
}

function property(object: object, key: PropertyKey): Child {
  const name = typeof key === 'symbol' ? `[${String(key)}]` : String(key);
  return safely<Child>(
    () => {
      const found = Object.getOwnPropertyDescriptor(object, key);
      if (found === undefined) return plain(name, undefined);
      const enumerable = found.enumerable === true;
      if (!('value' in found)) return { key: name, holds: 'getter', value: undefined, enumerable };
      return { key: name, holds: 'value', value: found.value, enumerable };
    },
    (error) => ({ key: name, holds: 'fault', value: errorText(error), enumerable: true }),
  );
}

function plain(key: string, value: unknown): Child {
  return { key, holds: 'value', value, enumerable: true };
}

const plainAt = (value: unknown, position: number): Child => plain(String(position), value);

function mapEntry(entry: unknown, position: number): Child {
  const key = ownValue(entry as object, 0);
  const value = ownValue(entry as object, 1);
  const { kind, text, size } = labelOf(key);
  // A key that can itself be opened is shown as a pair.
  if (size !== 0) return plain(String(position), { key, value });
  return plain(kind === 'string' ? JSON.stringify(text.slice(0, 100)) : text, value);
}

function entries(
  all: Iterator<unknown>,
  from: number,
  to: number,
  child: (entry: unknown, position: number) => Child,
): Child[] {
  const found: Child[] = [];
  for (let position = 0; position < to; position++) {
    const next = all.next();
    if (next.done === true) break;
    if (position >= from) found.push(child(next.value, position));
  }
  return found;
}

function indexes(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i);
}
