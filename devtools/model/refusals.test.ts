import { type } from 'arktype';
import { expect, it } from 'vitest';
import {
  type BusOptions,
  createEventBus,
  type EventBus,
  type Plugin,
  type PluginScope,
  type Transport,
  type TransportHost,
} from '../../core/index.js';
import { Recorder } from './recorder.js';
import { OTHERS } from './refusals.js';

/** A bus with a panel, and the scope of a plugin on it that may emit `ads.*` and nothing else. */
async function setUp(options: BusOptions = {}): Promise<{ bus: EventBus; recorder: Recorder; ads: PluginScope }> {
  const bus = createEventBus({ source: 'web', onError: () => {}, ...options });
  const recorder = new Recorder(bus);
  recorder.start();
  let ads: PluginScope | undefined;
  const plugin: Plugin = {
    name: 'ads',
    permissions: { emit: 'ads.*' },
    setup(scope) {
      ads = scope;
    },
  };
  await bus.install(plugin);
  return { bus, recorder, ads: ads as PluginScope };
}

/** A transport that a test speaks through. */
function openLine(): { line: Transport; receive: (record: object) => void } {
  let host: TransportHost | undefined;
  const line: Transport = {
    name: 'open-line',
    caps: { order: true, ack: false, replay: false, carries: 'structured-clone', maxBytes: 1000 },
    open(opened) {
      host = opened;
      opened.state('open');
    },
    publish() {},
    close() {},
  };
  return { line, receive: (record) => host?.receive([record]) };
}

const sent = (eventType: string, seq: number): object => {
  const id = `e${seq}`;
  const envelope = { v: 1, id, type: eventType, timestamp: 1_700_000_000_000, source: 'rogue', correlationId: id };
  return { ...envelope, data: 1, metadata: {}, priority: 0, node: 'far', seq };
};

const attempt = (run: () => unknown): void => {
  try {
    run();
  } catch {}
};

it('what a plugin may not do is kept: who, what, and why in a sentence', async () => {
  const { recorder, ads } = await setUp();
  attempt(() => ads.emit('order.placed', 1));
  attempt(() => ads.on('user.*', () => {}));
  expect(recorder.refusals.all).toMatchObject([
    { source: 'ads', action: 'emit', pattern: 'order.placed', grant: undefined, reason: undefined, count: 1 },
    { source: 'ads', action: 'on', pattern: 'user.*', count: 1 },
  ]);
  expect(recorder.refusals.all[0]?.why).toMatch(/^"ads" may not emit "order.placed": its permissions allow/);
});

it('what takes a grant names it', async () => {
  const { recorder, bus } = await setUp({ protect: { 'sensitive.**': 'sensitive_data:read' } });
  const scope = bus.scope({ source: 'import' });
  attempt(() => scope.on('sensitive.card', () => {}));
  expect(recorder.refusals.all).toMatchObject([{ source: 'import', grant: 'sensitive_data:read' }]);
});

it('the same again is counted in its line, with the time of the last', async () => {
  const { recorder, ads } = await setUp();
  for (let n = 0; n < 1000; n++) attempt(() => ads.emit('order.placed', n));
  const [line, ...others] = recorder.refusals.all;
  expect([line?.count, others.length, recorder.refusals.total]).toEqual([1000, 0, 1000]);
  expect(line?.lastAt).toBeGreaterThan(line?.firstAt ?? Number.POSITIVE_INFINITY);
});

it('one that invents types without end has its own last line, and leaves room for the others', async () => {
  const { recorder, bus, ads } = await setUp();
  for (let n = 0; n < 1000; n++) attempt(() => ads.emit(`order.n${n}`, n));
  const scope = bus.scope({ source: 'import', permissions: {} });
  attempt(() => scope.emit('x'));
  const { all, total } = recorder.refusals;
  expect(all).toHaveLength(50);
  expect(all[48]).toMatchObject({ source: 'ads', pattern: OTHERS, action: undefined, count: 952 });
  expect(all[48]?.lastAt).toBeGreaterThan(0);
  expect(all[49]).toMatchObject({ source: 'import', pattern: 'x', count: 1 });
  expect(total).toBe(1001);
  expect(recorder.refusals.of('ads').reduce((sum, { count }) => sum + count, 0)).toBe(1000);
});

it('sources without end share one line once there are too many', async () => {
  const { recorder, bus } = await setUp();
  for (let n = 0; n < 1000; n++) {
    const scope = bus.scope({ source: `s${n}`, permissions: {} });
    attempt(() => scope.emit('x'));
  }
  const { all } = recorder.refusals;
  expect([all.length, all.at(-1)?.source, all.at(-1)?.count]).toEqual([513, OTHERS, 488]);
});

it('a record whose source may not emit it is refused with the grant that it lacks', async () => {
  const { line, receive } = openLine();
  const { recorder } = await setUp({ transports: [line], protect: { 'price.*': 'price:write' } });
  receive(sent('price.set', 1));
  receive(sent('price.set', 2));
  receive({ nonsense: true });
  expect(recorder.refusals.all).toMatchObject([
    {
      source: 'rogue',
      action: 'emit',
      pattern: 'price.set',
      reason: 'forbidden',
      transport: 'open-line',
      grant: 'price:write',
      count: 2,
    },
  ]);
  expect(recorder.refusals.all[0]?.why).toContain('"rogue" is in no group of trust');
  expect(recorder.refusals.of('rogue')).toEqual([]);
});

it('a record that a schema refuses says what the schema says, and no policy is asked', async () => {
  const { line, receive } = openLine();
  const { recorder } = await setUp({ transports: [line], schemas: { 'price.set': type('string') } });
  receive(sent('price.set', 1));
  expect(recorder.refusals.all).toMatchObject([
    {
      source: 'rogue',
      pattern: 'price.set',
      reason: 'invalid',
      grant: undefined,
      why: expect.stringContaining('string'),
    },
  ]);
});

it('clearing forgets them', async () => {
  const { recorder, ads } = await setUp();
  attempt(() => ads.emit('order.placed', 1));
  recorder.clear();
  expect([recorder.refusals.all, recorder.refusals.total]).toEqual([[], 0]);
  attempt(() => ads.emit('order.placed', 1));
  expect(recorder.refusals.all).toMatchObject([{ index: 0, count: 1 }]);
});
