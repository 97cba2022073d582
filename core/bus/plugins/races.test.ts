import { describe, expect, it } from 'vitest';
import type { InstalledPlugin, Plugin, PluginScope } from '../../index.js';
import { memoryStore } from '../../stores/memory.js';
import { createTestEventBus } from '../../testing/index.js';
import { deferred, reactions } from '../deferred.test.kit.js';

const never = new Promise<never>(() => {});

describe('installs that meet', () => {
  it('G1 refuses the later of two plugins of one name, though the first is of a list that is not that far yet', async () => {
    const bus = createTestEventBus();
    const gate = deferred();
    const ended: string[] = [];
    const named = (name: string, by: string, wait?: Promise<void>): Plugin => ({
      name,
      async setup(scope) {
        scope.on('a', () => {});
        scope.onDispose(() => ended.push(`${name} ${by}`));
        await wait;
      },
    });
    const list = bus.install([named('first', 'list', gate.promise), named('second', 'list')]);
    await reactions();
    await bus.install(named('second', 'alone'));
    gate.resolve();
    await expect(list).rejects.toThrow('"second" is there already');
    expect(bus.plugins.map(({ name, state }) => [name, state])).toEqual([['second', 'active']]);
    expect(bus.stats().subscriptions).toBe(1);
    await bus.close();
    expect(ended).toEqual(['first list', 'second alone']);
  });

  it('G8 sets nothing more up of a list when one of its plugins has the bus closed', async () => {
    const bus = createTestEventBus();
    const log: string[] = [];
    let closed: Promise<void> | undefined;
    bus.on('plugin.loaded', () => {
      closed ??= bus.close();
    });
    const plugin = (name: string): Plugin => ({
      name,
      setup(scope) {
        log.push(`+${name}`);
        scope.clock.setTimeout(() => {}, 60_000);
        scope.onDispose(() => log.push(`-${name}`));
      },
    });
    await expect(bus.install([plugin('a'), plugin('b')])).rejects.toThrow('closed');
    await closed;
    expect([log, bus.clock.pending]).toEqual([['+a', '-a'], 0]);
  });

  it('G1 leaves what others have come to depend on when the rest of its list fails', async () => {
    const bus = createTestEventBus();
    const gate = deferred();
    const fail = async (): Promise<never> => {
      await gate.promise;
      throw new Error('no');
    };
    const list = bus.install([
      { name: 'base', setup: () => {} },
      { name: 'extra', setup: () => {} },
      { name: 'bad', setup: fail },
    ]);
    await reactions();
    await bus.install({ name: 'top', dependsOn: ['base'], setup: () => {} });
    gate.resolve();
    await expect(list).rejects.toThrow('"bad" failed in its setup');
    expect(bus.plugins.map(({ name, state }) => `${name} ${state}`)).toEqual(['base active', 'top active']);
  });

  it('G1 lets a setup uninstall itself, and install another', async () => {
    const bus = createTestEventBus();
    const other: Plugin = { name: 'other', setup: (scope) => void scope.on('a', () => {}) };
    let own: Promise<void> | undefined;
    const installed = bus.install({
      name: 'self',
      async setup(scope) {
        scope.on('a', () => {});
        await bus.install(other);
        own = (bus.plugins.find(({ name }) => name === 'self') as InstalledPlugin).uninstall();
        await own;
      },
    });
    await expect(installed).rejects.toThrow('uninstalled while it was set up');
    expect(bus.plugins.map(({ name }) => name)).toEqual(['other']);
    expect(bus.stats().subscriptions).toBe(1);
  });
});

