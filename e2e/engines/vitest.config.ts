import { defineConfig } from 'vitest/config';
import shared from '../../vite.config.js';
import { at } from '../package/entries.js';
import { engines } from './engine.mjs';
import { leftOut } from './left-out.mjs';
import { opened } from './provider.js';

const [firefox, ...others] = engines;
const engine = others.find(({ name }) => name === process.env['ENGINE']) ?? firefox;
const notAsked = leftOut.filter(({ engines }) => engines.includes(engine.name));
const ends = notAsked.flatMap(({ test }) => (test === undefined ? [] : [test.replace(/[^\w ]/g, '\\$&')]));

/** The tests of `npm run test:browser`, in one engine. */
export default defineConfig((environment) => ({
  ...shared(environment),
  plugins: [
    ...(shared(environment).plugins ?? []),
    {
      name: 'input',
      enforce: 'pre',
      resolveId: (id) => (id === '@testing-library/user-event' ? at('e2e/engines/input.ts') : undefined),
    },
  ],
  // What the build is for: not every engine knows `await using` yet.
  oxc: { target: 'es2022' },
  test: {
    name: engine.name,
    include: ['{core,devtools}/**/*.browser.test.{ts,tsx}'],
    exclude: notAsked.flatMap(({ file, test }) => (test === undefined ? [file] : [])),
    ...(ends.length > 0 ? { testNamePattern: new RegExp(`(?<!${ends.join('|')})$`) } : {}),
    // Without a graphics card each picture takes its time.
    testTimeout: 60_000,
    setupFiles: at('e2e/engines/disposable.ts'),
    browser: {
      enabled: true,
      screenshotFailures: false,
      provider: opened(engine),
      instances: [{ browser: engine.kind }],
      ui: false,
    },
  },
}));
