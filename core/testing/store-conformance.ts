import type { EventStore } from '../index.js';
import type { ConformanceCase } from './conformance-case.js';
import { appendingCases } from './store-conformance/appending.js';
import { closingCases } from './store-conformance/closing.js';
import { cursorCases } from './store-conformance/cursors.js';
import { deadLetterCases } from './store-conformance/dead-letters.js';
import { lockCases } from './store-conformance/locks.js';
import { purgingCases } from './store-conformance/purging.js';
import { queryCases } from './store-conformance/queries.js';
import { readingCases } from './store-conformance/reading.js';

/**
 * What every event store must do, as cases for any test runner; a case throws when the store does not do it.
 *
 * @param create makes a store on the log of a name; two stores on one name are two ways to the same log when the
 *   store's `caps.shared` says so. Every case uses names of its own and closes what it made.
 * @example
 * for (const { name, run } of eventStoreConformance((log) => indexedDbStore({ name: log }))) it(name, run);
 */
export function eventStoreConformance(create: (log: string) => EventStore): readonly ConformanceCase[] {
  const { caps, deadLetters, cursors, locks, purge } = create('caps');
  const cases = [...appendingCases, ...readingCases, ...queryCases, ...closingCases];
  // All of this a store may do without.
  if (deadLetters !== undefined) cases.push(...deadLetterCases);
  if (cursors !== undefined) cases.push(...cursorCases);
  if (locks !== undefined) cases.push(...lockCases);
  if (purge !== undefined) cases.push(...purgingCases);
  return cases
    .filter(({ needs = [] }) => needs.every((cap) => caps[cap]))
    .map(({ name, run }) => ({
      name,
      run: async () => {
        const log = `conformance-${crypto.getRandomValues(new Uint32Array(2)).join('-')}`;
        const stores: EventStore[] = [];
        const open = (suffix = ''): EventStore => {
          const store = create(log + suffix);
          stores.push(store);
          return store;
        };
        try {
          await run(open);
        } finally {
          await Promise.all(stores.map((store) => store.close()));
        }
      },
    }));
}
