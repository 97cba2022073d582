import { afterEach, expect, it, vi } from 'vitest';
import { type Codec, createEventBus, type EventBus } from '../../core/index.js';
import { broadcastChannel } from '../../core/transports/broadcast-channel.js';
import { PROTOCOL_VERSION } from '../protocol.js';
import { readRow, readRuns, remoteRuns } from './event-row.js';
import { Recorder } from './recorder.js';
import { shareBus } from './share.js';
import { statusName } from './status.js';
import { buildTrace } from './trace/build-trace.js';
import { watchOthers } from './watch.js';

const endings: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
  vi.useRealTimers();
});

let count = 0;
/** Two nodes of one application, as two tabs would be, and a name that no other test uses. */
function twoNodes(): { here: EventBus; there: EventBus; name: string } {
  const name = `share-test-${++count}`;
  const node = (source: string): EventBus => {
    const bus = createEventBus({
      name,
      source,
      transports: [broadcastChannel({ channel: `${name}-events` })],
      onError: () => {},
    });
    endings.push(() => bus.close());
    return bus;
  };
  return { here: node('shop'), there: node('worker'), name };
}

function record(bus: EventBus): Recorder {
  const recorder = new Recorder(bus);
  recorder.start();
  endings.push(() => recorder.stop());
  return recorder;
}

/** How many observers a bus has, from now on. */
function inspections(bus: EventBus): () => number {
  const inspect = bus.inspect.bind(bus);
  let observers = 0;
  vi.spyOn(bus, 'inspect').mockImplementation((observer) => {
    const stop = inspect(observer);
    observers++;
    return () => {
      observers--;
      stop();
    };
  });
  return () => observers;
}

it('a panel sees what handlers on another node did with an event from here', async () => {
  const { here, there, name } = twoNodes();
  there.on('cart.*', () => Promise.reject(new TypeError('no price')), { name: 'price', priority: 7 });
  here.on('cart.*', () => {}, { name: 'count' });
  endings.push(shareBus(there, name));
  const recorder = record(here);
  endings.push(watchOthers(recorder, name));
  await vi.waitFor(() => expect(recorder.nodes.all.map(({ realm }) => realm)).toContain('process'));

  const { event: emitted } = here.emit('cart.added', { sku: 'a' });
  await vi.waitFor(() => expect(recorder.remote.size).toBeGreaterThan(0));
  recorder.chains.update();
  const sequence = recorder.chains.find(emitted.id) ?? -1;
  expect(readRow(recorder, sequence)).toMatchObject({ handlers: 1, remoteHandlers: 1, status: 'ok' });
  expect(readRuns(recorder, sequence)).toMatchObject([
    { handler: { name: 'count' }, node: { source: 'shop', index: 0 }, outcome: 'ok' },
    {
      handler: { name: 'price', priority: 7 },
      node: { source: 'worker' },
      outcome: 'failed',
      error: 'TypeError: no price',
    },
  ]);
  expect(recorder.handlers.all.find(({ name: each }) => each === 'price')).toMatchObject({ calls: 1, failures: 1 });
});

it('a panel sees the attempts of a handler on another node, and that it left a dead letter', async () => {
  const { here, there, name } = twoNodes();
  let calls = 0;
  const pay = (): void => {
    if (++calls !== 2) throw new Error(`no answer ${calls}`);
  };
  there.on('payment.*', pay, { name: 'pay', retry: { attempts: 2, delayMs: 1, jitter: 0 } });
  endings.push(shareBus(there, name));
  const recorder = record(here);
  endings.push(watchOthers(recorder, name));
  await vi.waitFor(() => expect(recorder.nodes.all).toHaveLength(2));
  const runsOf = ({ id }: { readonly id: string }) =>
    remoteRuns(recorder, id).map(({ attempt, outcome, error, retryInMs, letter }) => ({
      attempt,
      outcome,
      error,
      retryInMs,
      isDead: letter?.isOpen === true,
    }));

  const { event: saved } = here.emit('payment.asked', 1);
  await vi.waitFor(() => expect(runsOf(saved)).toHaveLength(2));
  const { event: lost } = here.emit('payment.asked', 2);
  await vi.waitFor(() => expect(runsOf(lost).at(-1)?.isDead).toBe(true));
  expect(runsOf(saved)).toEqual([
    { attempt: 1, outcome: 'failed', error: 'Error: no answer 1', retryInMs: 1, isDead: false },
    { attempt: 2, outcome: 'ok', error: undefined, retryInMs: undefined, isDead: false },
  ]);
  expect(runsOf(lost)).toEqual([
    { attempt: 1, outcome: 'failed', error: 'Error: no answer 3', retryInMs: 1, isDead: false },
    { attempt: 2, outcome: 'failed', error: 'Error: no answer 4', retryInMs: undefined, isDead: true },
  ]);
  expect(recorder.handlers.all).toMatchObject([{ name: 'pay', calls: 4, failures: 3, retries: 2 }]);
});

