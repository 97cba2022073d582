import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    projects: [
      { test: { name: 'unit', include: ['{core,devtools,bench}/**/*.test.ts'], exclude: ['**/*.browser.test.*'] } },
    ],
  },
});
