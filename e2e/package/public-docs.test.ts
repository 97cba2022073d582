import { describe, expect, it } from 'vitest';
import { readEntries } from './entries.js';
import { type PublicName, publicNames } from './public-names.js';

const names = new Map<string, PublicName>();
for (const { source } of readEntries())
  for (const each of publicNames(source)) names.set(`${each.file} ${each.name}`, each);

const list = [...names.values()];
const without = (fits: (each: PublicName) => boolean): string[] =>
  list.filter((each) => !fits(each)).map(({ file, name }) => `${name} in ${file}`);

/** A class that is thrown is shown by what throws it. */
const isError = ({ name }: PublicName): boolean => name.endsWith('Error');
const isCalled = ({ kind }: PublicName): boolean => kind === 'function' || kind === 'class';

describe('the public names', () => {
  it('are found in the sources', () => {
    expect(list.map(({ name }) => name)).toContain('createEventBus');
  });

  it('each say what they are', () => {
    expect(without(({ doc }) => /\w/.test(doc))).toEqual([]);
  });

  it('each show an example when they are called', () => {
    expect(without((each) => !isCalled(each) || isError(each) || each.doc.includes('@example'))).toEqual([]);
  });

  it('are never defaults', () => {
    expect(without(({ name }) => name !== 'default')).toEqual([]);
  });
});
