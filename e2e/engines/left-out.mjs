// What is not asked of an engine, and why. A test that is named here and no longer there is a failure, too.

/**
 * @typedef {object} LeftOut
 * @property {readonly string[]} engines
 * @property {string} file
 * @property {string} test the end of its name
 * @property {string} why
 */

/** @type {readonly LeftOut[]} */
export const leftOut = [
  {
    engines: ['WebKitGTK'],
    file: 'core/stores/indexeddb/writer.browser.test.ts',
    test: 'S3 keeps what is emitted while a page is left',
    why: 'WebKit drops every transaction that begins while a page is left, even of one record and with commit()',
  },
  {
    engines: ['WebKitGTK'],
    file: 'core/stores/indexeddb/dead-letters.browser.test.ts',
    test: 'S3 F3 keep what fails while a page is left, however many there are',
    why: 'WebKit drops every transaction that begins while a page is left, even of one record and with commit()',
  },
];
