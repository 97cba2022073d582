import { until } from './until.mjs';

/** @typedef {readonly [kind: string, ...rest: any[]]} Told what a page tells of, one line of a protocol */

/** A tab, and what the page in it tells. */
export class Tab {
  isGone = false;
  /** @type {(told: Told) => void} */
  onTold = () => {};
  /** What went wrong in the page and nobody caught. @type {string[]} */
  complaints = [];
  /** Why a page did not come out of the back/forward cache. @type {string[]} */
  refusals = [];
  #browser;
  #session;

  /** @param {import('./chromium.mjs').Chromium} browser @param {string} target @param {string} session */
  constructor(browser, target, session) {
    this.#browser = browser;
    this.target = target;
    this.#session = session;
  }

  /** @param {string} url */
  async begin(url) {
    await Promise.all([
      this.send('Page.enable'),
      this.send('Runtime.enable'),
      this.send('Runtime.addBinding', { name: 'tellTest' }),
    ]);
    await this.go(url);
  }

  /** @param {string} method @param {object} [params] @returns {Promise<any>} */
  send(method, params) {
    return this.#browser.send(method, params, this.#session);
  }

  /** @param {string} method @param {any} params */
  heard(method, params) {
    if (method === 'Runtime.bindingCalled') this.onTold(JSON.parse(params.payload));
    if (method === 'Page.backForwardCacheNotUsed') {
      this.refusals = params.notRestoredExplanations.map((/** @type {{ reason: string }} */ { reason }) => reason);
    }
    if (method === 'Runtime.exceptionThrown') {
      const { text, exception } = params.exceptionDetails;
      this.complaints.push(exception?.description ?? text);
    }
  }

  /**
   * Goes to a page by its address, as a link there would, and waits until its script has run.
   * @param {string} url
   */
  async go(url) {
    await this.send('Page.navigate', { url });
    await this.#arrived(url);
  }

  /** Goes back by one page, and waits until that is there. */
  async back() {
    const { entries, currentIndex } = await this.send('Page.getNavigationHistory');
    const { id, url } = entries[currentIndex - 1];
    // A page that comes out of the cache answers to this too late, or never.
    this.send('Page.navigateToHistoryEntry', { entryId: id }).catch(() => {});
    await this.#arrived(url);
  }

  /** Its place is left for another page, which takes it in the history too: there is no way back. @param {string} url */
  replaceBy(url) {
    return this.run((to) => location.replace(to), url);
  }

  /**
   * Runs a function in the page.
   * @template {readonly unknown[]} Given
   * @template Result
   * @param {(...given: Given) => Result} work which can use nothing but what it is given, and what the page has
   * @param {Given} given
   * @returns {Promise<Awaited<Result>>}
   */
  async run(work, ...given) {
    const expression = `(${work})(...${JSON.stringify(given)})`;
    const asked = { expression, awaitPromise: true, returnByValue: true, userGesture: true };
    const { result, exceptionDetails } = await this.send('Runtime.evaluate', asked);
    if (exceptionDetails !== undefined) {
      throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    }
    return result.value;
  }

  /** Brings it to the front; the one that was there is hidden. */
  async show() {
    await this.#browser.send('Target.activateTarget', { targetId: this.target });
    await until('the tab is shown', () => this.run(() => document.visibilityState === 'visible'));
  }

  /** Freezes it, and makes sure that it is frozen: of a tab in front the browser says so and does nothing. */
  async freeze() {
    await until('the tab is hidden', () => this.run(() => document.visibilityState === 'hidden'));
    const before = await this.run(() => chaos.frozen);
    await this.send('Page.setWebLifecycleState', { state: 'frozen' });
    await until('the page hears that it is frozen', async () => (await this.run(() => chaos.frozen)) > before);
  }

  async thaw() {
    const before = await this.run(() => chaos.resumed);
    await this.send('Page.setWebLifecycleState', { state: 'active' });
    await until('the page hears that it is not frozen any more', async () => {
      return (await this.run(() => chaos.resumed)) > before;
    });
  }

  /** Its process dies at once. */
  async crash() {
    this.send('Page.crash').catch(() => {});
    await until('the tab has crashed', () => this.isGone);
    // What is left of it is a sad face.
    await this.#browser.send('Target.closeTarget', { targetId: this.target });
  }

  async close() {
    await this.#browser.send('Target.closeTarget', { targetId: this.target });
    await until('the tab is gone', () => this.isGone);
  }

  /** @param {string} url */
  async #arrived(url) {
    await until(`${url} is there`, () =>
      this.run((wanted) => location.href === wanted && 'chaos' in globalThis, url).catch(() => false),
    );
  }
}
