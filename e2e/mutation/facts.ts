import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { Hits } from './active-mutant.js';

/** What is known of each test, by its id: how long it takes, and how often it reaches each mutant. */
export type TestFacts = Record<string, { readonly ms: number; readonly hits: Hits }>;

// A worker that a mutant keeps busy for ever is ended with its process; the next one reads what that knew.
const FILE = 'test-facts.json';

export function readFacts(): TestFacts {
  return existsSync(FILE) ? JSON.parse(readFileSync(FILE, 'utf8')) : {};
}

export function writeFacts(facts: TestFacts): void {
  writeFileSync(FILE, JSON.stringify(facts));
}
