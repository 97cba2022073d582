import { type } from 'arktype';
import { describe, expect, it } from 'vitest';
import {
  BusClosedError,
  definePlugin,
  InvalidOptionError,
  type Plugin,
  PluginError,
  type PluginScope,
} from '../../index.js';
import { createTestEventBus } from '../../testing/index.js';
import { deferred, reactions } from '../deferred.test.kit.js';

/** A plugin that writes down when it is set up and cleaned up. */
function plugins(log: string[] = []) {
  const plugin = (name: string, more: Partial<Plugin> = {}): Plugin => ({
    name,
    setup: () => {
      log.push(`+${name}`);
      return () => log.push(`-${name}`);
    },
    ...more,
  });
  return { log, plugin, bus: createTestEventBus() };
}

const states = (bus: { plugins: readonly { name: string; state: string }[] }): string[] =>
  bus.plugins.map(({ name, state }) => `${name} ${state}`);

describe('install', () => {
  it('G1 sets a plugin up at once, and says so', async () => {
    const { bus, log, plugin } = plugins();
    const installing = bus.install(plugin('cart', { version: '1.2.0' }));
    expect(log).toEqual(['+cart']);
    const { name, version, state } = await installing;
    expect([name, version, state, states(bus)]).toEqual(['cart', '1.2.0', 'active', ['cart active']]);
  });

  it('G1 has an event heard that is emitted right after it', async () => {
    const { bus, plugin } = plugins();
    const heard: string[] = [];
    const setup = (scope: PluginScope): void => {
      scope.on('a', (event) => heard.push(event.type));
    };
    void bus.install([plugin('one', { setup }), plugin('two', { setup })]);
    bus.emit('a');
    expect(heard).toEqual(['a', 'a']);
  });

  it('G1 sets up what others depend on first, and ends it last', async () => {
    const { bus, log, plugin } = plugins();
    const list = [
      plugin('shop', { dependsOn: ['cart', 'pay'] }),
      plugin('pay', { dependsOn: ['cart'] }),
      plugin('cart'),
    ];
    const installed = await bus.install(list);
    expect(installed.map(({ name }) => name)).toEqual(['shop', 'pay', 'cart']);
    await bus.close();
    expect(log).toEqual(['+cart', '+pay', '+shop', '-shop', '-pay', '-cart']);
  });

  it.each<[string, Partial<Plugin>[], RegExp]>([
    [
      'a dependency that is missing',
      [{ dependsOn: ['pay', 'b'] }],
      /"a" depends on "pay", "b", not installed\. Install that first/,
    ],
    [
      'a cycle',
      [{ dependsOn: ['b'] }, { dependsOn: ['c'] }, { dependsOn: ['b'] }],
      /"b" depends on itself: b → c → b\./,
    ],
    ['itself', [{ dependsOn: ['a'] }], /"a" depends on itself: a → a\./],
    ['a name that is given twice', [{}, { name: 'a' }], /"a" is given twice\./],
    ['the name of the bus', [{ name: 'app' }], /"app" has the name of the bus itself\./],
  ])('G1 refuses %s before anything is set up', async (_, given, message) => {
    const { bus, log, plugin } = plugins();
    const list = given.map((more, at) => plugin('abc'[at] as string, more));
    await expect(bus.install(list)).rejects.toThrow(PluginError);
    await expect(bus.install(list)).rejects.toThrow(message);
    expect([log, states(bus)]).toEqual([[], []]);
  });

  it('G1 refuses a name that is there already', async () => {
    const { bus, plugin } = plugins();
    await bus.install(plugin('cart'));
    await expect(bus.install(plugin('cart'))).rejects.toThrow(
      '"cart" is there already. Uninstall it first, or use replace.',
    );
  });

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['no name', { setup: () => {} }],
    ['a name with a space', { name: 'my plugin', setup: () => {} }],
    ['no setup', { name: 'a' }],
    ['a dependency that is no list', { name: 'a', dependsOn: 'b', setup: () => {} }],
    ['a version that is no text', { name: 'a', version: 2, setup: () => {} }],
    ['a config schema that is none', { name: 'a', configSchema: {}, setup: () => {} }],
    ['permissions that are no object', { name: 'a', permissions: 'a.*', setup: () => {} }],
    ['permissions for what there is not', { name: 'a', permissions: { subscribe: 'a.*' }, setup: () => {} }],
  ])('G1 refuses %s', async (_, given) => {
    const { bus } = plugins();
    await expect(bus.install(given as Plugin)).rejects.toThrow(InvalidOptionError);
  });

  it('G1 is called what its host calls it', async () => {
    const { bus, plugin } = plugins();
    const { name } = await bus.install(plugin('bank'), { name: 'ads' });
    expect([name, states(bus)]).toEqual(['ads', ['ads active']]);
    await expect(bus.install([plugin('bank')], { name: 'ads' })).rejects.toThrow(InvalidOptionError);
  });

  it('G1 waits for a setup that takes time, and those that depend on it wait too', async () => {
    const { bus, log, plugin } = plugins();
    const gate = deferred<void>();
    const slow = bus.install(plugin('slow', { setup: () => gate.promise }));
    const needy = bus.install(plugin('needy', { dependsOn: ['slow'] }));
    await reactions();
    expect([log, states(bus)]).toEqual([[], ['slow installing', 'needy installing']]);
    gate.resolve();
    await Promise.all([slow, needy]);
    expect([log, states(bus)]).toEqual([['+needy'], ['slow active', 'needy active']]);
  });

  it('G1 takes away all of a setup that fails halfway, and what it depends on when they came together', async () => {
    const { bus, log, plugin } = plugins();
    const heard: unknown[] = [];
    const cause = new Error('No network.');
    const setup = async (scope: PluginScope): Promise<void> => {
      scope.on('**', (event) => heard.push(event.type));
      scope.respond('ask', () => 1);
      scope.use((_, next) => next());
      scope.clock.setTimeout(() => heard.push('timer'), 10);
      scope.onDispose(() => log.push('-half'));
      await reactions();
      throw cause;
    };
    const error = await bus.install([plugin('cart'), plugin('half', { dependsOn: ['cart'], setup })]).catch((e) => e);
    expect(error).toMatchObject({ name: 'PluginError', code: 'PLUGIN', plugin: 'half', cause });
    expect(error.message).toBe(
      '[crosstown] The plugin "half" failed in its setup (No network). Look at its cause; all it had made is taken away.',
    );
    expect([log, states(bus), bus.stats().subscriptions]).toEqual([['+cart', '-half', '-cart'], [], 0]);
    bus.emit('a');
    await bus.clock.advance(10);
    expect(heard).toEqual([]);
    await expect(bus.request('ask')).rejects.toThrow('nobody responds');
    await bus.install(plugin('half'));
    expect(states(bus)).toEqual(['half active']);
  });

  it('G1 has who waits for a plugin fail with it', async () => {
    const { bus, plugin } = plugins();
    const gate = deferred<void>();
    const slow = bus.install(plugin('slow', { setup: () => gate.promise }));
    const needy = bus.install(plugin('needy', { dependsOn: ['slow'] }));
    gate.reject(new Error('no'));
    await expect(slow).rejects.toThrow('"slow" failed in its setup');
    await expect(needy).rejects.toThrow('"needy" failed in its setup');
    expect(states(bus)).toEqual([]);
  });

  it('G1 gives a plugin the config that its schema makes, and refuses another', async () => {
    const { bus } = plugins();
    const configs: unknown[] = [];
    const audit = definePlugin({
      name: 'audit',
      configSchema: type({ limit: 'number > 0', 'label?': 'string' }),
      config: { limit: 5 },
      setup: (scope) => void configs.push(scope.config),
    });
    await (await bus.install(audit)).uninstall();
    await (await bus.install(audit, { config: { limit: 7 } })).uninstall();
    await (await bus.install({ ...audit, config: { limit: 9 } })).uninstall();
    const error = await bus.install(audit, { config: { limit: -1 } }).catch((e) => e);
    expect(configs).toEqual([{ limit: 5 }, { limit: 7 }, { limit: 9 }]);
    expect([error.code, error.cause.code]).toEqual(['PLUGIN', 'INVALID_DATA']);
    expect([error.message, states(bus)]).toEqual([expect.stringContaining('limit must be positive'), []]);
  });

  it('G1 takes a schema that is asynchronous', async () => {
    const { bus } = plugins();
    const configs: unknown[] = [];
    const validate = async (value: unknown) => (value === 1 ? { value: 2 } : { issues: [{ message: 'no' }] });
    const configSchema = { '~standard': { version: 1 as const, vendor: 'test', validate } };
    const plugin: Plugin = { name: 'a', configSchema, setup: (scope) => void configs.push(scope.config) };
    await expect(bus.install(plugin, { config: 3 })).rejects.toThrow('was given a config that its schema refuses');
    await bus.install(plugin, { config: 1 });
    expect(configs).toEqual([2]);
  });

  it('G1 fails when the bus is closed, before or meanwhile', async () => {
    const { bus, log, plugin } = plugins();
    const gate = deferred<() => void>();
    const installing = bus.install(plugin('slow', { setup: () => gate.promise }));
    const closing = bus.close();
    gate.resolve(() => log.push('-slow'));
    await expect(installing).rejects.toThrow('"slow" was uninstalled while it was set up');
    await closing;
    // Nobody but the plugin knew of it.
    expect(log).toEqual(['-slow']);
    await expect(bus.install(plugin('late'))).rejects.toThrow(BusClosedError);
  });
});

