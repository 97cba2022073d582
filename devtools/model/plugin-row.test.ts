import { expect, it, vi } from 'vitest';
import { createEventBus, type EventBus, type Plugin } from '../../core/index.js';
import { readPlugins } from './plugin-row.js';
import { Recorder } from './recorder.js';

function record(bus: EventBus, capacity?: number): Recorder {
  const recorder = new Recorder(bus, capacity);
  recorder.start();
  return recorder;
}

const quietBus = (): EventBus => createEventBus({ source: 'web', onError: () => {} });

const cart: Plugin = {
  name: 'cart',
  version: '1.2.0',
  permissions: { emit: 'cart.*', on: 'cart.*' },
  setup(scope) {
    scope.on('cart.add', () => void scope.emit('cart.added', 1), { name: 'add' });
    scope.on('cart.*', () => {}, { name: 'log' });
  },
};

const row = (recorder: Recorder, name: string) => readPlugins(recorder).find((one) => one.name === name);

const lines = (recorder: Recorder): string[] => readPlugins(recorder).map(({ name, state }) => `${name} ${state}`);

it('a plugin shows with what it does: handlers, events, calls, failures and refusals', async () => {
  const bus = quietBus();
  const recorder = record(bus);
  await bus.install({
    ...cart,
    setup(scope) {
      scope.on('cart.add', () => void scope.emit('cart.added', 1), { name: 'add' });
      scope.on('cart.added', () => Promise.reject(new Error('no')), { name: 'fail' });
      try {
        scope.on('secret', () => {});
      } catch {}
    },
  });
  await bus.emit('cart.add', 1);
  await bus.emit('cart.add', 2);
  await bus.idle();
  expect(row(recorder, 'cart')).toMatchObject({
    info: { version: '1.2.0', permissions: { emit: 'cart.*' } },
    state: 'active',
    handlers: 2,
    emitted: 2,
    calls: 4,
    failures: 2,
    refused: 1,
  });
});

it('one that was installed before the panel looked is there, with all of its handlers', async () => {
  const bus = quietBus();
  const installed = await bus.install(cart);
  const recorder = record(bus);
  expect(row(recorder, 'cart')).toMatchObject({ state: 'active', handlers: 2, calls: 0 });
  await bus.emit('cart.add', 1);
  await bus.idle();
  expect(row(recorder, 'cart')).toMatchObject({ handlers: 2, calls: 3 });
  await installed.uninstall();
  expect(row(recorder, 'cart')).toMatchObject({ state: 'uninstalled', handlers: 0 });
});

it('one that is replaced is known from its beginning, and the one before it does not show as gone', async () => {
  const bus = quietBus();
  await bus.install(cart);
  const recorder = record(bus);
  await bus.replace({ ...cart, version: '2.0.0' });
  expect(lines(recorder)).toEqual(['cart active']);
  expect(row(recorder, 'cart')).toMatchObject({ info: { version: '2.0.0' }, handlers: 2 });
});

it('one whose replacement failed is active, and says why', async () => {
  const bus = quietBus();
  const recorder = record(bus);
  await bus.install(cart);
  const broken = { ...cart, setup: () => Promise.reject(new Error('no network')) };
  await expect(bus.replace(broken)).rejects.toThrow('no network');
  expect(row(recorder, 'cart')).toMatchObject({ state: 'active', handlers: 2, error: { code: 'PLUGIN' } });
  await bus.replace({ ...cart, version: '2.0.0' });
  expect(row(recorder, 'cart')?.error).toBeUndefined();
});

it('one that could not be installed shows with its error, at once and until it can', async () => {
  const bus = quietBus();
  const recorder = record(bus);
  const setup = () => {
    throw new TypeError('no map');
  };
  const installing = bus.install({ name: 'map', setup }).catch(() => {});
  expect(lines(recorder)).toEqual(['map failed']);
  await installing;
  expect(row(recorder, 'map')).toMatchObject({ state: 'failed', error: { cause: { message: 'no map' } } });
  await bus.install({ name: 'map', setup: () => {} });
  expect(lines(recorder)).toEqual(['map active']);
});

it('one that is being set up, or taken down, says so', async () => {
  const bus = quietBus();
  const recorder = record(bus);
  const going: (() => void)[] = [];
  const waits = () => new Promise<void>((resolve) => going.push(resolve));
  const installing = bus.install({ name: 'slow', setup: () => waits().then(() => waits) });
  expect(lines(recorder)).toEqual(['slow installing']);
  going[0]?.();
  const ended = (await installing).uninstall();
  expect(lines(recorder)).toEqual(['slow uninstalling']);
  await vi.waitFor(() => expect(going).toHaveLength(2));
  going[1]?.();
  await ended;
  expect(lines(recorder)).toEqual(['slow uninstalled']);
});

it('the last that went are kept, behind those that are there, and no more than 64', async () => {
  const bus = quietBus();
  const recorder = record(bus);
  for (let n = 0; n < 70; n++) await (await bus.install({ name: `p${n}`, setup: () => {} })).uninstall();
  await bus.install({ name: 'here', setup: () => {} });
  const shown = lines(recorder);
  expect([shown.length, shown[0], shown[1], shown.at(-1)]).toEqual([
    65,
    'here active',
    'p6 uninstalled',
    'p69 uninstalled',
  ]);
});

it('counts the events of a plugin that the list keeps, and only those of this node', async () => {
  const bus = quietBus();
  const recorder = record(bus, 8);
  await bus.install(cart);
  bus.emit({ type: 'cart.added', data: 1, source: 'cart' });
  for (let n = 0; n < 5; n++) bus.emit('cart.add', n);
  await bus.idle();
  expect(row(recorder, 'cart')?.emitted).toBe(4);
});
