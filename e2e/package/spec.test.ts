import { describe, expect, it } from 'vitest';
import { projectFiles, readProject } from './project-files.js';

/** The ids that docs/SPEC.md defines: in bold at the start of a line or of a list item. */
const rules = [...readProject('docs/SPEC.md').matchAll(/^\s*(?:[-*] )?\*\*([A-Z]\d+)\b/gm)].map(([, id]) => id ?? '');

/** The ids that tests have at the start of their titles (one, or several parted by commas), and where they stand. */
function citations(): Map<string, string> {
  const cited = new Map<string, string>();
  const tests = projectFiles().filter((file) => /^(core|devtools|e2e)\/.*\.(test|test-d|spec)\.tsx?$/.test(file));
  for (const file of tests) {
    const titles = readProject(file).matchAll(/(?:\b(?:it|test)(?:\.\w+)*|\))\(\s*['"`]((?:[A-Z]\d+(?:,? |: ))+)/g);
    for (const [, ids = ''] of titles) for (const id of ids.match(/[A-Z]\d+/g) ?? []) cited.set(id, file);
  }
  return cited;
}

describe('docs/SPEC.md', () => {
  const cited = citations();

  it('defines rules, each once', () => {
    expect(rules.length).toBeGreaterThan(10);
    expect(rules.filter((id, i) => rules.indexOf(id) !== i)).toEqual([]);
  });

  it('has a test for every rule', () => {
    expect(rules.filter((id) => !cited.has(id))).toEqual([]);
  });

  it('defines every rule that a test cites', () => {
    expect([...cited].filter(([id]) => !rules.includes(id))).toEqual([]);
  });
});