it('a panel sees what another node vetoed or had no room for', async () => {
  const { here, there, name } = twoNodes();
  there.use((event, next) => void (event.type === 'order.bad' || next()), { name: 'guard' });
  const finish: (() => void)[] = [];
  there.on('slow', () => new Promise<void>((resolve) => finish.push(resolve)), {
    concurrency: 1,
    maxQueue: 0,
    overflow: 'dropNewest',
  });
  endings.push(shareBus(there, name));
  const recorder = record(here);
  endings.push(watchOthers(recorder, name));
  await vi.waitFor(() => expect(recorder.nodes.all).toHaveLength(2));
  const vetoed = there.emit('order.bad', 1, { local: true }).event;
  there.emit('slow', 1, { local: true });
  const dropped = there.emit('slow', 2, { local: true }).event;
  const told = ({ id }: { readonly id: string }) =>
    recorder.remote.of(id).outcomes.map(({ status, origin }) => `${origin?.type} ${statusName(status)}`);
  await vi.waitFor(() => expect([told(vetoed), told(dropped)]).toEqual([['order.bad vetoed'], ['slow dropped']]));
  finish[0]?.();
});

it('a chain across nodes is one trace, with events that never left their node', async () => {
  const { here, there, name } = twoNodes();
  there.on(
    'order.placed',
    (_event, delivery) => {
      delivery.emit('stock.checked', 1, { local: true });
      delivery.emit('order.accepted', 2);
    },
    { name: 'stock' },
  );
  here.on('order.accepted', () => {}, { name: 'thank' });
  endings.push(shareBus(there, name));
  const recorder = record(here);
  endings.push(watchOthers(recorder, name));
  await vi.waitFor(() => expect(recorder.nodes.all).toHaveLength(2));

  const { id } = here.emit('order.placed', 1).event;
  await vi.waitFor(() => {
    recorder.chains.update();
    expect(buildTrace(recorder, id).events).toHaveLength(3);
  });
  const trace = buildTrace(recorder, id);
  expect(
    trace.events.map(({ type, node, depth, runs }) => [
      depth,
      type,
      node.source,
      ...runs.map(({ handler }) => handler.name),
    ]),
  ).toEqual([
    [0, 'order.placed', 'shop', 'stock'],
    [1, 'stock.checked', 'worker'],
    [1, 'order.accepted', 'worker', 'thank'],
  ]);
  expect(trace.events[1]?.sequence).toBeUndefined();
  expect(trace.nodes.map(({ source }) => source)).toEqual(['shop', 'worker']);
  const times = trace.events.map(({ at }) => at);
  expect(times).toEqual(times.toSorted((a, b) => a - b));
});

