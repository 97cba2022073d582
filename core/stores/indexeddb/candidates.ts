import type { IDBPIndex, IDBPObjectStore } from 'idb';
import { compilePattern, type HistoryQuery } from '../../index.js';
import type { Schema } from './rows.js';

/** The rows, inside a transaction that reads. */
export type Rows = IDBPObjectStore<Schema, ['rows'], 'rows'>;
type TypeIndex = IDBPIndex<Schema, ['rows'], 'rows', 'types'>;

/** With more types than this under a wildcard, to look each up would take longer than to read everything. */
const MOST_TYPES = 200;

/**
 * The keys, in rising order, of the rows that the indexes say may hold what is asked for; undefined when no index
 * helps and every row has to be read. Where `few` rows are asked about, only the index of correlation ids does.
 */
export async function candidateRows(
  rows: Rows,
  query: HistoryQuery,
  few: boolean,
): Promise<readonly number[] | undefined> {
  const found: number[][] = [];
  const { correlationId } = query;
  if (correlationId !== undefined) found.push(await rows.index('corr').getAllKeys(correlationId));
  if (!few) found.push(...(await rowsByTime(rows, query)), ...(await rowsByType(rows, query)));
  const [least, ...others] = found.sort((a, b) => a.length - b.length).map((keys) => new Set(keys));
  if (least === undefined) return undefined;
  return [...least].filter((key) => others.every((keys) => keys.has(key))).sort((a, b) => a - b);
}

async function rowsByTime(rows: Rows, { since, until }: HistoryQuery): Promise<readonly number[][]> {
  const found: number[][] = [];
  if (since !== undefined) found.push(await rows.index('to').getAllKeys(IDBKeyRange.lowerBound(since)));
  if (until !== undefined) found.push(await rows.index('from').getAllKeys(IDBKeyRange.upperBound(until)));
  return found;
}

async function rowsByType(rows: Rows, { pattern }: HistoryQuery): Promise<readonly number[][]> {
  const index = rows.index('types');
  const types = pattern === undefined ? undefined : await typesInIndex(index, pattern);
  if (types === undefined) return [];
  return [(await Promise.all(types.map((type) => index.getAllKeys(type)))).flat()];
}

/** The types in the store that the patterns match; undefined when they are too many to look up. */
async function typesInIndex(index: TypeIndex, pattern: string | readonly string[]): Promise<string[] | undefined> {
  const matches = compilePattern(pattern);
  const types = new Set<string>();
  let visited = 0;
  for (const one of typeof pattern === 'string' ? [pattern] : pattern) {
    const [prefix = '', wildcard] = one.split(/\.?\*/, 2);
    if (wildcard === undefined) {
      types.add(one);
      continue;
    }
    if (prefix === '' && /^\*\*?$/.test(one)) return undefined;
    let cursor = await index.openKeyCursor(IDBKeyRange.bound(prefix, `${prefix}\uffff`));
    for (; cursor !== null; visited++) {
      if (visited > MOST_TYPES) return undefined;
      if (matches(cursor.key)) types.add(cursor.key);
      // Straight to the next type: no type holds a control character.
      cursor = await cursor.continue(`${cursor.key}\0`);
    }
  }
  return [...types];
}
