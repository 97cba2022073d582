import { describe, expect, it } from 'vitest';
import type { PluginScope } from '../../index.js';
import { memoryStore } from '../../stores/memory.js';
import { createTestEventBus } from '../../testing/index.js';
import { deferred, reactions } from '../deferred.test.kit.js';

const never = new Promise<never>(() => {});

describe('a scope that ends', () => {
  it('G1 reads nothing back any more', async () => {
    const bus = createTestEventBus({ store: memoryStore() });
    let scope!: PluginScope;
    const one = await bus.install({
      name: 'a',
      setup: (given) => {
        scope = given;
      },
    });
    await bus.emit('x').persisted;
    await bus.emit('x').persisted;
    const reading = scope.history();
    await reading.next();
    await one.uninstall();
    await expect(scope.history().next()).rejects.toThrow('closed');
    await expect(reading.next()).rejects.toThrow('closed');
  });

  it('G2 does not begin under the name of the bus', () => {
    const bus = createTestEventBus({ protect: { x: 'g' } });
    expect(() => bus.scope({ source: 'app' })).toThrow('source');
  });

  it('G1 lets go of events that its middleware keeps when the time is up', async () => {
    const bus = createTestEventBus();
    const one = await bus.install({ name: 'a', setup: (scope) => void scope.use(() => never) });
    let status = '';
    void bus.emit('x').then((result) => {
      status = result.status;
    });
    const gone = one.uninstall({ timeoutMs: 100 });
    await bus.clock.advance(100);
    await gone;
    await reactions();
    expect([status, bus.stats().inFlight, bus.clock.pending, bus.stats().vetoed]).toEqual(['vetoed', 0, 0, 3]);
    await bus.idle();
  });

  it('G1 waits for its middleware as long as events wait for that', async () => {
    const bus = createTestEventBus();
    const gate = deferred();
    const late = deferred();
    const log: string[] = [];
    bus.on('x', () => late.promise);
    const one = await bus.install({
      name: 'a',
      setup(scope) {
        scope.use(async ({ type }, next) => {
          if (type === 'x') await gate.promise;
          log.push(`passed ${type}`);
          await next();
          log.push(`after ${type}`);
        });
        return () => log.push('cleaned up');
      },
    });
    await reactions();
    log.length = 0;
    const emission = bus.emit('x');
    const gone = one.uninstall();
    await reactions();
    expect(log).toEqual([]);
    gate.resolve();
    await gone;
    expect(log).toEqual(['passed x', 'cleaned up']);
    late.resolve();
    expect((await emission).delivered).toBe(1);
    expect(log).toEqual(['passed x', 'cleaned up', 'after x']);
  });

  it('G1 leaves nothing, wherever it is ended', async () => {
    for (const place of ['handler', 'filter', 'middleware', 'responder', 'timer', 'wait', 'cleanup', 'inspect']) {
      const bus = createTestEventBus();
      let end: () => Promise<void> = async () => {};
      const gone: Promise<void>[] = [];
      const go = (here: string): true => {
        if (here === place) gone.push(end());
        return true;
      };
      const one = await bus.install({
        name: 'a',
        setup(scope) {
          scope.on('x', () => void go('handler'));
          scope.on('x', () => {}, { filter: () => go('filter') });
          scope.on(
            'x',
            async () => {
              await undefined;
            },
            { concurrency: 1, retry: { attempts: 2 } },
          );
          scope.use((_, next) => (go('middleware') ? next() : undefined));
          scope.respond('ask', () => go('responder'));
          scope.clock.setTimeout(() => go('timer'), 5);
          scope.waitFor('x').then(
            () => go('wait'),
            () => {},
          );
          scope.onDispose(() => void go('cleanup'));
        },
      });
      end = () => one.uninstall();
      bus.inspect((told) => void (told.kind === 'handlerStarted' && go('inspect')));
      bus.emit('x');
      bus.emit('x');
      await bus.request('ask').catch(() => {});
      await bus.clock.advance(10);
      if (place === 'cleanup') gone.push(one.uninstall());
      for (let n = 0; n < 5; n++) await reactions();
      await bus.clock.advance(10);
      await Promise.all(gone);
      await one.uninstall();
      const { subscriptions, inFlight, queued } = bus.stats();
      expect([place, subscriptions, inFlight, queued, bus.clock.pending, bus.plugins.length]).toEqual([
        place,
        0,
        0,
        0,
        0,
        0,
      ]);
      expect([place, bus.failures]).toEqual([place, []]);
      await bus.idle();
      await bus.close();
    }
  });

  it('G1, G8 is replaced in a handler, and in an observer that closes the bus', async () => {
    const bus = createTestEventBus();
    const heard: string[] = [];
    const plugin = (version: string) => ({
      name: 'a',
      version,
      setup: (scope: PluginScope) =>
        void scope.on('x', ({ data }) => {
          heard.push(`${data} ${version}`);
          if (data === 1 && version === '1') void bus.replace(plugin('2')).catch((error) => heard.push(error.message));
        }),
    });
    await bus.install(plugin('1'));
    bus.emit('x', 1);
    bus.emit('x', 2);
    await reactions();
    expect(heard).toEqual(['1 1', '2 2']);
    let told = false;
    bus.inspect((what) => {
      if (what.kind === 'unsubscribed' && !told) {
        told = true;
        void bus.replace(plugin('4')).catch((error) => heard.push(error.message));
        void bus.close();
      }
    });
    await bus.replace(plugin('3')).catch((error) => heard.push(error.message));
    await bus.close();
    expect([bus.plugins, bus.clock.pending, bus.stats().subscriptions]).toEqual([[], 0, 0]);
  });
});
