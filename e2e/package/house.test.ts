import { describe, expect, it } from 'vitest';
import { missingPackages } from './complete-lock.mjs';
import { projectFiles, readProject } from './project-files.js';

const files = projectFiles();
const sources = files.filter((file) => /^(core|devtools|demo|e2e|bench)\/.*\.(tsx?|mjs|js)$|^[^/]+\.ts$/.test(file));

/** The files in whose text the pattern is found. */
const having = (paths: readonly string[], pattern: RegExp): string[] =>
  paths.filter((path) => pattern.test(readProject(path)));

describe('the house rules', () => {
  it('see the sources', () => {
    expect(sources).toContain('core/index.ts');
    expect(sources).toContain('vite.config.ts');
  });

  it('name no file after what it is not about', () => {
    expect(sources.filter((file) => /\/(types|utils?|helpers?|common|misc)\.\w+$/.test(file))).toEqual([]);
  });

  it('export names, never everything', () => {
    expect(having(sources, /^\s*export\s*\*/m)).toEqual([]);
  });

  it('silence no tool without a reason beside it', () => {
    const silenced = /@ts-(ignore|nocheck)|biome-ignore[^:\n]*(:\s*$|$)|@ts-expect-error\s*$/m;
    expect(
      having(
        sources.filter((file) => file !== 'e2e/package/house.test.ts'),
        silenced,
      ),
    ).toEqual([]);
  });

  it('keep machines and registries out of the files', () => {
    const places =
      /(?<![\w.-])\/(home|root|Users|work|mnt)\/\w|https?:\/\/[\w.-]*(registry|mirror|artifactory|nexus)|^registry\s*=/im;
    const text = files.filter(
      (file) => !/\.(png|jpe?g|gif|webp|ico|woff2?)$/.test(file) && !file.endsWith('house.test.ts'),
    );
    expect(having(text, places)).toEqual([]);
  });
});

describe('the lock file', () => {
  const lock = JSON.parse(readProject('package-lock.json'));

  it('holds no address of a package', () => {
    expect(readProject('package-lock.json')).not.toMatch(/"resolved"/);
  });

  it('holds the packages of every platform; `npm run lock` adds them', () => {
    expect(missingPackages(lock).map(({ name }) => name)).toEqual([]);
  });

  it('agrees with package.json', () => {
    const { version, devDependencies } = JSON.parse(readProject('package.json'));
    expect(lock.packages['']).toMatchObject({ version, devDependencies });
    for (const range of Object.values(devDependencies)) expect(range).toMatch(/^\d+\.\d+\.\d+$/);
  });
});
