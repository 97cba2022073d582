import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { createEventBus, type EventBus, type EventScope, type PluginScope } from '../../index.js';
import { memoryStore } from '../../stores/memory.js';
import { SimulatedClock } from '../../testing/index.js';

setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc') as () => void;

/** Bytes that are alive. */
async function heap(): Promise<number> {
  for (let i = 0; i < 4; i++) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    gc();
  }
  return process.memoryUsage().heapUsed;
}

/** Makes one of everything that a scope can make, with something large behind each. */
function setup(scope: PluginScope, fails = false): () => void {
  const ballast = new Array<number>(1000).fill(0);
  const use = (): number => ballast.length;
  scope.on('a', use);
  scope.on(['a', 'b.*'], use, { retry: { attempts: 3 }, concurrency: 1, filter: () => use() > 0 });
  scope.on('slow', (_, delivery) => void delivery.signal.addEventListener('abort', use));
  scope.on('a', use, { durable: 'cursor' });
  scope.once('never', use);
  scope.respond('ask', use);
  scope.use((_, next) => (use() > 0 ? next() : undefined));
  scope.clock.setTimeout(use, 60_000);
  scope.waitFor('never', { timeoutMs: 60_000 }).catch(use);
  scope.request('hangs', 1, { timeoutMs: 60_000 }).catch(use);
  scope.stream('a');
  scope.signal.addEventListener('abort', use);
  scope.onDispose(use);
  if (fails) throw new Error('no');
  return use;
}

const permissions = { emit: '**', on: '**', request: '**', respond: '**', use: '**' };

/** A scope that is there all the time. */
let longLived: EventScope | undefined;

type Round = (bus: EventBus) => Promise<void>;

// No expectations in them, as those keep what they saw.
const rounds: Readonly<Record<string, readonly [times: number, Round]>> = {
  'installed and uninstalled': [
    1000,
    async (bus) => {
      const { uninstall } = await bus.install({ name: 'guest', permissions, setup: (scope) => setup(scope) });
      bus.emit('a');
      bus.emit('slow');
      await bus.request('ask');
      await uninstall();
    },
  ],
  replaced: [
    500,
    async (bus) => {
      await bus.install({ name: 'guest', permissions, setup: (scope) => setup(scope) });
      const { uninstall } = await bus.replace({ name: 'guest', permissions, setup: (scope) => setup(scope) });
      await uninstall();
    },
  ],
  'make much that is soon over': [
    3000,
    async (bus) => {
      const ballast = new Array<number>(1000).fill(0);
      const use = (): number => ballast.length;
      longLived ??= bus.scope({ source: 'long', permissions });
      const scope = longLived;
      scope.on('a', use)();
      scope.once(['a', 'b'], use, { retry: { attempts: 2 }, signal: new AbortController().signal });
      scope.on('slow', (_, delivery) => void delivery.signal.addEventListener('abort', use))();
      const wait = scope.waitFor('a', { timeoutMs: 60_000, filter: () => use() > 0 });
      const stream = scope.stream('a');
      scope.use((_, next) => (use() > 0 ? next() : undefined))();
      scope.clock.clearTimeout(scope.clock.setTimeout(use, 60_000));
      scope.clock.setTimeout(use, 1);
      scope.emit('a', ballast);
      await wait;
      await stream.return?.();
      await scope.request('hangs', 1, { timeoutMs: 60_000, signal: AbortSignal.abort() }).catch(use);
    },
  ],
  'failed in their setup': [
    500,
    async (bus) => {
      await bus.install({ name: 'bad', setup: (scope) => setup(scope, true) }).catch(() => {});
    },
  ],
};

describe('plugins that come and go', () => {
  it.each(Object.entries(rounds))('G1 leave nothing when %s', { timeout: 60_000 }, async (_, [times, round]) => {
    const clock = new SimulatedClock();
    const store = memoryStore({ maxEvents: 100 });
    // Dead letters keep what they failed with, which is none of the plugins' doing.
    const bus = createEventBus({
      clock,
      store,
      persist: 'a',
      protect: { 'card.*': 'card' },
      maxDeadLetters: 1,
      onError: () => {},
    });
    bus.respond('hangs', () => new Promise(() => {}), { timeoutMs: 1 });
    const go = async (count: number): Promise<void> => {
      for (let n = 0; n < count; n++) {
        await round(bus);
        if (n % 10 === 9) await clock.advance(2);
      }
      await bus.idle();
    };
    await go(100);
    const before = await heap();
    await go(times);
    const grown = (await heap()) - before;
    expect([clock.pending, bus.stats().subscriptions, bus.plugins.length]).toEqual([0, 1, 0]);
    // What one plugin holds is more than 8 kB: 4 MB or more in all.
    expect(grown).toBeLessThan(2_000_000);
    await bus.close();
  });
});
