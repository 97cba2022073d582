// `npm run test:mutation`: see README.md beside this file. `npm run test:mutation -- --mutate core/bus/router/*.ts`
// takes some files alone.
/** @type {import('@stryker-mutator/api/core').PartialStrykerOptions} */
export default {
  mutate: ['core/bus/**/*.ts', '!core/bus/**/*.test*.ts', '!core/bus/**/*.test-d.ts'],
  testRunner: 'session',
  plugins: ['./e2e/mutation/test-runner.mjs'],
  coverageAnalysis: 'perTest',
  // Two mutants at once would need two sessions, and every test its time.
  concurrency: 1,
  // Long, as survivors meet all their tests; test-runner.mjs finds the test that hangs.
  timeoutMS: 60_000,
  timeoutFactor: 2,
  // Stryker rewrites a tsconfig by the compiler's API, which TypeScript 7 has none of.
  tsconfigFile: 'no-tsconfig.json',
  tempDirName: 'mutation-report/sandbox',
  ignorePatterns: ['**', '!core/**', '!e2e/mutation/**', '!package.json', '!tsconfig.json'],
  incremental: true,
  incrementalFile: 'mutation-report/incremental.json',
  reporters: ['clear-text', 'progress-append-only', 'html', 'json'],
  clearTextReporter: { logTests: false, reportTests: false, skipFull: true },
  htmlReporter: { fileName: 'mutation-report/index.html' },
  jsonReporter: { fileName: 'mutation-report/mutants.json' },
  thresholds: { high: 95, low: 90, break: 85 },
};
