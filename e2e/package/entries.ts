import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The path of a file of the project, given relative to its top. */
export const at = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** One way into the package: a line of `exports` in package.json that leads to code. */
export interface Entry {
  /** What a user imports: `crosstown/stores/memory`. */
  readonly specifier: string;
  /** Where the build puts it, without `dist/` and extension: `core/stores/memory`. */
  readonly output: string;
  /** The module it is built from, relative to the top of the project. */
  readonly source: string;
}

interface Manifest {
  readonly name: string;
  readonly exports: Readonly<Record<string, string | { readonly types: string; readonly default: string }>>;
}

/** The entries of package.json, the one list that the build, the demo's aliases and the package's tests go by. */
export function readEntries(): readonly Entry[] {
  const manifest = JSON.parse(readFileSync(at('package.json'), 'utf8')) as Manifest;
  return Object.entries(manifest.exports).flatMap(([subpath, target]) => {
    if (typeof target === 'string') return [];
    const output = target.default.replace(/^\.\/dist\//, '').replace(/\.js$/, '');
    const source = existsSync(at(`${output}.tsx`)) ? `${output}.tsx` : `${output}.ts`;
    return [{ specifier: manifest.name + subpath.slice(1), output, source }];
  });
}
