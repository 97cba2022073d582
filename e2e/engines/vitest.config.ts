import { defineConfig } from 'vitest/config';
import shared from '../../vite.config.js';
import { at } from '../package/entries.js';
import { engines } from './engine.mjs';
import { leftOut } from './left-out.mjs';
import { opened } from './provider.js';

const [firefox, ...others] = engines;
const engine = others.find(({ name }) => name === process.env['ENGINE']) ?? firefox;
const notAsked = leftOut.filter(({ engines }) => engines.includes(engine.name));
const ends = notAsked.map(({ test }) => test.replace(/[^\w ]/g, '\\$&'));

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
    ...(ends.length > 0 ? { testNamePattern: new RegExp(`(?<!${ends.join('|')})$`) } : {}),
    // More than the patience of patience.ts.
    testTimeout: 60_000,
    expect: { poll: { timeout: 15_000 } },
    setupFiles: ['disposable.ts', 'patience.ts'].map((file) => at(`e2e/engines/${file}`)),
    browser: {
      enabled: true,
      screenshotFailures: false,
      provider: opened(engine),
      instances: [{ browser: engine.kind }],
      ui: false,
    },
  },
}));
