import { existsSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { at, readEntries } from './entries.js';
import { projectFiles, readProject } from './project-files.js';

const entries = readEntries();
const outputs = entries.map((entry) => entry.output).sort();
const manifest = JSON.parse(readProject('package.json'));

const sourceOf = (path: string): string => path.replace(/\.tsx?$/, '');
const isSource = (path: string): boolean => /\.tsx?$/.test(path) && !/\.test\.|\.test-d\./.test(path);

/** The modules that are public by their place: the roots, and each leaf of a folder of core beside the kernel, or its index where it has one. The devtools have a panel and an agent. */
function publicModules(): string[] {
  const files = projectFiles().filter(isSource);
  const folders = new Set(files.flatMap((file) => /^(core\/(?!bus\/)[^/]+)\//.exec(file)?.[1] ?? []));
  const leaves = [...folders].flatMap((folder) => {
    const own = files.filter((file) => file.startsWith(`${folder}/`) && !file.slice(folder.length + 1).includes('/'));
    const index = own.filter((file) => /\/index\.tsx?$/.test(file));
    return index.length > 0 ? index : own;
  });
  return [...leaves, ...files.filter((file) => /^(core\/index|devtools\/(index|agent))\.tsx?$/.test(file))]
    .map(sourceOf)
    .sort();
}

describe('the entries of the package', () => {
  it('are exactly the public modules of the source folders', () => {
    expect(outputs).toEqual(publicModules());
  });

  it('are exactly the entries that were built', () => {
    const built = readdirSync(at('dist'), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.js') && !file.startsWith('chunks/') && file !== 'core/bus.js')
      .map((file) => file.slice(0, -'.js'.length))
      .sort();
    expect(outputs).toEqual(built);
  });

  it.each(entries)('$specifier has code, types, and the maps of both', ({ output, specifier }) => {
    expect(existsSync(at(`dist/${output}.js`)), 'code').toBe(true);
    expect(existsSync(at(`dist/${output}.d.ts`)), 'types').toBe(true);
    expect(existsSync(at(`dist/${output}.d.ts.map`)), 'map of the types').toBe(true);
    const subpath = specifier.replace('crosstown', '.');
    expect(manifest.exports[subpath]).toEqual({
      types: `./dist/${output}.d.ts`,
      default: `./dist/${output}.js`,
    });
  });

  it.each(entries)('$specifier is named after its place', ({ output, specifier }) => {
    const place = output.replace(/^core\//, '').replace(/\/?index$/, '');
    expect(specifier).toBe(place === '' ? 'crosstown' : `crosstown/${place}`);
  });
});

describe('the package', () => {
  it('has no dependencies, and React only as an optional peer', () => {
    expect(manifest).not.toHaveProperty('dependencies');
    expect(manifest).not.toHaveProperty('optionalDependencies');
    for (const peer of Object.keys(manifest.peerDependencies))
      expect(manifest.peerDependenciesMeta[peer], peer).toEqual({ optional: true });
  });

  it('is free of side effects, ESM only and for Node 20.19 or later', () => {
    expect(manifest).toMatchObject({ sideEffects: false, type: 'module', engines: { node: '>=20.19' } });
  });

  it('has source maps that name files it ships', () => {
    for (const file of readdirSync(at('dist'), { recursive: true, encoding: 'utf8' })) {
      if (!file.endsWith('.map')) continue;
      const folder = new URL(`../../dist/${file}`, import.meta.url);
      for (const source of JSON.parse(readProject(`dist/${file}`)).sources as string[]) {
        if (/node_modules\/|builtin:|^\0/.test(source)) continue;
        expect(existsSync(new URL(source, folder)), `${source} of dist/${file}`).toBe(true);
        expect(source, `dist/${file}`).toMatch(/^(\.\.\/)+(core|devtools)\//);
      }
    }
  });
});
