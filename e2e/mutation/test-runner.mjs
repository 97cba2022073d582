// Stryker's side of a session: starts vitest, whose one worker (session.ts) loads the kernel once and answers.
import { BroadcastChannel } from 'node:worker_threads';
import { declareFactoryPlugin, PluginKind } from '@stryker-mutator/api/plugin';
import { createVitest } from 'vitest/node';

/**
 * @typedef {import('./questions.js').Question} Question
 * @typedef {import('./questions.js').Answer} Answer
 * @typedef {import('@stryker-mutator/api/test-runner').TestRunner} TestRunner
 * @typedef {import('@stryker-mutator/api/test-runner').DryRunResult} DryRunResult
 * @typedef {import('@stryker-mutator/api/test-runner').MutantRunOptions} MutantRunOptions
 * @typedef {import('@stryker-mutator/api/test-runner').MutantRunResult} MutantRunResult
 */

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
    return /** @type {Promise<MutantRunResult>} */ (this.#ask({ ask: 'mutant', ...mutant }, staticMutant));
  }

  async dispose() {
    await this.#close();
    this.#channel.close();
    await this.#vitest?.close();
  }

  /**
   * @param {Question} question
   * @param {string} [staticMutant] one that is to be active while the kernel is loaded
   * @returns {Promise<Answer>}
   */
  async #ask(question, staticMutant) {
    if (this.#session && this.#staticMutant !== staticMutant) await this.#close();
    if (!this.#session) await this.#open(staticMutant);
    const answer = this.#nextAnswer();
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
    this.#channel.postMessage(/** @type {Question} */ ({ ask: 'close' }));
    await this.#session;
    this.#session = undefined;
  }

  /**
   * Rejects with what went wrong around the tests. Stryker then ends this process and asks again in a new one.
   * @returns {Promise<Answer>}
   */
  #nextAnswer() {
    return new Promise((resolve, reject) => {
      this.#answer = (answer) => ('error' in answer ? reject(new Error(answer.error)) : resolve(answer));
    });
  }
}

const create = () => new SessionTestRunner();
create.inject = /** @type {const} */ ([]);

export const strykerPlugins = [declareFactoryPlugin(PluginKind.TestRunner, 'session', create)];
