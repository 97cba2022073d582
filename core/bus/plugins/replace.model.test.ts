import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Plugin, PluginScope } from '../../index.js';
import { memoryStore } from '../../stores/memory.js';
import { createTestEventBus } from '../../testing/index.js';
import { type Deferred, deferred, reactions } from '../deferred.test.kit.js';

type Step =
  | { readonly do: 'emit'; readonly slow: boolean; readonly fails: number }
  | { readonly do: 'install' | 'replace'; readonly gated: boolean; readonly fails: boolean }
  | { readonly do: 'uninstall' | 'open' | 'settle' | 'turn' }
  | { readonly do: 'advance'; readonly ms: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('emit' as const), slow: fc.boolean(), fails: fc.nat(1) }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('replace' as const), gated: fc.boolean(), fails: fc.boolean() }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('install' as const), gated: fc.boolean(), fails: fc.constant(false) }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom('open' as const, 'settle' as const, 'turn' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('uninstall' as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('advance' as const), ms: fc.constantFrom(1, 20, 200) }) },
);

interface Options {
  readonly concurrency: number | undefined;
  readonly durable: boolean;
  readonly listens: boolean;
  /** Others handle events before the plugin does, and take their time. */
  readonly waits: boolean;
}

/** Runs a program and gives back what is wrong. */
async function run(steps: readonly Step[], { concurrency, durable, listens, waits }: Options): Promise<string[]> {
  const wrong: string[] = [];
  const bus = createTestEventBus({ ...(durable && { store: memoryStore() }), maxDeadLetters: 1000 });
  /** Versions that handled each event for good, and those that began. */
  const handled = new Map<number, number[]>();
  const expected = new Set<number>();
  const gates: Deferred<void>[] = [];
  const calls: Deferred<void>[] = [];
  const gone = new Set<number>();
  const left = new Map<number, number>();
  let versions = 0;
  let emitted = 0;
  const under: Promise<unknown>[] = [];
  const plugin = (gated: boolean, fails: boolean): Plugin => {
    const version = ++versions;
    return {
      name: 'work',
      version: String(version),
      setup(scope: PluginScope) {
        const handle = async (event: { data: unknown }): Promise<void> => {
          const { id, slow, failures } = event.data as { id: number; slow: boolean; failures: number };
          if (gone.has(version)) wrong.push(`${id} begun by ${version}, which is gone`);
          if (slow) {
            const call = deferred<void>();
            calls.push(call);
            await call.promise;
          }
          const failed = left.get(id) ?? failures;
          left.set(id, failed - 1);
          if (failed > 0) throw new Error('once more');
          handled.set(id, [...(handled.get(id) ?? []), version]);
        };
        const shared = { name: 'jobs', retry: { attempts: 3, delayMs: 10, jitter: 0 } };
        const own = concurrency === undefined ? shared : { ...shared, concurrency };
        scope.on('job', handle as never, durable ? { ...own, durable: 'jobs' } : own);
        scope.respond('who', () => version);
        scope.onDispose(() => void gone.add(version));
        if (listens) scope.waitFor('never').catch(() => {});
        if (!gated) {
          if (fails) throw new Error('setup');
          return undefined;
        }
        const gate = deferred<void>();
        gates.push(gate);
        return gate.promise.then(() => {
          if (fails) throw new Error('setup');
        });
      },
    };
  };
  if (waits) {
    const takeTime = async (): Promise<void> => {
      const call = deferred<void>();
      calls.push(call);
      await call.promise;
    };
    bus.on('job', takeTime, { priority: 1 });
  }
  await bus.install(plugin(false, false));
  if (durable) await bus.processEvents();
  for (const one of steps) {
    if (one.do === 'emit') {
      const id = emitted++;
      const isThere = bus.plugins.some(({ state }) => state === 'active');
      if (isThere) expected.add(id);
      bus.emit('job', { id, slow: one.slow, failures: one.fails });
    } else if (one.do === 'replace' || one.do === 'install') {
      const change =
        one.do === 'replace'
          ? bus.replace(plugin(one.gated, one.fails), { timeoutMs: 100_000 })
          : bus.install(plugin(one.gated, one.fails));
      under.push(change.catch(() => {}));
    } else if (one.do === 'uninstall') {
      // Waits for what is under way: nothing that was begun is given up.
      const [now] = bus.plugins;
      if (now !== undefined) {
        under.push(now.uninstall({ timeoutMs: 100_000 }));
        // What still waits for its turn goes with it.
        for (const id of expected) if (!handled.has(id)) expected.delete(id);
      }
    } else if (one.do === 'open') gates.shift()?.resolve();
    else if (one.do === 'settle') calls.shift()?.resolve();
    else if (one.do === 'turn') await reactions();
    else if (one.do === 'advance') await bus.clock.advance(one.ms);
  }
  for (let n = 0; n < 200 && (n < 3 || gates.length > 0 || calls.length > 0 || bus.clock.pending > 0); n++) {
    for (const gate of gates.splice(0)) gate.resolve();
    for (const call of calls.splice(0)) call.resolve();
    await reactions();
    await bus.clock.advance(50);
    await bus.processEvents();
  }
  for (const id of expected) {
    const by = handled.get(id) ?? [];
    if (by.length !== 1) wrong.push(`${id} handled by [${by}]`);
  }
  for (const [id, by] of handled) if (by.length > 1) wrong.push(`${id} handled by [${by}]`);
  let isOver = false;
  void Promise.all(under).then(() => {
    isOver = true;
  });
  await bus.clock.advance(1);
  await reactions();
  if (!isOver) wrong.push('a change hangs');
  const letters = await bus.deadLetters.list();
  if (letters.length > 0 && !steps.some((one) => one.do === 'uninstall')) wrong.push(`${letters.length} dead letters`);
  for (const one of bus.plugins) await one.uninstall();
  bus.off();
  await bus.processEvents();
  const { subscriptions, inFlight, queued } = bus.stats();
  if (subscriptions + inFlight + queued + bus.clock.pending > 0) {
    wrong.push(
      `left: ${subscriptions} subscriptions, ${inFlight} in flight, ${queued} queued, ${bus.clock.pending} timers`,
    );
  }
  await bus.close();
  return wrong;
}

describe('plugins that are replaced at any moment', () => {
  for (const durable of [false, true]) {
    it(`G1 has every event ${durable ? 'read from the store ' : ''}handled once, by one of them`, {
      timeout: 60_000,
    }, async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(step, { maxLength: 25 }),
          fc.constantFrom(undefined, 1, 2),
          fc.boolean(),
          fc.boolean(),
          async (steps, concurrency, listens, waits) => {
            expect(await run(steps, { concurrency, durable, listens, waits })).toEqual([]);
          },
        ),
        { numRuns: Number(process.env['RUNS'] ?? 200) },
      );
    });
  }
});
