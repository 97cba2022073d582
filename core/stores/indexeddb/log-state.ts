import type { IDBPObjectStore, StoreNames } from 'idb';
import type { Schema } from './rows.js';

/**
 * What is known of the rows as a whole; whoever changes rows that were counted changes it in the same transaction. It
 * may be deleted at any time: then they are counted again.
 */
export interface LogState {
  /** The rows up to this key have been counted. */
  readonly counted: number;
  /** How many events these rows hold, and roughly how many bytes. */
  readonly events: number;
  readonly bytes: number;
  /** The rows up to this key have been compacted. */
  readonly compacted: number;
}

/** The rows of `meta`: the state, and the highest offset that was trimmed. */
export const STATE = 'state';
export const FLOOR = 'floor';

type Meta<Names extends ArrayLike<StoreNames<Schema>>, Mode extends IDBTransactionMode> = IDBPObjectStore<
  Schema,
  Names,
  'meta',
  Mode
>;

export async function logState<Names extends ArrayLike<StoreNames<Schema>>, Mode extends IDBTransactionMode>(
  meta: Meta<Names, Mode>,
): Promise<LogState> {
  const found = await meta.get(STATE);
  return typeof found === 'object' ? found : { counted: 0, events: 0, bytes: 0, compacted: 0 };
}

/** 0 before the first trim. */
export async function logFloor<Names extends ArrayLike<StoreNames<Schema>>, Mode extends IDBTransactionMode>(
  meta: Meta<Names, Mode>,
): Promise<number> {
  const found = await meta.get(FLOOR);
  return typeof found === 'number' ? found : 0;
}
