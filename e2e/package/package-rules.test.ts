import { randomBytes } from 'node:crypto';
import { build, type Plugin } from 'vite';
import { describe, expect, it, vi } from 'vitest';
import { at, readEntries } from './entries.js';
import { sizesOf } from './package-rules.js';
import { readProject } from './project-files.js';

/** Builds the library, writing nothing, with a line planted at the end of one of its modules; says what entries weigh. */
async function buildWith(path?: string, line = ''): Promise<ReadonlyMap<string, number>> {
  let sizes: ReadonlyMap<string, number> = new Map();
  const planted: Plugin = {
    name: 'planted',
    enforce: 'pre',
    load: (id) => (path !== undefined && id === at(path) ? `${readProject(path)}\n${line}` : null),
    generateBundle: (_options, bundle) => {
      sizes = sizesOf(bundle);
    },
  };
  await build({
    configFile: at('vite.config.ts'),
    logLevel: 'silent',
    mode: 'production',
    plugins: [planted],
    build: { write: false },
  });
  return sizes;
}

/** The sizes that the README tells, in bytes, by entry. */
function toldSizes(): ReadonlyMap<string, number> {
  const rows = readProject('README.md').matchAll(/^\| `(crosstown[^`]*)` .*\| +([\d.]+) kB(?: \+ React)? \|$/gm);
  return new Map([...rows].map(([, entry = '', kB]) => [entry, Number(kB) * 1_000]));
}

const kernel = 'core/bus/errors.ts';
const transport = 'core/transports/broadcast-channel.ts';
const planting = (specifier: string): string =>
  `import * as planted from '${specifier}'; export const usePlanted = () => planted;`;

describe('the build of the library', () => {
  it('passes when the sources keep to the rules, and every entry weighs what the README says', async () => {
    // What is published is not built for tests.
    vi.stubEnv('NODE_ENV', 'production');
    const sizes = await buildWith().finally(() => vi.unstubAllEnvs());
    const told = toldSizes();
    expect([...told.keys()].sort()).toEqual(
      readEntries()
        .map(({ specifier }) => specifier)
        .sort(),
    );
    for (const { specifier, output } of readEntries()) {
      const bytes = sizes.get(output) ?? 0;
      // Rounded, and not to be told anew for every line of code.
      const tolerance = Math.max(60, bytes * 0.02);
      expect(Math.abs((told.get(specifier) ?? 0) - bytes), `${specifier}: ${bytes} bytes`).toBeLessThan(tolerance);
    }
  });

  it.each([
    [kernel, 'mitt', `${kernel} must not import mitt`],
    [kernel, 'node:os', `${kernel} must not import node:os`],
    [kernel, '../stores/memory.js', `${kernel} must not import core/stores/memory.ts`],
    [kernel, './create-event-bus.js', `${kernel} must not import core/bus/create-event-bus.ts`],
    ['core/index.ts', './stores/memory.js', 'core/index.ts must not import core/stores/memory.ts'],
    [transport, '../bus/create-event-bus.js', `${transport} must not import core/bus/create-event-bus.ts`],
    [transport, 'idb', `${transport} must not import idb`],
    [transport, 'react', `${transport} must not import react`],
  ])('fails when %s imports %s', async (path, specifier, message) => {
    await expect(buildWith(path, planting(specifier))).rejects.toThrow(message);
  });

  it('fails when a module loads at run time what it must not import', async () => {
    const line = `export const usePlanted = () => import('../stores/memory.js');`;
    await expect(buildWith(transport, line)).rejects.toThrow(`${transport} must not import core/stores/memory.ts`);
  });

  it('fails when an entry outgrows its budget', async () => {
    const line = `export const planted = '${randomBytes(4_000).toString('base64')}';`;
    await expect(buildWith(transport, line)).rejects.toThrow(/broadcast-channel weighs \d+ bytes, over its \d+/);
  });
});
