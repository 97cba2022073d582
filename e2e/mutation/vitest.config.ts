import { defineConfig } from 'vitest/config';

/** One worker with one file in it, which runs the files of tests itself: session.ts. */
export default defineConfig({
  test: {
    include: ['e2e/mutation/session.test.ts'],
    runner: './e2e/mutation/session.ts',
    pool: 'threads',
    maxWorkers: 1,
    isolate: false,
    reporters: [],
  },
});