it('what errors say of an event that a codec covers is not told', async () => {
  const { here, name } = twoNodes();
  const codec: Codec = { name: 'none', covers: (type) => type === 'card.paid', encode: (r) => r, decode: (r) => r };
  const there = createEventBus({ name, source: 'worker', codecs: [codec], onError: () => {} });
  endings.push(() => there.close());
  const fail = ({ data }: { readonly data: unknown }): Promise<never> => Promise.reject(new TypeError(`no ${data}`));
  there.on(['card.paid', 'card.shown'], fail, { name: 'pay' });
  endings.push(shareBus(there, name));
  const told: unknown[] = [];
  const wiretap = new BroadcastChannel(name);
  wiretap.onmessage = ({ data }) => told.push(data);
  endings.push(() => wiretap.close());
  const recorder = record(here);
  endings.push(watchOthers(recorder, name));
  await vi.waitFor(() => expect(recorder.nodes.all).toHaveLength(2));
  const { event: covered } = there.emit('card.paid', 'secret');
  const { event: open } = there.emit('card.shown', 'picture');
  const errors = ({ id }: { readonly id: string }) => recorder.remote.of(id).runs.map(({ error }) => error);
  await vi.waitFor(() => expect(errors(open)).toEqual(['TypeError: no picture']));
  expect(errors(covered)).toEqual(['an error with an event that a codec covers']);
  expect(JSON.stringify(told)).toContain('picture');
  expect(JSON.stringify(told)).not.toContain('secret');
});

it('a node is not inspected while nobody watches', async () => {
  const { here, there, name } = twoNodes();
  const inspected = inspections(there);
  endings.push(shareBus(there, name));
  expect(inspected()).toBe(0);
  const stop = watchOthers(record(here), name);
  await vi.waitFor(() => expect(inspected()).toBe(1));
  stop();
  await vi.waitFor(() => expect(inspected()).toBe(0));
});

it('a node that comes after the panel is watched too', async () => {
  const { here, there, name } = twoNodes();
  const recorder = record(here);
  endings.push(watchOthers(recorder, name));
  const inspected = inspections(there);
  endings.push(shareBus(there, name));
  await vi.waitFor(() => expect(inspected()).toBe(1));
});

it('a panel that went without a word is forgotten', async () => {
  const { there, name } = twoNodes();
  const inspected = inspections(there);
  endings.push(shareBus(there, name));
  const crashed = new BroadcastChannel(name);
  crashed.postMessage({ v: PROTOCOL_VERSION, kind: 'watch', node: 'crashed' });
  await vi.waitFor(() => expect(inspected()).toBe(1));
  crashed.close();
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 10 * 60_000 });
  there.emit('tick', 1);
  await vi.waitFor(() => expect(inspected()).toBe(0));
});

it('a bus that is shared twice tells everything once, until both have ended', async () => {
  const { here, there, name } = twoNodes();
  there.on('tick', () => {}, { name: 'tick' });
  const first = shareBus(there, name);
  endings.push(shareBus(there, name));
  const recorder = record(here);
  endings.push(watchOthers(recorder, name));
  await vi.waitFor(() => expect(recorder.nodes.all).toHaveLength(2));
  first();
  first();
  here.emit('tick', 1);
  await vi.waitFor(() => expect(recorder.remote.size).toBeGreaterThan(0));
  expect(readRuns(recorder, recorder.events.head - 1)).toHaveLength(1);
});

it('garbage on the channel changes nothing', async () => {
  const { here, name } = twoNodes();
  const recorder = record(here);
  endings.push(watchOthers(recorder, name));
  const stranger = new BroadcastChannel(name);
  endings.push(() => stranger.close());
  for (const garbage of [null, 1, 'watch', {}, { v: PROTOCOL_VERSION, kind: 'batch', node: 'x' }, new Map()])
    stranger.postMessage(garbage);
  stranger.postMessage({
    v: PROTOCOL_VERSION,
    kind: 'batch',
    node: 'n3',
    source: 's',
    realm: 'tab',
    handlers: [],
    runs: [],
    retries: [],
    letters: [],
    outcomes: [],
    lost: 2,
  });
  await vi.waitFor(() => expect(recorder.traffic.untold).toBe(2));
  expect(recorder.handlers.all).toEqual([]);
  expect(recorder.remote.size).toBe(0);
});

it('more runs than fit in a message are counted, not queued', async () => {
  const { here, there, name } = twoNodes();
  there.on('tick', () => {});
  endings.push(shareBus(there, name));
  const recorder = record(here);
  endings.push(watchOthers(recorder, name));
  await vi.waitFor(() => expect(recorder.nodes.all).toHaveLength(2));
  for (let i = 0; i < 5000; i++) there.emit('tick', i, { local: true });
  await vi.waitFor(() => expect(recorder.traffic.untold).toBe(6000));
  expect(recorder.handlers.all[0]?.calls).toBe(2000);
});
