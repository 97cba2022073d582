import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { at, readEntries } from './entries.js';
import { runProgram, runTool } from './process.js';

const temporary = mkdtempSync(join(tmpdir(), 'crosstown-package-'));
const npm = (args: readonly string[], cwd: string) => runProgram('npm', [...args, '--no-audit', '--no-fund'], { cwd });
let tarball = '';
let packed: readonly string[] = [];

beforeAll(async () => {
  const args = ['pack', '--json', '--ignore-scripts', '--loglevel=error', '--pack-destination', temporary];
  const { code, output } = await runProgram('npm', args);
  expect(code, output).toBe(0);
  const [result] = JSON.parse(output.slice(output.indexOf('['))) as { filename: string; files: { path: string }[] }[];
  tarball = join(temporary, result?.filename ?? '');
  packed = result?.files.map(({ path }) => path) ?? [];
});

afterAll(() => rmSync(temporary, { recursive: true, force: true }));

describe('the packed package', () => {
  it('holds the build and its sources, and no test', () => {
    for (const { output, source } of readEntries())
      expect(packed).toEqual(expect.arrayContaining([`dist/${output}.js`, `dist/${output}.d.ts`, source]));
    expect(packed).toEqual(expect.arrayContaining(['LICENSE', 'dist/THIRD-PARTY.md']));
    const top = new Set(packed.map((path) => path.split('/')[0]));
    for (const name of ['package.json', 'README.md', 'LICENSE', 'CHANGELOG.md', 'dist', 'core', 'devtools'])
      top.delete(name);
    expect([...top]).toEqual([]);
    expect(packed.filter((path) => /\.test\.|\.test-d\.|tsconfig|\.bench\./.test(path))).toEqual([]);
  });

  it('passes publint', async () => {
    const { code, output } = await runTool('publint', ['run', tarball, '--strict']);
    expect(code, output).toBe(0);
  });

  it('gives every resolver the right types', async () => {
    const { code, output } = await runTool('attw', [tarball, '--profile', 'esm-only', '--no-color', '--no-emoji']);
    expect(code, output).toBe(0);
  });
});

/** A project with nothing in it but the tarball, the consumer's files and a tsconfig. */
async function project(name: string, files: readonly string[], compilerOptions: object): Promise<string> {
  const folder = join(temporary, name);
  mkdirSync(folder);
  for (const file of files) cpSync(at(`e2e/consumer/${file}`), join(folder, file));
  writeFileSync(join(folder, 'package.json'), '{ "name": "consumer", "private": true, "type": "module" }');
  const tsconfig = {
    compilerOptions: { target: 'es2022', strict: true, types: [], outDir: 'out', jsx: 'react-jsx', ...compilerOptions },
    files,
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(tsconfig));
  // Offline: the package has no dependencies, so the tarball is all there is to install.
  const { code, output } = await npm(['install', '--offline', tarball], folder);
  expect(code, output).toBe(0);
  expect(readdirSync(join(folder, 'node_modules')).filter((each) => !each.startsWith('.'))).toEqual(['crosstown']);
  return folder;
}

describe('a project that installs the package and nothing else', () => {
  it.each([
    ['nodenext', { module: 'nodenext', moduleResolution: 'nodenext' }],
    ['bundler', { module: 'esnext', moduleResolution: 'bundler' }],
  ])('type-checks under %s and runs in Node, without React', async (name, options) => {
    const folder = await project(name, ['app.ts'], options);
    const compiled = await runTool('tsc', [], folder);
    expect(compiled.output).toBe('');
    expect(await runProgram(process.execPath, ['out/app.js'], { cwd: folder, timeoutMs: 20_000 })).toEqual({
      code: 0,
      output:
        'welcome ada\n1 stored\nreplayed true\n1 replayed, 1 delivered\na trip has failed\nInvalidEventTypeError\nA256GCM, opened: 4111\n2 in a batch\n1 clicked 2 times\n1 in a batch\none chain: true\nping pong\ngrace came by a port\nping delivered\nping vetoed\nping delivered\n2 0\nunstructured-data of user.removed\nwhat is its own conforms\n',
    });
  });

  it('is told by name what the devtools and the hooks need', async () => {
    const folder = await project('no-react', [], {});
    for (const entry of ['devtools', 'react']) {
      const { code, output } = await runProgram(process.execPath, ['-e', `import('crosstown/${entry}')`], {
        cwd: folder,
      });
      expect(code, entry).toBe(1);
      expect(output).toMatch(/Cannot find package 'react(-dom)?'/);
    }
  });

  it('type-checks the devtools and the hooks once React is there', async () => {
    const folder = await project('react', ['panel.tsx', 'hooks.tsx'], {
      module: 'nodenext',
      moduleResolution: 'nodenext',
    });
    for (const each of ['react', 'react-dom', '@types'])
      symlinkSync(at(`node_modules/${each}`), join(folder, 'node_modules', each));
    expect((await runTool('tsc', [], folder)).output).toBe('');
  });
});

describe('the repository', () => {
  it('has no unused file, export or dependency', async () => {
    const { code, output } = await runTool('knip', ['--no-progress']);
    expect(code, output).toBe(0);
  });
});