describe('uninstall', () => {
  it('G1 takes away handlers, responders, middleware, waits, streams and timers, and runs clean-ups', async () => {
    const { bus, log } = plugins();
    const heard: string[] = [];
    const ends: unknown[] = [];
    bus.respond('slow', () => new Promise(() => {}));
    const { uninstall } = await bus.install({
      name: 'all',
      setup(scope) {
        scope.on(['a', 'b.*'], (event) => heard.push(event.type));
        scope.once('a', () => heard.push('once'), { filter: () => false });
        scope.respond('ask', () => 1);
        scope.use(function stamp(event, next) {
          if (event.type === 'a') heard.push('met');
          next();
        });
        scope.clock.setTimeout(() => heard.push('timer'), 1000);
        const stream = scope.stream('a');
        void stream.next().then((result) => ends.push(result.done));
        scope.waitFor('never').catch((error) => ends.push(error.code));
        scope.request('slow', 1, { timeoutMs: 60_000 }).catch((error) => ends.push(error.code));
        scope.signal.addEventListener('abort', () => log.push('aborted'));
        scope.onDispose(() => log.push('first'));
        scope.onDispose(async () => {
          await reactions();
          log.push('second');
        });
        return () => log.push('last');
      },
    });
    bus.emit('a');
    expect(heard.splice(0)).toEqual(['met', 'a']);
    await uninstall();
    bus.emit('a');
    bus.emit('b.c');
    await bus.clock.advance(2000);
    expect(heard).toEqual([]);
    expect(log).toEqual(['aborted', 'last', 'second', 'first']);
    expect(ends).toEqual([false, 'SCOPE_CLOSED', 'SCOPE_CLOSED']);
    expect([bus.clock.pending, bus.stats().subscriptions, states(bus)]).toEqual([0, 1, []]);
  });

  it('G1 goes on when a clean-up throws, rejects or takes too long, and reports it', async () => {
    const { bus, log } = plugins();
    const { uninstall } = await bus.install({
      name: 'bad',
      setup(scope) {
        scope.onDispose(() => log.push('ran'));
        scope.onDispose(() => {
          throw new Error('thrown');
        });
        scope.onDispose(() => Promise.reject(new Error('rejected')));
        scope.onDispose(() => log.push('before'));
        scope.clock.setTimeout(() => {
          throw new Error('in a timer');
        }, 5);
      },
    });
    await bus.clock.advance(5);
    await uninstall();
    expect(log).toEqual(['before', 'ran']);
    expect(
      bus.failures.map(({ stage, error }) => [stage, (error as PluginError).plugin, `${(error as Error).cause}`]),
    ).toEqual([
      ['plugin', 'bad', 'Error: in a timer'],
      ['plugin', 'bad', 'Error: rejected'],
      ['plugin', 'bad', 'Error: thrown'],
    ]);
    const hangs = await bus.install({ name: 'hangs', setup: (scope) => scope.onDispose(() => new Promise(() => {})) });
    const gone = hangs.uninstall({ timeoutMs: 300 });
    await bus.clock.advance(300);
    await gone;
    expect([states(bus), bus.clock.pending]).toEqual([[], 0]);
  });

  it('G1 lets clean-ups emit, and refuses everything afterwards', async () => {
    const { bus } = plugins();
    let kept!: PluginScope;
    const { uninstall } = await bus.install({
      name: 'batch',
      setup(scope) {
        kept = scope;
        return () => {
          expect(() => scope.on('a', () => {})).toThrow('on needs the scope "batch", and it is closed.');
          scope.emit('batch.flushed', 3);
        };
      },
    });
    await uninstall();
    expect(bus.emittedOf('batch.flushed').map(({ source, data }) => [source, data])).toEqual([['batch', 3]]);
    const calls: (() => unknown)[] = [
      () => kept.emit('a'),
      () => kept.request('a'),
      () => kept.on('a', () => {}),
      () => kept.once('a', () => {}),
      () => kept.respond('a', () => {}),
      () => kept.waitFor('a'),
      () => kept.stream('a'),
      () => kept.use(() => {}),
      () => kept.onDispose(() => {}),
    ];
    for (const call of calls) expect(call, String(call)).toThrow('it is closed. Stop when scope.signal aborts.');
    expect(kept.clock.setTimeout(() => {}, 1)).toBeUndefined();
  });

  it('G1 refuses to take away what others need', async () => {
    const { bus, plugin } = plugins();
    const [cart, pay] = await bus.install([plugin('cart'), plugin('pay', { dependsOn: ['cart'] })]);
    await expect(cart?.uninstall()).rejects.toThrow('"cart" is what "pay" depends on. Uninstall that first.');
    await pay?.uninstall();
    await Promise.all([cart?.uninstall(), cart?.uninstall()]);
    expect(states(bus)).toEqual([]);
  });

  it('G1 makes room for the next of its name, which waits for that', async () => {
    const { bus, log, plugin } = plugins();
    const first = await bus.install(plugin('cart'));
    const gone = first.uninstall();
    const second = bus.install(plugin('cart'));
    await Promise.all([gone, second]);
    expect([log, states(bus)]).toEqual([['+cart', '-cart', '+cart'], ['cart active']]);
  });

  it('G1 can be done in the middle of a setup, and by the plugin itself', async () => {
    const { bus, log, plugin } = plugins();
    const gate = deferred<void>();
    const installing = bus.install(plugin('slow', { setup: () => gate.promise }));
    const gone = bus.plugins[0]?.uninstall();
    gate.resolve();
    await expect(installing).rejects.toThrow('"slow" was uninstalled while it was set up');
    await gone;
    const itself = await bus.install({
      name: 'itself',
      setup: (scope) => {
        scope.on('stop', () => void itself.uninstall().then(() => log.push('gone')));
      },
    });
    await bus.emit('stop');
    await reactions();
    expect([log, states(bus)]).toEqual([['gone'], []]);
  });

  it("G8 waits for calls that are running, then aborts their signals, and nobody else's", async () => {
    const { bus, log } = plugins();
    const signals: Record<string, AbortSignal> = {};
    const setup = (scope: PluginScope): void => {
      const { name } = scope;
      const run = (event: { type: string }, delivery: { signal: AbortSignal }): Promise<void> => {
        signals[`${name} ${event.type}`] = delivery.signal;
        return new Promise((resolve) => delivery.signal.addEventListener('abort', () => resolve()));
      };
      scope.on('plain', run);
      scope.on('limited', run, { timeoutMs: 60_000 });
    };
    const [one] = await bus.install([
      { name: 'one', setup },
      { name: 'two', setup },
    ]);
    bus.emit('plain');
    bus.emit('limited');
    const gone = one?.uninstall({ timeoutMs: 300 }).then(() => log.push('gone'));
    await bus.clock.advance(299);
    expect([log, states(bus)]).toEqual([[], ['one uninstalling', 'two active']]);
    await bus.clock.advance(1);
    await gone;
    const aborted = Object.entries(signals).map(([name, { aborted: is }]) => `${name} ${is}`);
    expect(aborted.sort()).toEqual(['one limited true', 'one plain true', 'two limited false', 'two plain false']);
    expect(signals['one plain']?.reason).toMatchObject({ code: 'SCOPE_CLOSED', source: 'one' });
  });

  it('G8 is over as soon as the calls are', async () => {
    const { bus } = plugins();
    const gate = deferred<void>();
    const { uninstall } = await bus.install({ name: 'a', setup: (scope) => void scope.on('a', () => gate.promise) });
    bus.emit('a');
    const gone = uninstall();
    gate.resolve();
    await gone;
    expect(bus.clock.pending).toBe(0);
  });
});

