import type { ValueLabel } from './label.js';
import { errorText, lineage, ownValue, safely } from './safe-read.js';

/**
 * The platform's own getter of a class. It takes nothing from the object but what the platform put there, and throws
 * for an object that only looks as if it were of the class.
 */
function getterOf(prototype: object, key: PropertyKey): (value: object) => unknown {
  const get = Object.getOwnPropertyDescriptor(prototype, key)?.get;
  return (value) => get?.call(value);
}

const mapSize = getterOf(Map.prototype, 'size');
const setSize = getterOf(Set.prototype, 'size');
const regexpSource = getterOf(RegExp.prototype, 'source');
const regexpFlags = getterOf(RegExp.prototype, 'flags');
const bufferLength = getterOf(ArrayBuffer.prototype, 'byteLength');
const viewLength = getterOf(DataView.prototype, 'byteLength');
const typedArrayPrototype = Object.getPrototypeOf(Uint8Array.prototype) as object;
const typedArrayLength = getterOf(typedArrayPrototype, 'length');
const typedArrayName = getterOf(typedArrayPrototype, Symbol.toStringTag);

type Reader = (value: object) => ValueLabel;

const named =
  (name: string): Reader =>
  () => ({ kind: 'object', text: name, size: 0 });

/** How an object of a class of the platform is told, by the name of the class, which is the same in every realm. */
const readers: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ['Map', (value) => sized('map', 'Map', mapSize(value))],
  ['Set', (value) => sized('set', 'Set', setSize(value))],
  ['TypedArray', (value) => sized('typed-array', String(typedArrayName(value)), typedArrayLength(value))],
  ['ArrayBuffer', (value) => ({ kind: 'object', text: `ArrayBuffer(${bufferLength(value)})`, size: 0 })],
  ['DataView', (value) => ({ kind: 'object', text: `DataView(${viewLength(value)})`, size: 0 })],
  ['Date', (value) => ({ kind: 'date', text: dateText(Date.prototype.getTime.call(value)), size: 0 })],
  ['RegExp', (value) => ({ kind: 'regexp', text: `/${regexpSource(value)}/${regexpFlags(value)}`, size: 0 })],
  ['Error', (value) => ({ kind: 'error', text: errorText(value), size: -1 })],
  ['Element', (value) => ({ kind: 'element', text: `<${elementText(value)}>`, size: -1 })],
  ['Node', (value) => ({ kind: 'element', text: nodeText(value), size: 0 })],
  ...['Promise', 'WeakMap', 'WeakSet', 'WeakRef'].map((name): [string, Reader] => [name, named(name)]),
]);

/** Says what an object is that is more than its properties; undefined when it is not. */
export function labelOfExotic(value: object): ValueLabel | undefined {
  if (typeof value === 'function') return { kind: 'function', text: functionText(value), size: -1 };
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) return undefined;
  for (const name of lineage(value)) {
    const read = readers.get(name);
    const label =
      read &&
      safely<ValueLabel | undefined>(
        () => read(value),
        () => undefined,
      );
    if (label !== undefined) return label;
  }
  return undefined;
}

function sized(kind: ValueLabel['kind'], name: string, size: unknown): ValueLabel {
  return { kind, text: `${name}(${String(size)})`, size: Number(size) };
}

function nodeText(value: object): string {
  return String(getterOf(Node.prototype, 'nodeName')(value)).toLowerCase();
}

function elementText(value: object): string {
  const id = getterOf(Element.prototype, 'id')(value);
  const classes = Element.prototype.getAttribute.call(value, 'class')?.trim();
  return `${nodeText(value)}${id ? `#${String(id)}` : ''}${classes ? `.${classes.split(/\s+/).join('.')}` : ''}`;
}

function functionText(value: object): string {
  const name = ownValue(value, 'name');
  const label = typeof name === 'string' && name !== '' ? name : 'anonymous';
  const source = safely(
    () => Function.prototype.toString.call(value),
    () => '',
  );
  return source.startsWith('class') ? `class ${label}` : `ƒ ${label}()`;
}

function dateText(time: number): string {
  return Number.isNaN(time) ? 'Invalid Date' : new Date(time).toISOString();
}
