import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');
const page = read('../../../docs/peers.md');

/** The parts of a text under headings of a depth, by heading. */
function sections(text: string, depth: number): Map<string, string> {
  const parts = text.split(new RegExp(`^${'#'.repeat(depth)} `, 'm')).slice(1);
  return new Map(parts.map((part) => [part.slice(0, part.indexOf('\n')), part]));
}

/** The cells of each row of the first table, without its head. */
function rows(text: string): string[][] {
  const lines = text.split('\n').filter((line) => line.startsWith('|'));
  return lines.slice(2).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

/** The titles of the tests of a file, in order. */
function titles(file: string): string[] {
  return [...read(`./${file}`).matchAll(/^ {2}it\((['"`])(.*?)\1, /gm)].map(([, , title = '']) => title);
}

const top = sections(page, 2);
const themes = sections(top.get('Behaviours') ?? '', 3);
const suites = sections(top.get('The suites') ?? '', 3);

describe('docs/peers.md', () => {
  it('has sections of behaviours', () => {
    expect(themes.size).toBeGreaterThan(10);
    expect([...suites.keys()]).toEqual(['mitt', 'nanoevents', 'eventemitter3', 'emittery', 'eventemitter2']);
  });

  it.each([...themes])('has a row for every test, and a test for every row: %s', (_, text) => {
    const [, file = ''] = text.match(/\(\.\.\/core\/bus\/peers\/([\w.-]+)\)/) ?? [];
    const sentences = rows(text).map(([behaviour, , , , , , crosstown, rule]) =>
      [rule, behaviour, crosstown].filter(Boolean).join(' '),
    );
    expect(sentences.length).toBeGreaterThan(0);
    expect(sentences).toEqual(titles(file));
  });

  it.each([...themes])('says for every peer what it does: %s', (_, text) => {
    const cells = rows(text);
    expect(cells.filter((row) => row.length !== 8)).toEqual([]);
    expect(cells.flatMap((row) => row.slice(0, 7)).filter((cell) => cell === '')).toEqual([]);
    // A row that holds for nobody else, and differs from nobody, would be no comparison.
    expect(cells.filter((row) => row.slice(1, 6).every((cell) => cell === '–'))).toEqual([]);
  });

  it.each(rows(top.get('Counts') ?? ''))('counts the cases of %s', (suite, ...counts) => {
    const cases = rows(suites.get(suite ?? '') ?? '').map(
      ([count, , verdict = '']) => [Number(count), verdict] as const,
    );
    const of = (start: string): number =>
      cases.filter(([, verdict]) => verdict.startsWith(start)).reduce((sum, [count]) => sum + count, 0);
    const [hold, differ, apart] = [of('holds'), of('differs: '), of('does not apply: ')];
    const all = cases.reduce((sum, [count]) => sum + count, 0);
    expect(all).toBeGreaterThan(0);
    expect(counts.map(Number)).toEqual([all, hold, differ, apart]);
    expect(hold + differ + apart).toBe(all);
  });
});
