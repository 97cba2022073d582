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
  {
    engines: ['WebKitGTK'],
    file: 'core/flows/batch.browser.test.ts',
    test: 'W3 that is gone has left in IndexedDB what was pending when it went',
    why: 'WebKit drops every transaction that begins while a page is left, even of one record and with commit()',
  },
  {
    engines: ['WebKitGTK'],
    file: 'devtools/mount.browser.test.tsx',
    test: 'is a sheet on a phone, where an event covers the list',
    why: 'WebKit lays out a new shadow root by the media queries of an earlier one with the same styles, from when the page was wider',
  },
  {
    engines: ['Firefox', 'WebKitGTK', 'Chromium'],
    file: 'devtools/load.browser.test.ts',
    test: '5000 events a second leave the list quick, short and scrollable',
    why: 'it is a stopwatch, which `npm test` holds; engines that paint without a graphics card are no measure',
  },
  {
    engines: ['Firefox', 'WebKitGTK'],
    file: 'core/stores/indexeddb/space.browser.test.ts',
    test: 'S5 rejects what there is no room for, makes room, and writes again by itself',
    why: 'only Chromium has navigator.storageBuckets, with which a page sets itself a quota',
  },
  {
    engines: ['Firefox', 'WebKitGTK'],
    file: 'core/transports/message-port.browser.test.ts',
    test: 'the two ends of a message channel in a page T1 sends what was published right before it was closed',
    why: 'the engine may lose what is sent over a port that is closed at once, with nothing of ours about it',
  },
  {
    engines: ['Firefox', 'WebKitGTK'],
    file: 'core/transports/message-port.browser.test.ts',
    test: 'T8 conform in the worker, too',
    why: 'the engine may lose what is sent over a port that is closed at once, with nothing of ours about it',
  },
  {
    engines: ['Firefox', 'WebKitGTK'],
    file: 'core/testing/conformance.browser.test.ts',
    test: 'transports/message-port T1 sends what was published right before it was closed',
    why: 'the engine may lose what is sent over a port that is closed at once, with nothing of ours about it',
  },
  {
    engines: ['Firefox', 'WebKitGTK'],
    file: 'core/testing/conformance.browser.test.ts',
    test: 'transports/restricted T1 sends what was published right before it was closed',
    why: 'it goes over such a port',
  },
  {
    engines: ['WebKitGTK'],
    file: 'core/stores/indexeddb/durable.browser.test.ts',
    test: 'S7 have the next node of a group go on when the thread of the one on duty is killed',
    why: 'WebKit may keep the connection of a thread that is killed amid a transaction, and nobody can delete the database',
  },
];
