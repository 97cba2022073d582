import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { suites } from './conformance.test.kit.js';

it('has the cases of every store and every transport', () => {
  const files = Object.keys(import.meta.glob(['../stores/*.ts', '../transports/*.ts', '!**/*.test*.ts']));
  const names = files.map((file) => file.replace(/^\.\.\/|\.ts$/g, ''));
  expect(names).toContain('stores/memory');
  expect(Object.keys(suites)).toEqual(expect.arrayContaining(names));
});

/** Their own tests run them in the page. */
const inTheirOwnTests = ['stores/indexeddb', 'transports/broadcast-channel', 'transports/message-port'];

describe('in a page', () => {
  for (const [suite, cases] of Object.entries(suites)) {
    if (inTheirOwnTests.includes(suite)) continue;
    describe(suite, () => {
      for (const { name, run } of cases) it(name, run);
    });
  }
});

describe('in a worker', () => {
  let worker: Worker;

  beforeAll(() => {
    worker = new Worker(new URL('./conformance.test.worker.ts', import.meta.url), { type: 'module' });
  });

  afterAll(() => worker.terminate());

  /** What went wrong with a case, if anything did. */
  const runThere = (suite: string, name: string): Promise<string | undefined> =>
    new Promise((resolve, reject) => {
      worker.onmessage = ({ data }: MessageEvent<string | undefined>): void => resolve(data);
      worker.onerror = ({ message }): void => reject(new Error(message));
      worker.postMessage([suite, name]);
    });

  for (const [suite, cases] of Object.entries(suites)) {
    describe(suite, () => {
      for (const { name } of cases) it(name, async () => expect(await runThere(suite, name)).toBeUndefined());
    });
  }
});
