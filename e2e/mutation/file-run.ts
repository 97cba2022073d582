import { join, relative } from 'node:path';
import { type File, startTests, type Task, type Test, type VitestRunner } from '@vitest/runner';
import { instrumentation } from './active-mutant.js';

export interface FileRun {
  readonly ran: readonly Test[];
  /** What went wrong first: in a test, or in the file around its tests. */
  readonly failure: { readonly test: string | undefined; readonly message: string } | undefined;
}

const top = process.cwd();

/** `core/bus/a.test.ts#a bus D1 does something`. */
export function idOf(test: Test): string {
  return `${relative(top, test.file.filepath)}#${nameOf(test)}`;
}

export function nameOf(task: Task): string {
  return (task.suite ? `${nameOf(task.suite)} ${task.name}` : task.name).trim();
}

/**
 * Runs a file of tests in this worker, from its top again each time; what it imports is evaluated once. While a mutant
 * is active, the first failure is the last test.
 * @param takes whether a test is run, by its id
 * @param onTest called before each
 */
export async function runFile(
  session: VitestRunner,
  path: string,
  takes: (id: string) => boolean,
  onTest: () => void,
): Promise<FileRun> {
  const ran: Test[] = [];
  let isOver = false;
  // What is not here, like the way to import a file, is the session's. What the session tells vitest is left out.
  const overrides: Partial<VitestRunner> = {
    importFile: (file) => session.importFile(file, 'setup'),
    onCollectStart() {},
    onCollected() {},
    onTaskUpdate: async () => {},
    onAfterRunSuite() {},
    onAfterRunFiles() {},
    onBeforeRunTask(test) {
      if (isOver || !takes(idOf(test))) test.mode = 'skip';
      if (test.mode !== 'run' && test.mode !== 'queued') return;
      ran.push(test);
      onTest();
      instrumentation.currentTestId = idOf(test);
    },
    onAfterRunTask(test) {
      isOver ||= instrumentation.activeMutant !== undefined && test.result?.state === 'fail';
    },
  };
  const [file] = await startTests([join(top, path)], Object.assign(Object.create(session), overrides));
  const failed = ran.find((test) => test.result?.state === 'fail');
  const messageOf = ({ result }: File | Test): string => result?.errors?.[0]?.message ?? 'It failed without a message.';
  if (failed) return { ran, failure: { test: idOf(failed), message: messageOf(failed) } };
  return { ran, failure: file?.result?.state === 'fail' ? { test: undefined, message: messageOf(file) } : undefined };
}
