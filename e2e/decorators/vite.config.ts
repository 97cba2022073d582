import { transform } from 'esbuild';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';

/** Vite's own compiler leaves decorators as they are; esbuild compiles them, in the files that have an @. */
const decorators: Plugin = {
  name: 'decorators',
  enforce: 'pre',
  transform: {
    filter: { id: { include: /\.[cm]?[jt]sx?$/, exclude: /node_modules/ }, code: '@' },
    handler: (code, id) =>
      transform(code, {
        loader: id.endsWith('x') ? 'tsx' : 'ts',
        jsx: 'preserve',
        target: 'es2022',
        sourcemap: true,
        sourcefile: id,
      }),
  },
};

export default defineConfig({ plugins: [decorators] });
