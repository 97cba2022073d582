import { ok, same } from './assert.js';
import type { Need, Report, RuntimeCase } from './case.js';
import { conformanceCases } from './cases/conformance.js';
import { entries, loadPackage } from './package.js';
import { watchQuiet } from './quiet.js';

/** What a runtime lacks, and why. */
export type Lacks = Partial<Readonly<Record<Need, string>>>;

/** A case that takes longer has failed. */
const deadlineMs = 15_000;
const deadlineTurns = 100_000;

/** Whether the runtime can do it, here and now. */
const probes: Readonly<Record<Need, () => unknown>> = {
  timers: () => clearTimeout(setTimeout(() => {})),
  randomness: () => crypto.getRandomValues(new Uint8Array(1)),
  clock: () => ok(Date.now() > 0, 'the clock goes'),
  BroadcastChannel: () => new BroadcastChannel('probe').close(),
  'ports over ports': sendPort,
  IndexedDB: () => ok(indexedDB !== undefined, 'IndexedDB is there'),
  'Symbol.dispose': () => ok(Symbol.dispose !== undefined, 'Symbol.dispose is there'),
};

/**
 * Imports the package, watched, and runs every case, and every one of conformance, for which this runtime lacks nothing.
 *
 * @param importedBefore says why the imports cannot be watched, where somebody has imported the package before.
 */
export async function runSuite(
  cases: readonly RuntimeCase[],
  lacks: Lacks = {},
  importedBefore?: string,
): Promise<Report> {
  const passed: string[] = [];
  const failed: { name: string; error: string }[] = [];
  const skipped: { name: string; why: string }[] = [];
  const check = async (name: string, run: () => void | Promise<void>): Promise<void> => {
    try {
      await (lacks.timers === undefined ? inTime(run) : inTurn(run));
      passed.push(name);
    } catch (error) {
      failed.push({ name, error: error instanceof Error ? (error.stack ?? String(error)) : String(error) });
    }
  };

  const unheard = new Map<Promise<unknown>, string>();
  // Node has no such events: there a rejection nobody hears of ends the process. Older workerd tells of some too early.
  globalThis.addEventListener?.('unhandledrejection', ({ promise, reason }) => unheard.set(promise, String(reason)));
  globalThis.addEventListener?.('rejectionhandled', ({ promise }) => unheard.delete(promise));
  for (const [specifier, load] of Object.entries(entries)) {
    const name = `importing ${specifier} does nothing`;
    if (importedBefore === undefined) await check(name, async () => same(await watchQuiet(load), [], 'what it used'));
    else skipped.push({ name, why: importedBefore });
  }
  const crosstown = await loadPackage();
  await check('the runtime lacks what its host says, and nothing else', () => {
    const missing = Object.entries(probes).filter(([, probe]) => !succeeds(probe));
    same(missing.map(([need]) => need).sort(), Object.keys(lacks).sort(), 'what it lacks');
  });
  for (const { name, needs = [], run } of [...cases, ...conformanceCases(crosstown)]) {
    const why = needs.flatMap((need) => lacks[need] ?? []);
    if (why.length > 0) skipped.push({ name, why: why.join('; ') });
    else await check(name, () => run(crosstown));
  }
  if (lacks.timers === undefined) {
    await check('no promise was rejected without anybody hearing of it', async () => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      same([...unheard.values()], [], 'rejections');
    });
  }
  return { passed, failed, skipped };
}

function sendPort(): void {
  const [{ port1 }, other] = [new MessageChannel(), new MessageChannel()];
  port1.postMessage(undefined, [other.port1]);
  port1.close();
  other.port2.close();
}

async function inTime(run: () => void | Promise<void>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not done after ${deadlineMs} ms`)), deadlineMs);
  });
  try {
    await Promise.race([run(), late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Where there are no timers nothing but other promises can settle a promise. */
async function inTurn(run: () => void | Promise<void>): Promise<void> {
  let over = false;
  const end = (): void => {
    over = true;
  };
  const done = Promise.resolve(run()).finally(end);
  done.catch(() => {});
  for (let turn = 0; turn < deadlineTurns && !over; turn++) await undefined;
  if (!over) throw new Error(`not done after ${deadlineTurns} turns of promises`);
  await done;
}

function succeeds(probe: () => unknown): boolean {
  try {
    probe();
    return true;
  } catch {
    return false;
  }
}
