import { describe, expect, it } from 'vitest';
import { PermissionError, type PluginScope } from '../../index.js';
import { memoryStore } from '../../stores/memory.js';
import { createTestEventBus, type TestBusOptions } from '../../testing/index.js';
import { recordFrom, Wire } from '../border/wire.test.fixture.js';

/** The scope of a plugin with these permissions. */
async function guest(options: TestBusOptions, permissions: object | undefined, name = 'guest') {
  const bus = createTestEventBus(options);
  let scope!: PluginScope;
  await bus.install({
    name,
    permissions,
    setup(given) {
      scope = given;
    },
  });
  return { bus, scope };
}

/** A list that says one thing the first so many times it is read, and another later. */
function slyList(honest: number, first: string, then: string): string[] {
  let reads = 0;
  return new Proxy([first], {
    get: (target, key, self) => (key === '0' ? (reads++ < honest ? first : then) : Reflect.get(target, key, self)),
  });
}

describe('a plugin that goes around its permissions', () => {
  it.each([1, 2, 3, 4, 5, 6])('G3 gets no more by a list of patterns that changes after %i reads', async (honest) => {
    const { bus, scope } = await guest({ store: memoryStore() }, { on: 'ads.*' });
    const heard: unknown[] = [];
    const keep = (event: unknown): void => void heard.push(event);
    const tries: (() => unknown)[] = [
      () => scope.on(slyList(honest, 'ads.a', 'card.charged'), keep),
      () => scope.waitFor(slyList(honest, 'ads.a', 'card.charged')).then(keep, () => {}),
      () =>
        scope
          .stream(slyList(honest, 'ads.a', 'card.charged'))
          .next()
          .then(({ done, value }) => done || keep(value)),
      async () => {
        for await (const { event } of scope.history({ pattern: slyList(honest, 'ads.a', 'card.charged') })) keep(event);
      },
    ];
    for (const one of tries) {
      try {
        void Promise.resolve(one()).catch(() => {});
      } catch (error) {
        expect(error).toBeInstanceOf(PermissionError);
      }
    }
    await bus.emit('card.charged', 1).persisted;
    await Promise.resolve(tries[3]?.()).catch(() => {});
    await bus.processEvents();
    expect(heard).toEqual([]);
  });

  it('G3, S8 emits no events of the past, which meet neither middleware nor schemas', async () => {
    const { bus, scope } = await guest({}, { emit: 'ads.*' });
    bus.use(() => {});
    const heard: unknown[] = [];
    bus.on('ads.*', (event) => heard.push(event.type));
    expect((await scope.emit('ads.shown')).status).toBe('vetoed');
    expect(() => scope.emit({ type: 'ads.shown', data: 1, replay: {} })).toThrow(PermissionError);
    expect([heard, bus.stats().denied]).toEqual([[], 1]);
  });

  it('G3, S6 reads from a cursor of its own, whatever it is called', async () => {
    const store = memoryStore();
    const bus = createTestEventBus({ store });
    const heard: string[] = [];
    const named = (name: string) => ({
      name,
      setup: (scope: PluginScope) =>
        void scope.on('job', ({ data }) => void heard.push(`${name} ${data}`), { durable: 'jobs' }),
    });
    const host = bus.on('job', ({ data }) => void heard.push(`host ${data}`), { durable: 'jobs' });
    const a = await bus.install(named('a'));
    await bus.processEvents();
    host();
    await a.uninstall();
    await bus.emit('job', 1).persisted;
    await bus.install(named('b'));
    await bus.emit('job', 2).persisted;
    await bus.processEvents();
    await bus.install(named('a'));
    bus.on('job', ({ data }) => void heard.push(`host ${data}`), { durable: 'jobs' });
    await bus.processEvents();
    expect(heard.sort()).toEqual(['a 1', 'a 2', 'b 2', 'host 1', 'host 2']);
    expect(bus.stats().durable.map(({ name }) => name)).toEqual(['b jobs', 'a jobs', 'jobs']);
  });

  it('G4 emits nothing protected by requesting it', async () => {
    const { bus, scope } = await guest({ protect: { 'card.*': { write: 'card' } } }, undefined);
    const heard: unknown[] = [];
    bus.on('card.*', ({ type }) => void heard.push(type));
    expect(() => scope.request('card.charged', 1)).toThrow(PermissionError);
    expect(bus.policy.explain('guest', 'request', 'card.charged').allowed).toBe(false);
    expect(heard).toEqual([]);
  });

  it('G4 asks for nothing, from another node, that takes a grant to ask for', async () => {
    const wire = new Wire();
    const bus = createTestEventBus({ transports: [wire.transport()], protect: { 'card.*': { read: 'see' } } });
    const heard: unknown[] = [];
    bus.on('**', ({ type, source }) => void heard.push(`${type} ${source}`));
    wire.inject([
      recordFrom('far', 1, { type: 'card.charged', source: 'ads', request: true }),
      recordFrom('far', 2, { type: 'card.charged', source: 'ads' }),
      recordFrom('far', 3, { type: 'card.charged', source: 'app', request: true }),
    ]);
    expect(heard).toEqual(['card.charged ads', 'card.charged app']);
  });

  it('R1 has no request made, nor its failure hidden, by an option that emit does not have', async () => {
    const { bus, scope } = await guest({}, undefined);
    bus.respond('ask', () => {
      throw new Error('no');
    });
    await scope.emit('ask', 1, { request: true } as object);
    await scope.emit({ type: 'ask', data: 1, request: true } as never);
    await bus.emit('ask', 1, { request: true } as object);
    expect(bus.failures).toHaveLength(3);
  });

  it('G4, S6 has what another node has stored without the grant passed by, where it is read back', async () => {
    const store = memoryStore();
    const bus = createTestEventBus({
      store,
      trust: { banks: ['bank'] },
      grants: { banks: ['card'] },
      protect: { 'card.*': 'card' },
    });
    const heard: string[] = [];
    const dropped: string[] = [];
    bus.inspect((told) => told.kind === 'dropped' && dropped.push(`${told.reason} ${told.event?.source}`));
    bus.on('**', ({ type, source }) => void heard.push(`${type} ${source}`), { durable: 'all' });
    await bus.processEvents();
    const sources = ['ads', 'bank', 'app'];
    await store.append(sources.map((source, at) => recordFrom('far', at + 1, { type: 'card.charged', source })));
    await store.append([recordFrom('far', 4, { type: 'order.placed', source: 'ads' })]);
    await bus.emit('card.mine').persisted;
    // The host may emit in any name.
    await bus.emit({ type: 'card.told', data: 1, source: 'ads' }).persisted;
    await bus.processEvents();
    expect(heard).toEqual([
      'card.charged bank',
      'card.charged app',
      'order.placed ads',
      'card.mine app',
      'card.told ads',
    ]);
    expect(dropped).toEqual(['forbidden ads']);
  });

  it('G4, F3 gets no dead letter of another by calling its handler the same', async () => {
    for (const store of [undefined, memoryStore()]) {
      const { bus, scope } = await guest({ ...(store && { store }), protect: { 'card.*': 'card' } }, undefined);
      const fail = (): never => {
        throw new Error('no');
      };
      const own = bus.on('**', fail, { name: 'audit' });
      await bus.emit('card.charged', 1);
      await bus.idle();
      own();
      const heard: unknown[] = [];
      scope.on('**', ({ type }) => void heard.push(type), { name: 'audit' });
      heard.length = 0;
      for (const { id } of await bus.deadLetters.list()) await bus.deadLetters.retry(id).catch(() => {});
      expect(heard).toEqual([]);
    }
  });

  it('G1, F3 has dead letters of a plugin retried by the plugin that was installed again', async () => {
    const store = memoryStore();
    const bus = createTestEventBus({ store });
    let isBad = true;
    const heard: unknown[] = [];
    const plugin = {
      name: 'work',
      setup(scope: PluginScope) {
        scope.on(
          'job',
          ({ data }) => {
            if (isBad) throw new Error('no');
            heard.push(data);
          },
          { name: 'jobs' },
        );
      },
    };
    const first = await bus.install(plugin);
    await bus.emit('job', 1);
    await bus.idle();
    await first.uninstall();
    await bus.install(plugin);
    isBad = false;
    const [letter] = await bus.deadLetters.list();
    await bus.deadLetters.retry(letter?.id as string);
    expect(heard).toEqual([1]);
  });
});

describe('what policy.explain says of scopes', () => {
  it('G4 is what holds for a scope without permissions, whatever the defaults of plugins are', () => {
    const bus = createTestEventBus({ pluginDefaults: { emit: [] } });
    const scope = bus.scope({ source: 'free' });
    expect(() => scope.emit('a')).not.toThrow();
    expect(bus.policy.explain('free', 'emit', 'a').allowed).toBe(true);
  });

  it('G4 is what holds for the scope of a source that is left, when another of that source has closed', async () => {
    const bus = createTestEventBus();
    bus.scope({ source: 'a', permissions: { emit: 'x' } });
    const second = bus.scope({ source: 'a', permissions: { emit: 'y' } });
    await second.close();
    expect(bus.policy.explain('a', 'emit', 'z').allowed).toBe(false);
  });

  it('G4 is what holds for a plugin that is being set up', async () => {
    const bus = createTestEventBus();
    let said: boolean | undefined;
    await bus.install({
      name: 'a',
      permissions: { emit: 'x' },
      setup() {
        said = bus.policy.explain('a', 'emit', 'y').allowed;
      },
    });
    expect(said).toBe(false);
  });
});
