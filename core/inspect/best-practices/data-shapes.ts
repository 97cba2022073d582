import type { InspectedEvent } from '../../index.js';
import { type Advise, quote, type TypeNotes } from './advice.js';

/** What has more fields has no names of its own for them: it is keyed by something. */
const MAX_FIELDS = 32;

const vagueField = /^(?:stuff|things?|others?|misc|info|something|whatever)$/i;

/** Made for any value. */
const anyKind =
  /^(?:(?:old|new|previous|current|default)?_?values?|old|new|from|to|before|after|previous|current|result|answer)$/i;

const idField = /^id$|[a-z]I[dD]$|_id$/;

/** Tells data that is no object of named fields, or not the same as before. */
export class DataShapes {
  readonly #advise: Advise;
  /** By name of a field with an id, what it was first, and where. */
  readonly #ids = new Map<string, { readonly kind: string; readonly type: string }>();

  constructor(advise: Advise) {
    this.#advise = advise;
  }

  check(notes: TypeNotes, event: InspectedEvent): void {
    const { data } = event;
    const kind = kindOf(data);
    if (kind === undefined) return;
    if (kind !== 'an object') {
      const remedy =
        kind === 'a promise' ? 'Await it before it is emitted' : 'Make it an object with named fields, which can grow';
      this.#advise('unstructured-data', notes, event, `The data of ${quote(notes.type)} is ${kind}`, remedy);
    } else if (notes.fields !== undefined) this.#checkFields(notes, notes.fields, event, data as object);
  }

  #checkFields(notes: TypeNotes, fields: Map<string, string>, event: InspectedEvent, data: object): void {
    const names = Object.keys(data);
    if (names.length > MAX_FIELDS) {
      notes.fields = undefined;
      return;
    }
    let unclear: string[] | undefined;
    for (const name of names) {
      const kind = kindOf((data as Record<string, unknown>)[name]);
      const before = fields.get(name);
      if (kind === undefined || kind === before) continue;
      if (before === undefined) {
        if (fields.size === MAX_FIELDS) continue;
        fields.set(name, kind);
        if (vagueField.test(name)) unclear = [...(unclear ?? []), name];
        if (idField.test(name)) this.#checkId(notes, event, name, kind);
      } else if (!anyKind.test(name))
        this.#advise(
          'inconsistent-data',
          notes,
          event,
          `${quote(name)} of ${quote(notes.type)} is ${kind}, and was ${before} before`,
          'Let a field always be of one kind',
        );
    }
    if (unclear !== undefined)
      this.#advise(
        'vague-field',
        notes,
        event,
        `The data of ${quote(notes.type)} has ${unclear.map(quote).join(' and ')}`,
        'Name each field after what it holds, like "userId" or "email"',
      );
  }

  /** One name is one thing: what looks it up in a map must find it. */
  #checkId(notes: TypeNotes, event: InspectedEvent, name: string, kind: string): void {
    if (kind !== 'a text' && kind !== 'a number') return;
    const first = this.#ids.get(name);
    if (first === undefined) this.#ids.set(name, { kind, type: notes.type });
    else if (first.kind !== kind)
      this.#advise(
        'inconsistent-data',
        notes,
        event,
        `${quote(name)} of ${quote(notes.type)} is ${kind}, and that of ${quote(first.type)} is ${first.kind}`,
        'Let ids be texts everywhere',
      );
  }
}

/** Undefined for what is not there. */
function kindOf(value: unknown): string | undefined {
  switch (typeof value) {
    case 'undefined':
      return undefined;
    case 'string':
      return 'a text';
    case 'object':
      return value === null ? undefined : objectKind(value);
    default:
      return `a ${typeof value}`;
  }
}

function objectKind(value: object): string {
  if (Array.isArray(value)) return 'a list';
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) return 'an object';
  if (value instanceof Date) return 'a date';
  if (value instanceof Map || value instanceof Set) return 'a collection';
  if (value instanceof Promise) return 'a promise';
  return ArrayBuffer.isView(value) || value instanceof ArrayBuffer ? 'a buffer' : 'an object';
}
