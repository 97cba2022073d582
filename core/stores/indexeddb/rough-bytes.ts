import { approximateBytes } from '../../index.js';

/** Far more than a row takes: nothing above it needs to be told apart. */
const ENOUGH = 1_000_000;

/** Roughly how many bytes a value takes in the database: what groups and rows are measured by. */
export function roughBytes(value: unknown): number {
  try {
    return approximateBytes(value, ENOUGH);
  } catch {
    // A getter or a proxy threw: the database will refuse the value and say so.
    return 0;
  }
}
