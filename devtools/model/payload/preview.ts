import { open } from './children.js';
import { labelOf } from './label.js';

const LONGEST = 120;
const MOST_ENTRIES = 12;
const LONGEST_STRING = 48;

/** The beginning of a value on one line, of at most 120 characters; made anew each time, as the value may have changed. */
export function previewData(value: unknown): string {
  const text = previewDeep(value, 1);
  return text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text;
}

const faults = { getter: '(getter)', fault: '(unreadable)' } as const;

function previewDeep(value: unknown, depth: number): string {
  const { kind, text, size } = labelOf(value);
  if (kind === 'string') return quote(text);
  if (depth < 0 && text === 'Object') return '{…}';
  if (depth < 0 || size === 0 || !['object', 'array', 'map', 'set', 'typed-array'].includes(kind)) return text;
  const opened = open(value);
  const parts: string[] = [];
  let length = 0;
  for (const child of opened.slice(0, MOST_ENTRIES)) {
    const content = child.holds === 'value' ? previewDeep(child.value, depth - 1) : faults[child.holds];
    const part =
      kind === 'map'
        ? `${child.key} => ${content}`
        : kind === 'object' && child.key !== ''
          ? `${child.key}: ${content}`
          : content;
    parts.push(part);
    length += part.length;
    if (length > LONGEST) break;
  }
  if (opened.size > parts.length) parts.push('…');
  const inside = parts.join(', ');
  if (kind === 'array') return `[${inside}]`;
  const name = text === 'Object' ? '' : `${text} `;
  return inside === '' ? `${name}{}` : `${name}{ ${inside} }`;
}

function quote(text: string): string {
  return JSON.stringify(text.length > LONGEST_STRING ? `${text.slice(0, LONGEST_STRING)}…` : text);
}
