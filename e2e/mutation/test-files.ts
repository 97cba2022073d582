import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Compile, bundle or read what stands outside of core, or try a model with thousands of programs. */
const leftOutFiles = [
  'core/bus/event/pattern-types.test.ts',
  'core/bus/peers/table.test.ts',
  'core/bus/leaks.test.ts',
  'core/bus/dispatch/model',
];

/** Say that something holds after ten or a hundred thousand times, or bundle. Examples stand beside them. */
const leftOutTests = [
  'T5 of a hundred thousand random kinds',
  'T3 is taken once after twenty thousand others',
  'T3 leaves nothing behind that grows with records',
  'T7 leaves nothing out and nothing in disorder',
  'T7 is given up when ten thousand events',
  'T7 costs two readings when ten thousand',
  'T7 remembers a bounded number of nodes',
  'D5 15,000 events',
  'F1 is made 100,000 times',
  'Q1 is passed one after the other by 100,000',
  'carries 100,000 events',
  'I5 names the line of a program that a bundler minified',
];

/** The files whose tests mutants meet, by their paths from the top. */
export function testFiles(): string[] {
  return ['core/bus', 'core/stores']
    .flatMap((folder) => readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name)))
    .filter((path) => path.endsWith('.test.ts') && !path.endsWith('.browser.test.ts'))
    .filter((path) => !leftOutFiles.some((start) => path.startsWith(start)))
    .sort();
}

export function isLeftOut(id: string): boolean {
  return leftOutTests.some((name) => id.includes(name));
}
