import { relative } from 'node:path';
import { BroadcastChannel } from 'node:worker_threads';
import { DryRunStatus, MutantRunStatus, TestStatus } from '@stryker-mutator/api/test-runner';
import fc from 'fast-check';
import { TestRunner } from 'vitest';
import { type Hits, instrumentation } from './active-mutant.js';
import { readFacts, type TestFacts, writeFacts } from './facts.js';
import { type FileRun, idOf, nameOf, runFile } from './file-run.js';
import { isNear, orderOf } from './order.js';
import type { Answer, MutantQuestion, Question } from './questions.js';
import { isLeftOut, testFiles } from './test-files.js';

/** The time of a test without a mutant. */
const DRY_MS = 20_000;
/** The time of a test with one: most take milliseconds, and one that waits for ever should not make us wait. */
const MUTANT_MS = 1_000;

/** Stays in the worker when vitest has run its one file, and answers what Stryker asks. */
declare module 'vitest' {
  interface ProvidedContext {
    staticMutant: string | undefined;
  }
}

export default class Session extends TestRunner {
  #tests: TestFacts = readFacts();
  readonly #channel = new BroadcastChannel('mutation');
  readonly #killers = new Map<string, string>();

  override async onAfterRunFiles(): Promise<void> {
    super.onAfterRunFiles();
    fc.configureGlobal({ endOnFailure: true });
    instrumentation.activeMutant = this.injectValue('staticMutant');
    // Alone: what is reached now is reached only when the kernel is loaded.
    await this.importFile(`${process.cwd()}/core/index.ts`, 'setup');
    const channel = this.#channel;
    await new Promise<void>((close) => {
      channel.onmessage = async (message) => {
        const { data: question } = message as unknown as { data: Question };
        if (question.ask === 'close') return close();
        const answer = question.ask === 'mutant' ? this.#tryMutant(question) : this.#tryTests();
        channel.postMessage(await answer.catch((error: Error): Answer => ({ error: error.stack ?? error.message })));
      };
      channel.postMessage({ open: true } satisfies Answer);
    });
    channel.close();
  }

  /** All tests without a mutant: which pass, how long they take, which mutants each reaches. */
  async #tryTests(): Promise<Answer> {
    this.config.testTimeout = DRY_MS;
    const runs = new Map<string, FileRun>();
    for (const path of testFiles()) {
      // What is reached outside of its tests is reached for each of them.
      instrumentation.currentTestId = path;
      const run = await this.#run(path, (id) => !isLeftOut(id));
      if (run.failure) return { error: `${run.failure.test ?? path}: ${run.failure.message}` };
      runs.set(path, run);
    }
    const reached = instrumentation.mutantCoverage ?? { static: {}, perTest: {} };
    const tests = [...runs.values()].flatMap(({ ran }) => ran).filter(({ result }) => result?.state === 'pass');
    const perTest: Record<string, Hits> = {};
    const facts: TestFacts = {};
    for (const test of tests) {
      const id = idOf(test);
      const hits = sum(reached.perTest[id], reached.perTest[id.slice(0, id.indexOf('#'))]);
      perTest[id] = hits;
      facts[id] = { ms: test.result?.duration ?? 0, hits };
    }
    this.#tests = facts;
    writeFacts(facts);
    return {
      status: DryRunStatus.Complete,
      tests: tests.map((test) => ({
        id: idOf(test),
        name: nameOf(test),
        timeSpentMs: test.result?.duration ?? 0,
        status: TestStatus.Success,
        fileName: test.file.filepath,
      })),
      mutantCoverage: { static: reached.static, perTest },
    };
  }

  async #tryMutant({ mutant, source: file, tests }: MutantQuestion): Promise<Answer> {
    this.config.testTimeout = MUTANT_MS;
    const source = relative(process.cwd(), file);
    const all = new Set(['']);
    const steps = tests
      ? orderOf(tests, source, this.#killers.get(source), (id) => this.#tests[id]?.ms ?? 0)
      : testFiles().flatMap((path) => (isNear(path, source) ? [[path, all] as const] : []));
    let nrOfTests = 0;
    for (const [path, ids] of steps) {
      const takes = (id: string): boolean => (tests ? ids.has(id) : !isLeftOut(id));
      const hitLimit = tests ? 20_000 + 10 * this.#hits(mutant, ids) : undefined;
      Object.assign(instrumentation, { activeMutant: mutant, hitCount: 0, hitLimit });
      const { ran, failure } = await this.#run(path, takes);
      const hits = instrumentation.hitCount ?? 0;
      nrOfTests += ran.length;
      if (!failure && hitLimit !== undefined && hits > hitLimit) {
        return { verdict: { status: MutantRunStatus.Timeout, reason: `${hits} hits` }, isSpoilt: false };
      }
      if (!failure) continue;
      this.#killers.set(source, path);
      const isSpoilt = await this.#failsWithout(path, (id) => (failure.test ? id === failure.test : takes(id)));
      const killedBy = failure.test ? [failure.test] : ran.map(idOf);
      const verdict = { status: MutantRunStatus.Killed, killedBy, failureMessage: failure.message, nrOfTests } as const;
      return { verdict, isSpoilt };
    }
    if (nrOfTests === 0) throw new Error(`No test was run for mutant ${mutant}.`);
    return { verdict: { status: MutantRunStatus.Survived, nrOfTests }, isSpoilt: false };
  }

  #run(path: string, takes: (id: string) => boolean): Promise<FileRun> {
    return runFile(this, path, takes, () => this.#channel.postMessage({ alive: true } satisfies Answer));
  }

  #hits(mutant: string, ids: ReadonlySet<string>): number {
    return [...ids].reduce((all, id) => all + (this.#tests[id]?.hits[mutant] ?? 0), 0);
  }

  /** Whether a test fails without a mutant too: one before may have spoilt it. */
  async #failsWithout(path: string, takes: (id: string) => boolean): Promise<boolean> {
    instrumentation.activeMutant = undefined;
    return (await this.#run(path, takes)).failure !== undefined;
  }
}

function sum(a: Hits = {}, b: Hits = {}): Hits {
  const both = { ...a };
  for (const [mutant, hits] of Object.entries(b)) both[mutant] = (both[mutant] ?? 0) + hits;
  return both;
}
