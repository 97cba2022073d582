import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { at, readEntries } from './entries.js';
import { guideModules, printedBy } from './guide-pages.js';
import { runProgram, runTool } from './process.js';
import { readProject } from './project-files.js';

const folder = mkdtempSync(join(tmpdir(), 'crosstown-guide-'));
const files = readdirSync(at('docs/guide')).filter((file) => file.endsWith('.md'));
const pages = files.filter((file) => file !== 'README.md');
const modules = [
  ...guideModules('top', readProject('README.md')),
  ...files.flatMap((file) => guideModules(file.replace(/\.md$/, ''), readProject(`docs/guide/${file}`))),
];
/** What it shows needs a page. */
const hooks = guideModules('hooks', readProject('docs/react.md')).map(({ code }) => ({ name: 'hooks.tsx', code }));
const programs = modules.filter(({ program }) => program !== undefined);

/** Runs a program against the sources, under the names a user imports them by. */
async function outputOf(name: string, program: string): Promise<readonly string[]> {
  const outfile = join(folder, 'out', `${name}.mjs`);
  await build({
    stdin: { contents: program, loader: 'ts', resolveDir: folder },
    alias: Object.fromEntries(readEntries().map(({ specifier, source }) => [specifier, at(source)])),
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'es2022',
    logLevel: 'silent',
    outfile,
  });
  const { code, output } = await runProgram(process.execPath, [outfile], { timeoutMs: 20_000 });
  expect(code, output).toBe(0);
  return printedBy(output);
}

beforeAll(() => {
  mkdirSync(join(folder, 'out'));
  symlinkSync(at('node_modules'), join(folder, 'node_modules'));
  for (const { name, code } of [...modules, ...hooks]) writeFileSync(join(folder, name), code);
  const tsconfig = {
    compilerOptions: {
      target: 'es2022',
      module: 'esnext',
      moduleResolution: 'bundler',
      lib: ['es2023', 'esnext.disposable', 'dom', 'dom.iterable', 'dom.asynciterable'],
      // The sources of the devtools, which a user has no part in, import style sheets.
      types: ['vite/client'],
      jsx: 'react-jsx',
      strict: true,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      skipLibCheck: true,
      noEmit: true,
      paths: Object.fromEntries(readEntries().map(({ specifier, source }) => [specifier, [at(source)]])),
    },
    files: [...modules, ...hooks].map(({ name }) => name),
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(tsconfig));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('docs/guide', () => {
  it('has examples that a strict compiler takes', async () => {
    expect(await runTool('tsc', ['-p', '.'], folder)).toEqual({ code: 0, output: '' });
  });

  it.each(programs)('prints what it says it prints: $name', async ({ name, program = '', expected }) => {
    expect(expected).not.toEqual([]);
    expect(await outputOf(name, program)).toEqual(expected);
  });

  it('is found out when it says what is not so', async () => {
    const page = ['```ts', "for (const one of ['a', 'b']) console.log(one); // → a, then c", 'console.log(1);', '```'];
    const [module] = guideModules('wrong', page.join('\n'));
    expect(module?.expected).toEqual(['line 2: a', 'line 2: c', 'line 3: the page does not say what this prints']);
    expect(await outputOf('wrong', module?.program ?? '')).toEqual(['line 2: a', 'line 2: b', 'line 3: 1']);
  });

  it('lists the pages that are there, in order, and no others', () => {
    const listed = [...readProject('docs/guide/README.md').matchAll(/^\d+\. \[[^\]]+\]\(([^)#]+)\)/gm)];
    expect(listed.map(([, file]) => file)).toEqual(pages);
  });

  it('has no block that is not tested', () => {
    const fences = files.flatMap((file) => readProject(`docs/guide/${file}`).match(/^.*(```|~~~).*$/gm) ?? []);
    expect(fences.filter((fence) => !/^```(tsx?)?$/.test(fence))).toEqual([]);
    expect(fences.filter((fence) => fence === '```')).toHaveLength(fences.length / 2);
  });

  it('leads to pages that are there', () => {
    const links = files.flatMap((file) => [...readProject(`docs/guide/${file}`).matchAll(/\]\(([^):#]+)\)/g)]);
    expect(links.map(([, to]) => to).filter((to) => !existsSync(at(`docs/guide/${to}`)))).toEqual([]);
  });

  it('has an example that runs on every page', () => {
    expect(programs.map(({ name }) => name.replace(/\.ts$/, '.md'))).toEqual(expect.arrayContaining(pages));
  });
});
