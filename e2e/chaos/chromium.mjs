import { spawn } from 'node:child_process';
import { launchOptions } from '../browser.mjs';
import { Tab } from './tab.mjs';
import { until } from './until.mjs';

/** Hidden pages are throttled and frozen as ever, but get their turn on a machine that is busy with something else. */
const priority = ['--disable-renderer-backgrounding'];

/** @typedef {{ resolve: (result: any) => void, reject: (error: Error) => void, session: string | undefined }} Waiting */

/**
 * A Chromium on a profile of its own on disk, spoken to over a pipe. Playwright would do, but it makes every page believe
 * that it is looked at, and a page that is looked at cannot be frozen; it also turns the back/forward cache off.
 */
export class Chromium {
  /** @type {import('node:child_process').ChildProcess} */
  #process;
  /** @type {import('node:stream').Writable} */
  #out;
  /** @type {Map<number, Waiting>} */
  #waiting = new Map();
  /** @type {Map<string, Tab>} by session */
  #tabs = new Map();
  #id = 0;
  #unread = '';
  #exited = false;

  /** @param {string} profile folder that the browser keeps everything in */
  static async launch(profile) {
    const browser = new Chromium(profile);
    await browser.send('Target.setDiscoverTargets', { discover: true });
    return browser;
  }

  /** @param {string} profile */
  constructor(profile) {
    const { args = [], executablePath } = launchOptions();
    if (executablePath === undefined) throw new Error('No Chromium: npm run setup installs one.');
    const own = ['--headless=new', '--remote-debugging-pipe', `--user-data-dir=${profile}`, ...priority, 'about:blank'];
    // A group of its own, so that all its processes can be killed at once.
    this.#process = spawn(executablePath, [...args, ...own], {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
      detached: true,
    });
    const pipes = /** @type {readonly unknown[]} */ (this.#process.stdio);
    this.#out = /** @type {import('node:stream').Writable} */ (pipes[3]);
    const input = /** @type {import('node:stream').Readable} */ (pipes[4]);
    // What is written to a browser that was killed is of no interest.
    this.#out.on('error', () => {});
    input.setEncoding('utf8').on('data', (text) => this.#read(text));
    this.#process.on('exit', () => {
      this.#exited = true;
      this.#drop(() => true, 'The browser has gone');
    });
  }

  /** @returns {Promise<string>} */
  async version() {
    return (await this.send('Browser.getVersion')).product.replace('Chrome/', '');
  }

  /**
   * @param {string} method
   * @param {object} [params]
   * @param {string} [session]
   * @returns {Promise<any>}
   */
  send(method, params = {}, session) {
    return new Promise((resolve, reject) => {
      if (this.#exited) return reject(new Error('The browser has gone'));
      this.#waiting.set(++this.#id, { resolve, reject, session });
      this.#out.write(`${JSON.stringify({ id: this.#id, method, params, sessionId: session })}\0`);
    });
  }

  /**
   * Opens a tab in front of the others, which are hidden then.
   * @param {string} url
   */
  async open(url) {
    const { targetId } = await this.send('Target.createTarget', { url: 'about:blank' });
    const { sessionId } = await this.send('Target.attachToTarget', { targetId, flatten: true });
    const tab = new Tab(this, targetId, sessionId);
    this.#tabs.set(sessionId, tab);
    await tab.begin(url);
    return tab;
  }

  /** Ends every process of it with SIGKILL: nothing is written, closed or said any more. */
  async kill() {
    if (!this.#exited) process.kill(-(/** @type {number} */ (this.#process.pid)), 'SIGKILL');
    await until('the browser is gone', () => this.#exited);
  }

  /** @param {string} text */
  #read(text) {
    const messages = (this.#unread + text).split('\0');
    this.#unread = messages.pop() ?? '';
    for (const message of messages) this.#take(JSON.parse(message));
  }

  /** @param {{ id?: number, result?: unknown, error?: { message: string }, method?: string, params?: any, sessionId?: string }} message */
  #take({ id, result, error, method = '', params, sessionId = '' }) {
    if (id !== undefined) {
      const waiting = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (error === undefined) waiting?.resolve(result);
      else waiting?.reject(new Error(error.message));
      return;
    }
    if (method === 'Target.targetCrashed' || method === 'Target.targetDestroyed') {
      for (const [session, tab] of this.#tabs) if (tab.target === params.targetId) this.#lost(session, tab);
    } else this.#tabs.get(sessionId)?.heard(method, params);
  }

  /** @param {string} session @param {Tab} tab */
  #lost(session, tab) {
    tab.isGone = true;
    this.#drop((waiting) => waiting.session === session, 'The tab has gone');
  }

  /** @param {(waiting: Waiting) => boolean} which @param {string} why */
  #drop(which, why) {
    for (const [id, waiting] of this.#waiting) {
      if (!which(waiting)) continue;
      this.#waiting.delete(id);
      waiting.reject(new Error(why));
    }
  }
}
