import { readdirSync } from 'node:fs';
import react from '@vitejs/plugin-react';
import { playwright } from '@vitest/browser-playwright';
import { type Alias, esmExternalRequirePlugin, type UserConfig } from 'vite';
import { defineConfig } from 'vitest/config';
import { launchOptions } from './e2e/browser.mjs';
import { at, type Entry, readEntries } from './e2e/package/entries.js';
import { packageRules } from './e2e/package/package-rules.js';

const entries = readEntries();
const target = 'es2022';

/** The package's own names, as a user of it writes them. */
const aliases = (fileOf: (entry: Entry) => string): Alias[] =>
  entries.map((entry) => ({ find: new RegExp(`^${entry.specifier}$`), replacement: at(fileOf(entry)) }));
const sources = aliases((entry) => entry.source);
const built = aliases((entry) => `dist/${entry.output}.js`);

const library = (isBuild: boolean): UserConfig => ({
  plugins: [
    react(),
    // An inlined CommonJS package requires react, and a browser has no require: this makes it an import.
    // The same names in rolldownOptions.external would silently switch the plugin off.
    esmExternalRequirePlugin({ external: [/^react($|\/)/, /^react-dom($|\/)/] }),
    packageRules(),
  ],
  resolve: { alias: sources },
  // Library mode leaves process.env.NODE_ENV in inlined packages, and a page without a bundler has no process.
  ...(isBuild ? { define: { 'process.env.NODE_ENV': '"production"' } } : {}),
  build: {
    target,
    sourcemap: true,
    minify: false,
    license: { fileName: 'THIRD-PARTY.md' },
    lib: { entry: Object.fromEntries(entries.map(({ output, source }) => [output, at(source)])), formats: ['es'] },
    rolldownOptions: {
      output: {
        minifyInternalExports: false,
        chunkFileNames: ({ name }) => (name.includes('/') ? `${name}.js` : `chunks/${name}.js`),
        codeSplitting: { groups: [{ name: 'core/bus', test: (id) => id.startsWith(at('core/bus/')) }] },
      },
    },
  },
});

/** The demo's server takes the sources; the built demo takes dist, so that the end-to-end tests see what is published. */
const demo = (isBuild: boolean): UserConfig => ({
  root: at('demo'),
  plugins: [react()],
  resolve: { alias: isBuild ? built : sources },
  worker: { format: 'es' },
  build: {
    target,
    outDir: at('dist-demo'),
    emptyOutDir: true,
    rolldownOptions: {
      input: isBuild ? readdirSync(at('demo')).flatMap((f) => (f.endsWith('.html') ? at(`demo/${f}`) : [])) : [],
    },
  },
});

export default defineConfig(({ command, mode }) => ({
  ...(mode === 'demo' ? demo(command === 'build') : library(command === 'build')),
  // Known from the start, so that no page, of the demo or of a test, is reloaded when the server meets them.
  optimizeDeps: {
    include: [
      'react',
      'react-dom/client',
      'react-dom/server',
      '@tanstack/react-table',
      '@tanstack/react-virtual',
      'idb',
      'mitt',
    ],
  },
  test: {
    coverage: { include: ['{core,devtools}/**/*.{ts,tsx}'], exclude: ['**/*.test-d.ts'] },
    // One project after the other: two cores share no time between a browser, a package manager and a stopwatch.
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['{core,devtools,bench}/**/*.test.{ts,tsx}'],
          exclude: ['**/*.browser.test.*'],
          // A machine that has other things to do is no failure.
          testTimeout: 20_000,
          typecheck: { enabled: true, include: ['**/*.test-d.ts'], ignoreSourceErrors: true },
          // Left to itself, Vitest leaves one core free: of two, that is half.
          maxWorkers: '100%',
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'browser',
          include: ['{core,devtools}/**/*.browser.test.{ts,tsx}'],
          sequence: { groupOrder: 1 },
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            provider: playwright({ launchOptions: launchOptions() }),
            instances: [{ browser: 'chromium' }],
          },
        },
      },
      {
        extends: true,
        test: {
          name: 'package',
          include: ['e2e/package/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          maxWorkers: '100%',
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
}));
