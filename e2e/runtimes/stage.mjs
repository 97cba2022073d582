// Puts what the runtimes run into a folder of its own: the package as npm would install it, and the suite beside it.
import { cpSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const here = fileURLToPath(new URL('.', import.meta.url));
const top = fileURLToPath(new URL('../..', import.meta.url));

/**
 * The folder, with `named/`, where the suite imports the package by its name, and `pathed/`, where it imports the
 * files of the package, for workers and others that resolve no names.
 * @returns {Promise<string>}
 */
export async function stage() {
  const folder = mkdtempSync(join(tmpdir(), 'crosstown-runtimes-'));
  writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }\n');
  const installed = join(folder, 'node_modules/crosstown');
  for (const each of ['package.json', 'dist']) cpSync(join(top, each), join(installed, each), { recursive: true });
  const files = entryFiles();
  await compile(join(folder, 'named'), (specifier) => specifier);
  await compile(join(folder, 'pathed'), (specifier) => `../node_modules/crosstown/${files.get(specifier)}`);
  return folder;
}

/**
 * The entries of the package and the files they lead to.
 * @returns {Map<string, string>}
 */
export function entryFiles() {
  /** @type {{ name: string, exports: Record<string, string | { default: string }> }} */
  const { name, exports } = JSON.parse(readFileSync(join(top, 'package.json'), 'utf8'));
  return new Map(
    Object.entries(exports).flatMap(([subpath, target]) =>
      typeof target === 'string' ? [] : [[name + subpath.slice(1), target.default.slice('./'.length)]],
    ),
  );
}

/**
 * Compiles the hosts, and with them the suite.
 * @param {string} outDir
 * @param {(specifier: string) => string} resolve what an import of the package becomes
 */
async function compile(outDir, resolve) {
  const hosts = readdirSync(join(here, 'hosts')).map((file) => [basename(file, '.ts'), join(here, 'hosts', file)]);
  await build({
    configFile: false,
    root: here,
    logLevel: 'warn',
    build: {
      target: 'es2022',
      minify: false,
      outDir,
      emptyOutDir: true,
      lib: { entry: Object.fromEntries(hosts), formats: ['es'] },
      rolldownOptions: {
        external: /^crosstown(\/|$)/,
        output: { paths: resolve, entryFileNames: '[name].js', chunkFileNames: '[name].js' },
      },
    },
  });
}
