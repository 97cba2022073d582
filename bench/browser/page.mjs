// What runs in a tab. The driver calls `bench.prepare` once, and `bench.read` for each reading.
import { listen, sender } from './channels.mjs';
import { logs } from './databases.mjs';

const APPENDED = 5000;
const STORED = 10_000;
const SENT = 10_000;

/** @typedef {() => Promise<number>} Read microseconds an event */
/** @typedef {(library: string) => Promise<Read>} Scenario */

/** @param {string} name */
function openLog(name) {
  const open = logs[name];
  if (open === undefined) throw new Error(`No log ${name}`);
  return open();
}

/** @type {Readonly<Record<string, Scenario>>} */
const scenarios = {
  append: async (library) => async () => {
    // A new database each time: the second reading would otherwise find a larger one than the first.
    const log = await openLog(library);
    const start = performance.now();
    await log.append(APPENDED);
    const ms = performance.now() - start;
    if ((await log.readAll()) !== APPENDED) throw new Error(`${library} lost events`);
    await log.remove();
    return (ms * 1000) / APPENDED;
  },
  'read-all': async (library) => {
    const log = await openLog(library);
    await log.append(STORED);
    return async () => {
      const start = performance.now();
      const count = await log.readAll();
      const ms = performance.now() - start;
      if (count !== STORED) throw new Error(`${library} read ${count} events`);
      return (ms * 1000) / STORED;
    };
  },
  send: async (library) => {
    const send = sender(library, SENT);
    return async () => ((await send()) * 1000) / SENT;
  },
};

/** @type {Read | undefined} */
let reader;

const bench = {
  /** @param {string} scenario @param {string} library */
  prepare: async (scenario, library) => {
    const prepare = scenarios[scenario];
    if (prepare === undefined) throw new Error(`No scenario ${scenario}`);
    reader = await prepare(library);
  },
  /** The other tab of a scenario that needs two. @param {string} library */
  listen: (library) => listen(library, SENT),
  read: () => /** @type {Read} */ (reader)(),
};

/** @typedef {typeof bench} Bench */

Object.assign(globalThis, { bench });
