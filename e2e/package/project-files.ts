import { readdirSync, readFileSync } from 'node:fs';
import { at } from './entries.js';

/** What a build, a test run or an installation makes; .gitignore names the same. */
const made = /^(node_modules|\.git|dist|dist-demo|coverage|test-results|playwright-report)$|\.tgz$|^__screenshots__$/;

/** Paths of all files of the project that people write, relative to its top. */
export function projectFiles(folder = ''): string[] {
  return readdirSync(at(folder) || '.', { withFileTypes: true }).flatMap((entry) => {
    if (made.test(entry.name)) return [];
    const path = folder + entry.name;
    return entry.isDirectory() ? projectFiles(`${path}/`) : [path];
  });
}

/** The text of a file of the project. */
export const readProject = (path: string): string => readFileSync(at(path), 'utf8');
