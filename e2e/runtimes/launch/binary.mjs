import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const modules = fileURLToPath(new URL('../../../node_modules/', import.meta.url));

/** Where the packages keep their programs: in one for this platform, or in themselves where npm ran their scripts. */
const places = {
  workerd: ['bin/workerd'],
  deno: ['deno', 'deno.exe'],
  bun: ['bin/bun', 'bin/bun.exe'],
};

/**
 * The program of a runtime that came from npm. Its install script need not have run: that only moves the program.
 * @param {keyof typeof places} name
 */
export function binaryOf(name) {
  const { optionalDependencies } = manifestOf(name);
  for (const each of [...Object.keys(optionalDependencies), name])
    for (const place of places[name]) {
      const path = `${modules}${each}/${place}`;
      if (existsSync(path)) return path;
    }
  throw new Error(`There is no ${name} for this platform in node_modules. Run npm ci, with optional dependencies.`);
}

/**
 * @param {string} name
 * @returns {{ version: string, optionalDependencies: Record<string, string> }}
 */
export function manifestOf(name) {
  return JSON.parse(readFileSync(`${modules}${name}/package.json`, 'utf8'));
}
