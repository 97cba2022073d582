// What runs in a tab. The driver calls `bench.prepare` once, and `bench.read` for each reading.
import { listen, sender } from './channels.mjs';
import { logs, openedLog } from './databases.mjs';
import { groups } from './groups.mjs';

const APPENDED = 5000;
const ALONE = 500;
const STORED = 10_000;
const STORED_IN_LARGE = 100_000;
const OPENED = 20;
const SENT = 10_000;

/** @typedef {() => Promise<number>} Read microseconds an event */
/** @typedef {(library: string) => Promise<Read>} Scenario */

/** @param {string} name */
function openLog(name) {
  const open = logs[name];
  if (open === undefined) throw new Error(`No log ${name}`);
  return open();
}

/** @param {string} library @param {number} count */
async function appended(library, count) {
  // A new database each time: the second reading would otherwise find a larger one than the first.
  const log = await openLog(library);
  const start = performance.now();
  await log.append(count);
  const ms = performance.now() - start;
  if ((await log.readAll()) !== count) throw new Error(`${library} lost events`);
  await log.remove();
  return (ms * 1000) / count;
}

/** @type {Readonly<Record<string, Scenario>>} */
const scenarios = {
  append: async (library) => () => appended(library, APPENDED),
  'append-alone': async (library) => () => appended(library, ALONE),
  open: async (library) => {
    const open = await openedLog(library === 'crosstown' ? STORED_IN_LARGE : 1);
    return async () => {
      const start = performance.now();
      for (let n = 0; n < OPENED; n++) await open();
      return ((performance.now() - start) * 1000) / OPENED;
    };
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
  group: async (library) => {
    const prepare = groups[library];
    if (prepare === undefined) throw new Error(`No group ${library}`);
    const handleAll = await prepare(STORED);
    return async () => {
      const start = performance.now();
      await handleAll();
      return ((performance.now() - start) * 1000) / STORED;
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
