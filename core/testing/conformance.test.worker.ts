import { suites } from './conformance.test.kit.js';

/** Runs the case it is asked for, and answers with what went wrong, if anything did. */
self.onmessage = async ({ data: [suite, name] }: MessageEvent<[string, string]>): Promise<void> => {
  try {
    const found = suites[suite]?.find((each) => each.name === name);
    if (found === undefined) throw new Error('the worker has no such case');
    await found.run();
    self.postMessage(undefined);
  } catch (error) {
    self.postMessage(error instanceof Error ? `${error}\n${error.stack}` : `${error}`);
  }
};
