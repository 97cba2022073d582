import { open } from './children.js';
import { labelOf } from './label.js';

const DEEPEST = 100;
const MOST_VALUES = 100_000;

/**
 * Any value as JSON that can be pasted somewhere: what JSON has no word for is written as a tagged object or a short
 * text in brackets. Runs no code of the value's own and never throws.
 */
export function toJson(value: unknown): string {
  return JSON.stringify(new Plain().of(value, '$'), undefined, 2) ?? 'null';
}

class Plain {
  readonly #paths = new Map<object, string>();
  #values = 0;

  of(value: unknown, path: string): unknown {
    if (++this.#values > MOST_VALUES) return '[too much to copy]';
    const { kind, text } = labelOf(value);
    switch (kind) {
      case 'string':
      case 'boolean':
        return value;
      case 'number':
        return Number.isFinite(value) ? value : text;
      case 'nothing':
        return value === null ? null : '[undefined]';
      case 'bigint':
      case 'date':
      case 'regexp':
        return text;
      case 'symbol':
      case 'function':
      case 'element':
      case 'unreadable':
        return `[${text}]`;
      default:
        return this.#inside(value as object, kind, text, path);
    }
  }

  #inside(value: object, kind: string, text: string, path: string): unknown {
    const seen = this.#paths.get(value);
    if (seen !== undefined) return `[circular: ${seen}]`;
    if (this.#paths.size >= DEEPEST) return '[too deep]';
    this.#paths.set(value, path);
    const children = open(value).slice(0, MOST_VALUES);
    const values = children.map(({ holds, value: child, key }) =>
      holds === 'value' ? this.of(child, `${path}.${key}`) : `[${holds}]`,
    );
    // Only ancestors make a circle; the same object twice side by side is written twice.
    this.#paths.delete(value);
    if (kind === 'array' || kind === 'typed-array') return values;
    if (kind === 'set') return { '[Set]': values };
    if (kind === 'map') return { '[Map]': children.map(({ key }, i) => [key, values[i]]) };
    const entries = children.map(({ key }, i): [string, unknown] => [key, values[i]]);
    const isPlain = kind === 'error' || text === 'Object';
    return Object.fromEntries(isPlain ? entries : [['[class]', text], ...entries]);
  }
}
