import { brotliCompressSync } from 'node:zlib';
import { minifySync, type Plugin, type Rolldown } from 'vite';
import { at } from './entries.js';
import { mayImport } from './import-rules.js';

/**
 * Bytes an entry may weigh with everything it imports, minified and brotli-compressed. Entries other than the root
 * are weighed without what the root already brought, since nobody uses them without it.
 */
const budgets: Readonly<Record<string, number>> = {
  'core/index': 38_800,
  'core/stores/memory': 2_000,
  'core/stores/indexeddb': 9_200,
  'core/transports/broadcast-channel': 1_300,
  'core/transports/message-port': 3_700,
  'core/transports/restricted': 1_700,
  'core/middleware/rate-limit': 550,
  'core/middleware/logger': 900,
  'core/inspect/best-practices': 3_400,
  'core/codecs/aes-gcm': 3_900,
  'core/flows/replay': 1_700,
  'core/flows/aggregate': 2_000,
  'core/flows/batch': 2_600,
  'core/flows/correlate': 850,
  'core/flows/saga': 6_000,
  'core/decorators/index': 2_000,
  'core/react/index': 2_500,
  'core/testing/index': 10_500,
  'devtools/index': 62_000,
  'devtools/agent': 3_000,
};

const root = at('');

/** A module id as the rules know it: a path in the project, or the name of a package. */
function nameOf(id: string): string {
  const [path = ''] = id.replace('__vite-browser-external:', '').split('?');
  const inPackage = /^(?:.*\/node_modules\/)((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1];
  if (inPackage) return inPackage;
  if (path.startsWith(root)) return path.slice(root.length);
  return /^(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? path;
}

/** Fails the library build when a module imports what it must not, or an entry outgrows its budget; prints the sizes. */
export function packageRules(): Plugin {
  return {
    name: 'package-rules',
    apply: 'build',
    generateBundle(_options, bundle): void {
      const problems = [
        ...importProblems(this),
        ...chunkProblems(bundle),
        ...sizeProblems(bundle, (line) => this.info(line)),
      ];
      if (problems.length > 0) this.error(problems.join('\n'));
    },
  };
}

/** The boundaries between the project's own folders, on every module of the build. */
function importProblems(context: Rolldown.PluginContext): string[] {
  const problems: string[] = [];
  for (const id of context.getModuleIds()) {
    if (!id.startsWith(root) || id.includes('/node_modules/')) continue;
    const module = context.getModuleInfo(id);
    const from = nameOf(id);
    for (const target of [...(module?.importedIds ?? []), ...(module?.dynamicallyImportedIds ?? [])]) {
      const to = nameOf(target);
      if (!to.startsWith('\0') && !mayImport(from, to)) problems.push(`${from} must not import ${to}`);
    }
  }
  return problems;
}

/** What the inlined packages brought along: core stays free of packages, and nothing calls `require`. */
function chunkProblems(bundle: Rolldown.OutputBundle): string[] {
  const problems: string[] = [];
  for (const [file, chunk] of Object.entries(bundle)) {
    if (chunk.type !== 'chunk') continue;
    if (chunk.code.includes('__require(')) problems.push(`${file} calls require, which a browser does not have`);
    const imported = [...chunk.imports, ...chunk.dynamicImports].filter((name) => !(name in bundle));
    if (file.startsWith('core/')) {
      const peers = file.startsWith('core/react/') ? ['react'] : [];
      for (const name of imported) if (!peers.includes(name)) problems.push(`${file} imports the package ${name}`);
      for (const id of chunk.moduleIds)
        if (!/^(core\/.*|idb|mitt|\0.*)$/.test(nameOf(id))) problems.push(`${file} holds ${nameOf(id)}`);
    } else
      for (const name of imported)
        if (!/^react(-dom)?($|\/)/.test(name)) problems.push(`${file} imports the package ${name}`);
    if (file === 'core/bus.js')
      for (const id of chunk.moduleIds)
        if (!/^(core\/bus\/|\0)/.test(nameOf(id))) problems.push(`the kernel's chunk holds ${nameOf(id)}`);
  }
  return problems;
}

function sizeProblems(bundle: Rolldown.OutputBundle, print: (line: string) => void): string[] {
  const problems: string[] = [];
  for (const [name, bytes] of sizesOf(bundle)) {
    const budget = budgets[name];
    print(`${name}: ${bytes} of ${budget} bytes (minified, brotli)`);
    if (budget === undefined) problems.push(`${name} has no budget in package-rules.ts`);
    else if (bytes > budget) problems.push(`${name} weighs ${bytes} bytes, over its ${budget}`);
  }
  return problems;
}

/** What each entry weighs, in bytes, by its name in the build. */
export function sizesOf(bundle: Rolldown.OutputBundle): ReadonlyMap<string, number> {
  const sizes = new Map<string, number>();
  const inRoot = reachable(bundle, 'core/index.js');
  for (const [file, chunk] of Object.entries(bundle)) {
    if (chunk.type !== 'chunk' || !chunk.isEntry) continue;
    const files = [...reachable(bundle, file)].filter((each) => chunk.name === 'core/index' || !inRoot.has(each));
    sizes.set(chunk.name, weigh(bundle, files));
  }
  return sizes;
}

function reachable(bundle: Rolldown.OutputBundle, file: string, found = new Set<string>()): Set<string> {
  const chunk = bundle[file];
  if (chunk?.type !== 'chunk' || found.has(file)) return found;
  found.add(file);
  for (const next of [...chunk.imports, ...chunk.dynamicImports]) reachable(bundle, next, found);
  return found;
}

function weigh(bundle: Rolldown.OutputBundle, files: readonly string[]): number {
  const code = files.map((file) => {
    const chunk = bundle[file];
    return chunk?.type === 'chunk' ? minifySync(file, chunk.code).code : '';
  });
  return brotliCompressSync(code.join('')).length;
}
