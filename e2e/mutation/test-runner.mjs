// Stryker's side of a session: starts vitest, whose one worker (session.ts) loads the kernel once and answers.
import { existsSync, writeFileSync } from 'node:fs';
import { BroadcastChannel } from 'node:worker_threads';
import { commonTokens, declareFactoryPlugin, PluginKind, tokens } from '@stryker-mutator/api/plugin';
import { MutantRunStatus } from '@stryker-mutator/api/test-runner';
import { createVitest } from 'vitest/node';

/**
 * @typedef {import('./questions.js').Question} Question
 * @typedef {import('./questions.js').Answer} Answer
 * @typedef {import('./questions.js').MutantQuestion} MutantQuestion
 * @typedef {import('./questions.js').Verdict} Verdict
 * @typedef {import('@stryker-mutator/api/test-runner').TestRunner} TestRunner
 * @typedef {import('@stryker-mutator/api/test-runner').DryRunResult} DryRunResult
 * @typedef {import('@stryker-mutator/api/test-runner').MutantRunOptions} MutantRunOptions
 * @typedef {import('@stryker-mutator/api/test-runner').MutantRunResult} MutantRunResult
 */

/** A test that is silent for so long will be for ever: its mutant made a loop without an end. */
const SILENCE_MS = 12_000;

/** @implements {TestRunner} */
class SessionTestRunner {
  /** @type {import('vitest/node').Vitest | undefined} */
  #vitest;
  #channel = new BroadcastChannel('mutation');
  /** @type {Promise<void> | undefined} until the session has ended */
  #session;
  /** @type {string | undefined} the mutant that was active when the session loaded the kernel */
  #staticMutant;
  /** @type {(answer: Answer) => void} */
  #answer = () => {};
  #isStuck = false;
  #log;

  /** @param {import('@stryker-mutator/api/logging').Logger} log */
  constructor(log) {
    this.#log = log;
  }

  capabilities() {
    return { reloadEnvironment: true };
  }

  async init() {
    process.env['NODE_ENV'] = 'test';
    process.env['VITEST'] = '1';
    this.#channel.onmessage = (message) => this.#answer(/** @type {{ data: Answer }} */ (message).data);
    this.#vitest = await createVitest('test', { config: 'e2e/mutation/vitest.config.ts', watch: false });
  }

  /** @returns {Promise<DryRunResult>} */
  async dryRun() {
    return /** @type {Promise<DryRunResult>} */ (this.#ask({ ask: 'tests' }));
  }

  /**
   * @param {MutantRunOptions} options
   * @returns {Promise<MutantRunResult>}
   */
  async mutantRun({ activeMutant: { id }, mutantActivation, testFilter, sandboxFileName }) {
    const mutant = { mutant: id, source: sandboxFileName, tests: testFilter };
    const staticMutant = mutantActivation === 'static' ? id : undefined;
    if (this.#isStuck) throw new Error('A new process has to take the place of one with a worker that never ends.');
    if (this.#staticMutant !== staticMutant) await this.#close();
    const isFresh = this.#session === undefined;
    const first = await this.#judge(mutant, staticMutant);
    // In a fresh worker nothing but the mutant itself can have spoilt a test.
    return first.isSpoilt && !isFresh ? (await this.#judge(mutant, staticMutant)).verdict : first.verdict;
  }

  async dispose() {
    // Stryker kills a process that does not end.
    await this.#close();
    this.#channel.close();
    await this.#vitest?.close();
  }

  /**
   * @param {MutantQuestion} mutant
   * @param {string | undefined} staticMutant
   * @returns {Promise<Verdict>}
   */
  async #judge(mutant, staticMutant) {
    const verdict = /** @type {Verdict} */ (await this.#ask({ ask: 'mutant', ...mutant }, staticMutant));
    if (verdict.isSpoilt) await this.#close();
    return verdict;
  }

  /**
   * @param {Question} question
   * @param {string} [staticMutant] one that is to be active while the kernel is loaded
   * @returns {Promise<Answer>}
   */
  async #ask(question, staticMutant) {
    if (!this.#session) await this.#open(staticMutant);
    const answer = this.#nextAnswer(question.ask === 'mutant' ? question.mutant : undefined);
    this.#channel.postMessage(question);
    return answer;
  }

  /** @param {string | undefined} staticMutant */
  async #open(staticMutant) {
    const opened = this.#nextAnswer();
    this.#staticMutant = staticMutant;
    this.#vitest?.provide('staticMutant', staticMutant);
    this.#session = this.#run();
    await opened;
  }

  async #run() {
    await this.#vitest?.start();
    const errors = this.#vitest?.state.getUnhandledErrors().map((error) => /** @type {Error} */ (error).stack);
    this.#answer({ error: ['The session has ended.', ...(errors ?? [])].join('\n') });
  }

  async #close() {
    if (!this.#session) return;
    this.#answer = () => {};
    this.#channel.postMessage(/** @type {Question} */ ({ ask: 'close' }));
    await this.#session;
    this.#session = undefined;
  }

  /**
   * Rejects with what went wrong around the tests. Stryker then ends this process and asks again in a new one.
   * @param {string} [mutant] one that may make a test silent
   * @returns {Promise<Answer>}
   */
  #nextAnswer(mutant) {
    return new Promise((resolve, reject) => {
      /** @type {NodeJS.Timeout | undefined} */
      let silence;
      const listen = () => {
        clearTimeout(silence);
        if (mutant !== undefined) silence = setTimeout(() => resolve(this.#giveUp(mutant)), SILENCE_MS);
      };
      this.#answer = (answer) => {
        if ('alive' in answer) return listen();
        clearTimeout(silence);
        if (!('error' in answer)) return resolve(answer);
        this.#log.warn(answer.error);
        reject(new Error(answer.error));
      };
      listen();
    });
  }

  /**
   * @param {string} mutant
   * @returns {Promise<Verdict>}
   */
  async #giveUp(mutant) {
    this.#isStuck = true;
    const reason = `A test was silent for ${SILENCE_MS} ms.`;
    const mark = `silent-${mutant}`;
    // A machine that is busy may be silent too, but hardly twice.
    if (existsSync(mark)) return { verdict: { status: MutantRunStatus.Timeout, reason }, isSpoilt: false };
    writeFileSync(mark, reason);
    throw new Error(reason);
  }
}

/** @param {import('@stryker-mutator/api/logging').Logger} log */
const create = (log) => new SessionTestRunner(log);
create.inject = tokens(commonTokens.logger);

export const strykerPlugins = [declareFactoryPlugin(PluginKind.TestRunner, 'session', create)];