describe('the life of a bus', () => {
  it('G7 is told by local events', async () => {
    const { bus, plugin } = plugins();
    const told: string[] = [];
    bus.on(['system.*', 'plugin.*'], (event) =>
      told.push(`${event.type} ${JSON.stringify(event.data)} ${event.source}`),
    );
    await bus.install([plugin('cart', { version: '1.0.0' }), plugin('pay')]);
    const late = await bus.install(plugin('late'));
    await late.uninstall();
    await bus.close();
    expect(told).toEqual([
      'plugin.loaded {"name":"cart","version":"1.0.0"} app',
      'plugin.loaded {"name":"pay"} app',
      'system.started {"plugins":["cart","pay"]} app',
      'plugin.loaded {"name":"late"} app',
      'plugin.unloaded {"name":"late"} app',
      'system.shutdown undefined app',
      'plugin.unloaded {"name":"pay"} app',
      'plugin.unloaded {"name":"cart","version":"1.0.0"} app',
    ]);
  });

  it('G7 is told to no other node', async () => {
    const { bus, plugin } = plugins();
    const sent: string[] = [];
    const far = createTestEventBus({
      clock: bus.clock,
      transports: [
        {
          name: 'far',
          caps: { order: true, ack: false, replay: false, carries: 'json', maxBytes: 1e6 },
          open: (host) => host.state('open'),
          publish: (records) => void sent.push(...records.map(({ type: one }) => one)),
          close: () => {},
        },
      ],
    });
    await far.install(plugin('cart'));
    await far.emit('cart.changed');
    await far.idle();
    await far.close();
    expect(sent.filter((one) => !one.startsWith('$'))).toEqual(['cart.changed']);
  });

  it('G8 has plugins end before the bus, within one limit for all', async () => {
    const { bus, log } = plugins();
    await bus.install({
      name: 'hangs',
      setup: (scope) => {
        scope.on('a', () => new Promise(() => {}));
        scope.onDispose(() => scope.emit('last.words'));
      },
    });
    bus.on('b', () => new Promise(() => {}));
    bus.on('last.words', () => log.push('heard'));
    bus.emit('a');
    bus.emit('b');
    const closed = bus.close({ timeoutMs: 400 }).then(() => log.push('closed'));
    await bus.clock.advance(399);
    expect(log).toEqual([]);
    await bus.clock.advance(1);
    await closed;
    expect(log).toEqual(['heard', 'closed']);
    expect(bus.clock.pending).toBe(0);
  });
});
