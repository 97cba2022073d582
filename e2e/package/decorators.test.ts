import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright';
import { build, type Rolldown } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchOptions } from '../browser.mjs';
import { at } from './entries.js';
import { runProgram, runTool } from './process.js';
import { readProject } from './project-files.js';

const folder = mkdtempSync(join(tmpdir(), 'crosstown-decorators-'));

/** What e2e/decorators/program.ts prints, whoever compiled it. */
const report = `\
initialized, user.created audited, welcome ada, user.created audited, please, goodbye nobody, user.removed audited, user.count audited, 1 left, cleaned up
initialized, LOUD, user.created audited, hello ada, counted, mail was sent, again, counted, user.created audited, user.removed audited, user.count audited, 1 left, cleaned up
[crosstown] eventHandler stands before the field "field". Put it before a method of a class that extends Plugin.
[crosstown] eventHandler stands before the getter "getter". Put it before a method of a class that extends Plugin.
[crosstown] eventHandler stands before the static method "method". Put it before a method of a class that extends Plugin.
[crosstown] eventHandler stands before the class "Decorated". Put it before a method of a class that extends Plugin.
[crosstown] eventHandler stands before "method" of a class that is no plugin. Let the class extend Plugin of crosstown/decorators.
[crosstown] eventFilter is used both with the syntax and in decorate() for the method "welcome". Use one of the two in all classes that have this method.
`;

const node = (...args: string[]) => runProgram(process.execPath, args, { cwd: folder });

beforeAll(() => {
  cpSync(at('e2e/decorators'), folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "name": "decorated", "private": true, "type": "module" }');
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(at(''), join(folder, 'node_modules/crosstown'));
  for (const tool of ['esbuild', 'vite', 'vitest'])
    symlinkSync(at(`node_modules/${tool}`), join(folder, 'node_modules', tool));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('decorated plugins', () => {
  it('G9 run in Node when tsc has compiled them', async () => {
    expect(await runTool('tsc', [], folder)).toEqual({ code: 0, output: '' });
    expect(await node('out/program.js')).toEqual({ code: 0, output: report });
    // As it will be, and is where something has put it there before.
    const metadata = 'data:text/javascript,Symbol.metadata=Symbol("metadata")';
    expect(await node('--import', metadata, 'out/program.js')).toEqual({ code: 0, output: report });
  });

  it('G9 run in Node and in a browser when Vite has built them', async () => {
    const built = await runTool('vite', ['build', '--ssr', 'program.ts', '--outDir', 'bundle'], folder);
    expect(built.code, built.output).toBe(0);
    expect(await node('bundle/program.js')).toEqual({ code: 0, output: report });

    const browser = await chromium.launch(launchOptions());
    try {
      const page = await browser.newPage();
      const printed = page.waitForEvent('console');
      await page.addScriptTag({ type: 'module', path: join(folder, 'bundle/program.js') });
      expect(`${(await printed).text()}\n`).toBe(report);
    } finally {
      await browser.close();
    }
  });

  it('G9 need the documented plugin still: Vite alone leaves decorators as they are', async () => {
    const options = { ssr: join(folder, 'plugins.ts'), write: false, target: 'es2022', minify: false } as const;
    const built = await build({ root: folder, configFile: false, logLevel: 'error', build: options });
    expect((built as Rolldown.RolldownOutput).output[0].code).toContain('@eventHandler(');
  });

  it('G9 run in Vitest', async () => {
    const { code, output } = await runTool('vitest', ['run', '--reporter=json'], folder);
    expect(code, output).toBe(0);
    expect(JSON.parse(output.slice(output.indexOf('{')))).toMatchObject({ numPassedTests: 1, numTotalTests: 1 });
  });

  it('G9 say what to set when they were compiled as legacy decorators', async () => {
    const args = ['--ignoreConfig', '--experimentalDecorators', '--target', 'es2022', '--module', 'nodenext'];
    const { code, output } = await runTool('tsc', [...args, '--outDir', 'legacy', 'legacy.ts'], folder);
    expect([code === 0, output]).toEqual([false, expect.stringContaining('TS1241')]);
    expect(await node('legacy/legacy.js')).toEqual({
      code: 0,
      output:
        'DecoratorError: [crosstown] eventHandler was called as a legacy decorator. Take experimentalDecorators out of tsconfig.json; with Babel, set the version "2023-11".\n',
    });
  });
});

describe('docs/decorators.md', () => {
  it.each(['vite.config.ts', 'tsconfig.json'])('G9 shows the %s that was tested', (file) => {
    expect(readProject('docs/decorators.md')).toContain(readProject(`e2e/decorators/${file}`));
  });
});