describe('replacements that meet an end', () => {
  const old: Plugin = { name: 'work', setup: (scope) => void scope.on('a', () => {}) };
  const hanging = (log: string[] = []): Plugin => ({
    name: 'work',
    setup(scope) {
      scope.on('a', () => {});
      scope.clock.setTimeout(() => {}, 60_000);
      scope.waitFor('b', { timeoutMs: 60_000 }).catch((error) => log.push(error.code));
      scope.onDispose(() => log.push('disposed'));
      return never;
    },
  });

  it('G8 ends one that is still being set up with the bus', async () => {
    const bus = createTestEventBus();
    await bus.install(old);
    const log: string[] = [];
    bus.replace(hanging(log)).catch(() => {});
    await reactions();
    await bus.close();
    await reactions();
    expect([log.sort(), bus.clock.pending, bus.stats().subscriptions]).toEqual([['SCOPE_CLOSED', 'disposed'], 0, 0]);
  });

  it('G1 ends one that is still being set up when the plugin is uninstalled', async () => {
    const bus = createTestEventBus();
    const installed = await bus.install(old);
    const log: string[] = [];
    bus.replace(hanging(log)).catch(() => {});
    await reactions();
    await installed.uninstall();
    await reactions();
    expect([log.sort(), bus.clock.pending, bus.stats().subscriptions]).toEqual([['SCOPE_CLOSED', 'disposed'], 0, 0]);
  });

  it('G8 lets none take over while the bus closes', async () => {
    const bus = createTestEventBus();
    const log: string[] = [];
    const gate = deferred();
    const slow = deferred();
    await bus.install(old);
    await bus.install({ name: 'slow', setup: () => () => slow.promise });
    const replaced = bus.replace({
      name: 'work',
      async setup(scope) {
        scope.onDispose(() => log.push('disposed'));
        await gate.promise;
        if (scope.signal.aborted) return;
        scope.clock.setTimeout(() => {}, 60_000);
      },
    });
    replaced.catch(() => {});
    const closed = bus.close();
    await reactions();
    gate.resolve();
    await reactions();
    slow.resolve();
    await closed;
    await expect(replaced).rejects.toThrow();
    expect([log, bus.clock.pending, bus.plugins]).toEqual([['disposed'], 0, []]);
  });

  it('G1 refuses bad middleware in the setup, and not in the middle of taking over', async () => {
    const bus = createTestEventBus();
    const heard: string[] = [];
    await bus.install({ name: 'work', setup: (scope) => void scope.on('a', () => heard.push('1')) });
    const next: Plugin = {
      name: 'work',
      setup(scope) {
        scope.on('a', () => heard.push('2'));
        scope.use((_, pass) => pass(), { priority: Number.NaN });
      },
    };
    await expect(bus.replace(next)).rejects.toThrow('failed in its setup');
    const { status } = await bus.emit('a');
    expect([heard, status]).toEqual([['1'], 'delivered']);
  });

  it('G1, S6 refuses a durable name twice in a replacement, as in an install', async () => {
    const bus = createTestEventBus({ store: memoryStore() });
    const heard: string[] = [];
    const setup = (version: string, times: number) => (scope: PluginScope) => {
      for (let n = 0; n < times; n++) scope.on('a', () => void heard.push(version), { durable: 'x' });
    };
    await bus.install({ name: 'work', setup: setup('1', 1) });
    await expect(bus.install({ name: 'bad', setup: setup('0', 2) })).rejects.toThrow('failed in its setup');
    await expect(bus.replace({ name: 'work', setup: setup('2', 2) })).rejects.toThrow('failed in its setup');
    await bus.emit('a').persisted;
    await bus.processEvents();
    expect(heard).toEqual(['1']);
  });

  it('G1, S6 keeps events from a durable subscription that was made anew while the next plugin was set up', async () => {
    const bus = createTestEventBus({ store: memoryStore() });
    const gate = deferred();
    const slow = deferred();
    const heard: string[] = [];
    let again!: () => void;
    await bus.install({
      name: 'work',
      setup(scope) {
        const on = () =>
          scope.on(
            'a',
            async ({ data }) => {
              heard.push(`${data} 1`);
              await slow.promise;
            },
            { durable: 'x' },
          );
        const first = on();
        again = () => {
          first();
          on();
        };
      },
    });
    const replaced = bus.replace({
      name: 'work',
      async setup(scope) {
        scope.on('a', ({ data }) => void heard.push(`${data} 2`), { durable: 'x' });
        await gate.promise;
      },
    });
    await reactions();
    again();
    await bus.processEvents();
    await bus.emit('a', 1).persisted;
    await bus.processEvents();
    gate.resolve();
    await bus.processEvents();
    slow.resolve();
    await replaced;
    await bus.processEvents();
    expect(heard).toEqual(['1 1']);
  });
});

describe('the end of many', () => {
  it('G8 closes all plugins within the one limit', async () => {
    const bus = createTestEventBus();
    for (const name of ['a', 'b', 'c']) await bus.install({ name, setup: () => () => never });
    bus.scope({ source: 'd' }).on('x', () => never);
    bus.emit('x');
    const started = bus.clock.now();
    let isClosed = false;
    const closed = bus.close({ timeoutMs: 100 }).then(() => {
      isClosed = true;
    });
    await bus.clock.advance(110);
    await reactions();
    expect([isClosed, bus.clock.now() - started, bus.clock.pending]).toEqual([true, 110, 0]);
    await closed;
  });

  it('G8 closes within its limit though an uninstall under way has a longer one', async () => {
    const bus = createTestEventBus();
    const installed = await bus.install({ name: 'a', setup: () => () => never });
    void installed.uninstall({ timeoutMs: 60_000 });
    await reactions();
    let isClosed = false;
    void bus.close({ timeoutMs: 100 }).then(() => {
      isClosed = true;
    });
    await bus.clock.advance(110);
    await reactions();
    expect([isClosed, bus.clock.pending]).toEqual([true, 0]);
  });

  it('G8 closes within its limit though one that was replaced is still ending', async () => {
    const bus = createTestEventBus();
    await bus.install({ name: 'a', setup: () => () => never });
    void bus.replace({ name: 'a', setup: () => {} });
    await reactions();
    let isClosed = false;
    void bus.close({ timeoutMs: 100 }).then(() => {
      isClosed = true;
    });
    await bus.clock.advance(110);
    await reactions();
    expect([isClosed, bus.clock.pending]).toEqual([true, 0]);
  });

  it('G1 runs clean-ups after the last call, though a signal that aborts has the plugin uninstalled once more', async () => {
    const bus = createTestEventBus();
    const log: string[] = [];
    const gate = deferred();
    const installed = await bus.install({
      name: 'a',
      setup(scope) {
        scope.on('x', async () => {
          await gate.promise;
          log.push('handled');
        });
        scope.signal.addEventListener('abort', () => void installed.uninstall());
        return () => log.push('cleaned up');
      },
    });
    bus.emit('x');
    const gone = installed.uninstall();
    await reactions();
    gate.resolve();
    await gone;
    expect(log).toEqual(['handled', 'cleaned up']);
  });
});
