import { statusNames } from '../status.js';

/** What a condition looks at; `text` is the type, the source and the beginning of the data. */
export const filterKeys = ['type', 'source', 'status', 'is', 'node', 'corr', 'dur'] as const;

/** What an event can be beside its status: `dead` has left a dead letter that is still there; `retried` had a call made again. */
export const marks = ['dead', 'retried'] as const;

export type Mark = (typeof marks)[number];

export type FilterKey = (typeof filterKeys)[number];

/** One condition of a filter; all of them must hold. */
export interface Condition {
  readonly key: FilterKey | 'text';
  /** One of these must fit; written with commas between. */
  readonly values: readonly string[];
  readonly negated: boolean;
}

/** A filter as it was understood. */
export interface ParsedFilter {
  readonly conditions: readonly Condition[];
  /** What could not be understood, in words for who wrote it; such a condition is left out. */
  readonly problems: readonly string[];
}

/** A word, or what stands in quotes, with an optional `-` and `key:` before it; a quote may still be open. */
const token = /(-)?(?:([a-z]+):)?(?:"([^"]*)"?|(\S*))/gi;

/**
 * Reads the filter language: free words, `key:value`, `key:one,other`, `"a phrase"`, and `-` before any of these to
 * turn it around.
 */
export function parseFilter(text: string): ParsedFilter {
  const conditions: Condition[] = [];
  const problems: string[] = [];
  for (const [whole, minus, name, quoted, plain = ''] of text.matchAll(token)) {
    const key = filterKeys.find((each) => each === name?.toLowerCase());
    const value = quoted ?? plain;
    // A word with a colon that is no key of ours is a word: types and ids may have one.
    const words = key === undefined && name !== undefined ? `${name}:${value}` : value;
    const isList = key !== undefined && quoted === undefined;
    const values = (isList ? words.split(',') : [words]).filter((each) => each !== '');
    if (values.length === 0) continue;
    const problem = key === undefined ? undefined : problemOf(key, values);
    if (problem !== undefined) problems.push(`${whole}: ${problem}`);
    else conditions.push({ key: key ?? 'text', values, negated: minus !== undefined });
  }
  return { conditions, problems };
}

function problemOf(key: FilterKey, values: readonly string[]): string | undefined {
  if (key === 'status') {
    const unknown = values.find((value) => !statusNames.some((name) => name === value.toLowerCase()));
    return unknown === undefined ? undefined : `status is one of ${statusNames.join(', ')}`;
  }
  if (key === 'is' && values.some((value) => !marks.some((mark) => mark === value.toLowerCase()))) {
    return `is takes one of ${marks.join(', ')}`;
  }
  if (key === 'dur' && values.some((value) => parseDuration(value) === undefined)) {
    return 'write a duration as >50, <2 or >1.5s';
  }
  return undefined;
}

/** The bounds in ms that `>50`, `<2ms` or `>1.5s` stands for. */
export function parseDuration(value: string): { readonly above: boolean; readonly ms: number } | undefined {
  const [, sign, digits, unit] = /^([<>])(\d+(?:\.\d+)?)(ms|s)?$/.exec(value) ?? [];
  if (digits === undefined) return undefined;
  return { above: sign === '>', ms: Number(digits) * (unit === 's' ? 1000 : 1) };
}
