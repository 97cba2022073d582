import { describe, expect, it } from 'vitest';
import type { Delivery, Plugin, PluginScope } from '../../index.js';
import { memoryStore } from '../../stores/memory.js';
import { createTestEventBus, type TestBusOptions } from '../../testing/index.js';
import { deferred, reactions } from '../deferred.test.kit.js';

/** A bus with a plugin `work`, and a second version of that to take its place. */
async function worker(setup: (scope: PluginScope, version: string) => unknown, options: TestBusOptions = {}) {
  const bus = createTestEventBus(options);
  const plugin = (version: string): Plugin => ({ name: 'work', version, setup: (scope) => setup(scope, version) });
  const installed = await bus.install(plugin('1'));
  return { bus, installed, next: plugin('2'), plugin };
}

describe('replace', () => {
  it('G1 puts a plugin in the place of the one with its name', async () => {
    const log: string[] = [];
    const { bus, installed, next } = await worker((scope, version) => {
      log.push(`+${version}`);
      scope.on('a', () => log.push(`a ${version}`));
      scope.respond('version', () => version);
      return () => log.push(`-${version}`);
    });
    bus.emit('a');
    const after = await bus.replace(next);
    bus.emit('a');
    expect(log).toEqual(['+1', 'a 1', '+2', '-1', 'a 2']);
    expect(await bus.request('version')).toBe('2');
    expect([installed.state, after.state, after.version]).toEqual(['uninstalling', 'active', '2']);
    expect(bus.plugins.map(({ name, version }) => [name, version])).toEqual([['work', '2']]);
    // What is long gone takes nobody with it.
    await installed.uninstall();
    expect(bus.plugins).toHaveLength(1);
  });

  it('G1 has every event handled once, by the old or the new one, while the new one is set up', async () => {
    const handled: unknown[] = [];
    const gate = deferred<void>();
    const { bus, next } = await worker(async (scope, version) => {
      scope.on('**', (event) => handled.push([event.type, version]), { priority: 1 });
      scope.use((event, pass) => pass({ metadata: { ...event.metadata, by: version } }));
      if (version === '2') await gate.promise;
    });
    handled.length = 0;
    const replaced = bus.replace(next);
    await reactions();
    const before = bus.emit('a').event.metadata;
    gate.resolve();
    await replaced;
    const after = bus.emit('b').event.metadata;
    const own = handled.filter((one) => !`${(one as string[])[0]}`.startsWith('plugin.'));
    expect(own).toEqual([
      ['a', '1'],
      ['b', '2'],
    ]);
    expect([before, after]).toEqual([{ by: '1' }, { by: '2' }]);
  });

  it('G1 keeps events that wait: those of the queue, and those that a handler has not begun with', async () => {
    const handled: string[] = [];
    const gates = [deferred<void>(), deferred<void>()];
    const { bus, next } = await worker((scope, version) => {
      const take = async (event: { data: unknown }): Promise<void> => {
        handled.push(`${event.data} ${version}`);
        if (event.data === 1) await gates[0]?.promise;
      };
      scope.on('job', take, { name: 'jobs', concurrency: 1 });
    });
    const emissions = [1, 2, 3].map((n) => bus.emit('job', n));
    const replaced = bus.replace(next);
    emissions.push(bus.emit('job', 4));
    await reactions();
    // The first is still the old one's; the new one does not wait for it.
    expect(handled).toEqual(['1 1', '2 2', '3 2', '4 2']);
    gates[0]?.resolve();
    await replaced;
    const results = await Promise.all(emissions);
    expect(results.map(({ status, delivered, failures }) => [status, delivered, failures.length])).toEqual([
      ['delivered', 1, 0],
      ['delivered', 1, 0],
      ['delivered', 1, 0],
      ['delivered', 1, 0],
    ]);
  });

  it('G1 leaves what waits to the old handler where the new plugin has none like it', async () => {
    const handled: string[] = [];
    const gate = deferred<void>();
    const { bus, next } = await worker((scope, version) => {
      const take = async (event: { data: unknown }): Promise<void> => {
        handled.push(`${event.data} ${version}`);
        await gate.promise;
      };
      if (version === '1') scope.on('job', take, { concurrency: 1 });
    });
    const emissions = [1, 2].map((n) => bus.emit('job', n));
    const replaced = bus.replace(next);
    gate.resolve();
    await Promise.all([replaced, ...emissions]);
    expect(handled).toEqual(['1 1', '2 1']);
  });

  it('G1, F3 makes dead letters of calls that wait to be made again when the time is up', async () => {
    const { bus, next } = await worker((scope, version) => {
      const fail = (): never => {
        throw new Error('no');
      };
      if (version === '1') scope.on('job', fail, { retry: { attempts: 3, delayMs: 60_000 } });
    });
    bus.emit('job', 1);
    const replaced = bus.replace(next, { timeoutMs: 100 });
    await bus.clock.advance(100);
    await replaced;
    const letters = await bus.deadLetters.list();
    expect(letters.map(({ event, attempts }) => [event.data, attempts])).toEqual([[1, 1]]);
    expect(bus.clock.pending).toBe(0);
  });

  it('G1, S6 goes on behind the cursor of a durable subscription', async () => {
    const handled: string[] = [];
    const { bus, next } = await worker(
      (scope, version) =>
        void scope.on('job', (event) => handled.push(`${event.data} ${version}`), { durable: 'jobs' }),
      { store: memoryStore() },
    );
    await bus.emit('job', 1).persisted;
    await bus.idle();
    await bus.replace(next);
    await bus.emit('job', 2).persisted;
    await bus.idle();
    expect(handled).toEqual(['1 1', '2 2']);
  });

  it('G1 keeps the old one when the new one fails', async () => {
    const handled: string[] = [];
    const { bus, installed, next } = await worker((scope, version) => {
      const off = scope.on('a', () => handled.push(version));
      scope.on('a', () => handled.push(`once more ${version}`));
      off();
      if (version === '2') throw new Error('no');
    });
    await expect(bus.replace(next)).rejects.toThrow('"work" failed in its setup');
    bus.emit('a');
    expect([handled, installed.state, bus.stats().subscriptions]).toEqual([['once more 1'], 'active', 1]);
    await bus.close();
    expect(bus.stats().subscriptions).toBe(0);
  });

  it('G1 refuses one that is not there, that is just being replaced, or needs what is not there', async () => {
    const gate = deferred<void>();
    const { bus, installed, next, plugin } = await worker((_, version) => (version === '2' ? gate.promise : undefined));
    await expect(bus.replace({ name: 'other', setup: () => {} })).rejects.toThrow(
      '"other" is not there to be replaced',
    );
    await expect(bus.replace({ ...next, dependsOn: ['x'] })).rejects.toThrow('"work" depends on "x"');
    const replaced = bus.replace(next);
    await expect(bus.replace(plugin('3'))).rejects.toThrow('"work" is just coming or going');
    const gone = installed.uninstall();
    gate.resolve();
    await expect(replaced).rejects.toThrow('"work" was uninstalled while it was replaced');
    await gone;
    expect(bus.plugins).toEqual([]);
  });

  it('G1 has an observer that emits meanwhile find somebody to handle it', async () => {
    const handled: unknown[] = [];
    const { bus, next } = await worker((scope, version) => {
      scope.on('told', (event: { data: unknown }, _: Delivery) => handled.push([event.data, version]));
    });
    bus.inspect((inspection) => {
      if (inspection.kind === 'subscribed' || inspection.kind === 'unsubscribed') bus.emit('told', inspection.kind);
    });
    await bus.replace(next);
    expect(handled).toEqual([
      ['unsubscribed', '2'],
      ['subscribed', '2'],
    ]);
  });

  it('G1 has the new one handle an event that waits for others before the old one could', async () => {
    const handled: string[] = [];
    const gate = deferred<void>();
    const { bus, next, plugin } = await worker((scope, version) => {
      scope.on('a', (event) => handled.push(`${event.data} ${version}`));
      scope.on('a', (event) => handled.push(`${event.data} ${version} limited`), { concurrency: 1, name: 'limited' });
    });
    bus.on('a', () => gate.promise, { priority: 1 });
    const emission = bus.emit('a', 1);
    await bus.replace(next);
    await bus.replace(plugin('3'));
    gate.resolve();
    const { delivered } = await emission;
    expect([handled, delivered]).toEqual([['1 3', '1 3 limited'], 3]);
  });

  it('G1 gives what waits for handlers of one name to as many of the new plugin, in order', async () => {
    const handled: string[] = [];
    const gate = deferred<void>();
    const { bus, next } = await worker((scope, version) => {
      for (const at of version === '1' ? ['x', 'y', 'z'] : ['x', 'y']) {
        scope.on(
          'a',
          async ({ data }) => {
            handled.push(`${data} ${at}${version}`);
            await gate.promise;
          },
          { concurrency: 1 },
        );
      }
    });
    for (const n of [1, 2]) bus.emit('a', n);
    handled.length = 0;
    const replaced = bus.replace(next);
    await reactions();
    expect(handled).toEqual(['2 x2', '2 y2']);
    gate.resolve();
    await replaced;
    // There is no third one to leave it to.
    expect(handled).toEqual(['2 x2', '2 y2', '2 z1']);
  });

  it('G1 refuses one that depends on what depends on it: neither could be uninstalled again', async () => {
    const { bus, next } = await worker(() => {});
    await bus.install({ name: 'middle', dependsOn: ['work'], setup: () => {} });
    await bus.install({ name: 'top', dependsOn: ['middle'], setup: () => {} });
    await expect(bus.replace({ ...next, dependsOn: ['top'] })).rejects.toThrow(
      '"work" depends on "top", which depends on it',
    );
    expect(bus.plugins.map(({ state }) => state)).toEqual(['active', 'active', 'active']);
  });

  it('G1, R1 has a request that is being answered answered by the old one, and one that waits by the new one', async () => {
    const gate = deferred<void>();
    const { bus, next } = await worker((scope, version) => {
      const answer = async (): Promise<string> => {
        if (version === '1') await gate.promise;
        return version;
      };
      scope.respond('who', answer, { concurrency: 1 });
      // Of the same name and pattern, and no answer to anything.
      if (version === '2') scope.on('who', () => {}, { priority: 1, name: 'answer' });
    });
    const answers = [bus.request('who'), bus.request('who')];
    const replaced = bus.replace(next);
    expect(await answers[1]).toBe('2');
    gate.resolve();
    expect(await answers[0]).toBe('1');
    await replaced;
    expect(bus.clock.pending).toBe(0);
  });
});
