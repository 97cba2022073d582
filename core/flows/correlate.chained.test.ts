import { AsyncLocalStorage } from 'node:async_hooks';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createEventBus } from '../index.js';
import { pause, recording } from './correlate/recording.test.kit.js';
import { type Chain, type ChainStorage, chained, correlate } from './correlate.js';

/** The module as it is in a runtime that gives no storage away but this, as a global. */
async function inRuntimeWith(storage: typeof AsyncLocalStorage | undefined) {
  const { getBuiltinModule } = process;
  const without = (id: string) => (id === 'node:async_hooks' ? undefined : getBuiltinModule(id));
  vi.spyOn(process, 'getBuiltinModule').mockImplementation(without as typeof getBuiltinModule);
  vi.stubGlobal('AsyncLocalStorage', storage);
  vi.resetModules();
  return import('./correlate.js');
}

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  vi.resetModules();
});

describe.each<[string, ChainStorage | undefined]>([
  ['with the storage of the runtime', undefined],
  ['with a storage that was handed in', new AsyncLocalStorage()],
])('a chained view %s', (_, storage) => {
  it('W4 joins the chain of the run it is called in, also after awaits', async () => {
    const { bus, told } = recording();
    const app = chained(bus, { storage });
    bus.respond('get', () => 'answer');
    const deep = async (name: string) => {
      await pause();
      app.emit(name);
      await app.request('get');
      return app.correlationId;
    };
    const run = (name: string) =>
      correlate(
        bus,
        async (chain) => {
          chain.emit(`${name}.first`);
          return deep(name);
        },
        { storage, correlationId: name },
      );
    expect(await Promise.all([run('a'), run('b'), deep('none')])).toEqual(['a', 'b', undefined]);
    expect(told()).toEqual([
      'a.first a undefined',
      'b.first b undefined',
      'a a a.first',
      'get a a.first',
      'b b b.first',
      'get b b.first',
      'none none undefined',
      'get get undefined',
    ]);
  });

  it('W4 joins the inner of two runs, and the outer one again afterwards', async () => {
    const { bus, told } = recording();
    const app = chained(bus, { storage });
    const inner = async () => {
      await pause();
      app.emit('b');
    };
    await correlate(
      app,
      async () => {
        app.emit('a');
        await correlate(app, inner, { storage, correlationId: 'inner' });
        app.emit('c');
      },
      { storage, correlationId: 'outer' },
    );
    expect(told()).toEqual(['a outer undefined', 'b inner undefined', 'c outer a']);
  });

  it('W4 joins no chain in a handler, whoever has set the queue going', async () => {
    const bus = createEventBus({ queue: { concurrency: 1 } });
    const app = chained(bus, { storage });
    const ids = new Map<string, string>();
    bus.on('*', (event) => void ids.set(event.type, event.correlationId), { priority: 1 });
    bus.on(['a', 'b'], async (event) => {
      await pause();
      void app.emit(`${event.type}2`);
      correlate(bus, () => void app.emit(`${event.type}3`), { storage, cause: event });
    });
    correlate(bus, () => void app.emit('a'), { storage, correlationId: 'a' });
    correlate(bus, () => void app.emit('b'), { storage, correlationId: 'b' });
    await bus.idle();
    expect([...ids.keys()].sort()).toEqual(['a', 'a2', 'a3', 'b', 'b2', 'b3']);
    expect([ids.get('a3'), ids.get('b3')]).toEqual(['a', 'b']);
    for (const type of ['a2', 'b2']) expect(ids.get(type)).not.toMatch(/^[ab]$/);
  });
});

describe('one run, by its chain and by a view,', () => {
  const both = async (view: typeof chained, run: typeof correlate, storage?: null) => {
    const { bus, told } = recording();
    const app = view(bus, { storage });
    const emitBoth = async (chain: Chain) => {
      chain.emit('explicit');
      app.emit('implicit');
      await pause();
      app.emit('implicit.later');
      chain.emit('explicit.later');
    };
    await run(bus, emitBoth, { storage, correlationId: 'x' });
    return told();
  };
  const joined = [
    'explicit x undefined',
    'implicit x explicit',
    'implicit.later x explicit',
    'explicit.later x explicit',
  ];
  const apart = [
    'explicit x undefined',
    'implicit implicit undefined',
    'implicit.later implicit.later undefined',
    'explicit.later x explicit',
  ];

  it('W4 is one chain with a storage, and without one the view emits as its bus does', async () => {
    expect(await both(chained, correlate)).toEqual(joined);
    expect(await both(chained, correlate, null)).toEqual(apart);
  });

  it('W4 is so in a runtime that has none, and in one that has it as a global', async () => {
    const none = await inRuntimeWith(undefined);
    expect(await both(none.chained, none.correlate)).toEqual(apart);
    const some = await inRuntimeWith(AsyncLocalStorage);
    expect(await both(some.chained, some.correlate)).toEqual(joined);
  });

  it('W4 is of one chain on two buses', () => {
    const { bus, told } = recording();
    const app = chained(bus);
    const { event } = correlate(createEventBus(), (chain) => {
      const emission = chain.emit('a');
      app.emit('b');
      return emission;
    });
    expect(told()).toEqual([`b ${event.correlationId} ${event.id}`]);
  });
});
