import { afterEach, describe, expect, it } from 'vitest';
import {
  type BusOptions,
  createEventBus,
  type EventBus,
  type Failure,
  type Inspection,
  NoResponderError,
  RequestTimeoutError,
  ResponderError,
  type Transport,
} from '../../index.js';
import { SimulatedClock } from '../../testing/index.js';
import { broadcastChannel } from '../../transports/broadcast-channel.js';
import { deferred, reactions } from '../deferred.test.kit.js';
import { recordFrom, Wire } from './wire.test.fixture.js';

const open: EventBus[] = [];

afterEach(async () => {
  for (const bus of open.splice(0)) await bus.close({ timeoutMs: 0 });
});

interface Node {
  readonly bus: EventBus;
  readonly clock: SimulatedClock;
  readonly failures: Failure[];
}

/** As many nodes as there are options, which have met. */
async function met(transport: () => Transport, ...options: BusOptions[]): Promise<Node[]> {
  const nodes = options.map((own, index) => {
    const clock = new SimulatedClock();
    const failures: Failure[] = [];
    const bus = createEventBus({
      source: `node ${index}`,
      clock,
      transports: [transport()],
      onError: (failure) => failures.push(failure),
      ...own,
    });
    open.push(bus);
    return { bus, clock, failures };
  });
  for (const { bus } of nodes) bus.inspect(() => {});
  for (const { bus } of nodes) await expect.poll(() => bus.nodes.length, { timeout: 15_000 }).toBe(nodes.length - 1);
  return nodes;
}

const errorOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    (value) => expect.fail(`resolved with ${String(value)}`),
    (error: unknown) => error,
  );

const media: [string, () => () => Transport][] = [
  [
    'a wire in memory',
    () => {
      const wire = new Wire();
      return () => wire.transport();
    },
  ],
  [
    'a BroadcastChannel',
    () => {
      const channel = crypto.randomUUID();
      return () => broadcastChannel({ channel });
    },
  ],
];

describe.each(media)('a request over %s', (_, medium) => {
  it.each<[string, unknown]>([
    ['a value', { name: 'Ada', born: new Date(0), tags: new Set(['a']) }],
    ['nothing', undefined],
    ['null', null],
  ])('R4 resolves with what a responder elsewhere returns: %s', async (_name, value) => {
    const [asker, answerer] = (await met(medium(), {}, {})) as [Node, Node];
    const nodes: string[] = [];
    answerer.bus.respond('user.get', (_event, { node }) => nodes.push(node) && value);
    expect(await asker.bus.request('user.get', { id: 1 })).toEqual(value);
    expect(nodes).toEqual([asker.bus.nodeId]);
    for (const { bus, clock } of [asker, answerer]) {
      await bus.idle();
      expect([clock.pending, bus.stats().inFlight, bus.stats().dropped]).toEqual([0, 0, 0]);
    }
  });

  it('R3 rejects with name and message of an error elsewhere, and no stack of it', async () => {
    const [asker, answerer] = (await met(medium(), {}, {})) as [Node, Node];
    const secret = new TypeError('no such user');
    answerer.bus.respond('user.get', () => Promise.reject(secret));
    const error = (await errorOf(asker.bus.request('user.get'))) as ResponderError;
    expect(error).toBeInstanceOf(ResponderError);
    expect([error.errorName, error.errorMessage, error.cause]).toEqual(['TypeError', 'no such user', undefined]);
    expect([asker.failures, answerer.failures]).toEqual([[], []]);
  });

  it.each<[string, () => unknown]>([
    ['a function', () => () => {}],
    [
      'a value with a getter that throws',
      () => Object.defineProperty({}, 'x', { get: () => expect.fail('no'), enumerable: true }),
    ],
  ])('R3 rejects when the answer cannot be carried: %s', async (_name, answer) => {
    const [asker, answerer] = (await met(medium(), {}, {})) as [Node, Node];
    answerer.bus.respond('user.get', answer);
    const error = (await errorOf(asker.bus.request('user.get'))) as ResponderError;
    expect(error).toMatchObject({ code: 'RESPONDER_FAILED', errorName: 'SerializationError' });
    expect(error.errorMessage).toContain('data');
  });

  it('R1 takes the first answer of several nodes, its own among them', async () => {
    const [asker, ...others] = (await met(medium(), {}, {}, {})) as [Node, Node, Node];
    const gates = others.map(({ bus }, index) => {
      const gate = deferred<string>();
      bus.respond('a', () => gate.promise.then((text) => `${text} ${index}`));
      return gate;
    });
    const answer = asker.bus.request('a');
    gates[1]?.resolve('answer');
    expect(await answer).toBe('answer 1');
    gates[0]?.resolve('answer');
    for (const { bus } of others) await bus.idle();
    asker.bus.respond('a', () => 'own');
    expect(await asker.bus.request('a')).toBe('own');
    expect(asker.clock.pending).toBe(0);
  });

  it('R2 waits for nodes that may come, and times out when nobody responds anywhere', async () => {
    const [asker] = (await met(medium(), {}, {})) as [Node, Node];
    const error = errorOf(asker.bus.request('a', 1, { timeoutMs: 1000 }));
    await asker.clock.advance(1000);
    expect([await error, asker.clock.pending]).toEqual([expect.any(RequestTimeoutError), 0]);
  });

  it('R2 T2 rejects at once when its event does not leave: local, or not shared', async () => {
    const [asker, answerer] = (await met(medium(), { share: (type) => type !== 'private' }, {})) as [Node, Node];
    answerer.bus.respond('private', () => 1);
    answerer.bus.respond('a', () => 1);
    expect(await errorOf(asker.bus.request('private'))).toBeInstanceOf(NoResponderError);
    expect(await errorOf(asker.bus.request('a', 1, { local: true }))).toBeInstanceOf(NoResponderError);
    expect(asker.clock.pending).toBe(0);
  });

  it('R4 asks and is asked by many at a time, and gives each its own answer', async () => {
    const [one, other] = (await met(medium(), {}, {})) as [Node, Node];
    for (const { bus } of [one, other]) {
      bus.respond(`square at ${bus.nodeId}`.replaceAll(' ', '.'), ({ data }) => Number(data) ** 2);
    }
    const ask = (from: Node, to: Node): Promise<unknown[]> =>
      Promise.all(Array.from({ length: 100 }, (_empty, n) => from.bus.request(`square.at.${to.bus.nodeId}`, n)));
    const squares = Array.from({ length: 100 }, (_empty, n) => n ** 2);
    expect(await Promise.all([ask(one, other), ask(other, one)])).toEqual([squares, squares]);
    expect([one.clock.pending, other.clock.pending]).toEqual([0, 0]);
  });

  it('R4 G8 is answered by a node that closes and lets its calls end', async () => {
    const [asker, answerer] = (await met(medium(), {}, {})) as [Node, Node];
    const [gate, begun] = [deferred<string>(), deferred()];
    answerer.bus.respond('a', () => {
      begun.resolve();
      return gate.promise;
    });
    const answer = asker.bus.request('a');
    await begun.promise;
    const closed = answerer.bus.close();
    gate.resolve('at last');
    await closed;
    expect(await answer).toBe('at last');
  });
});

describe('a reply', () => {
  function alone() {
    const wire = new Wire();
    const clock = new SimulatedClock();
    const bus = createEventBus({ clock, transports: [wire.transport()], onError: () => {} });
    open.push(bus);
    const dropped: Inspection[] = [];
    bus.inspect((one) => one.kind === 'dropped' && dropped.push(one));
    return { wire, clock, bus, dropped };
  }
  const reply = (causationId: string | undefined, data: unknown): object =>
    recordFrom('other', 1, { type: '$reply', data, ...(causationId !== undefined && { causationId }) });

  it.each<[unknown]>([
    [undefined],
    [null],
    ['ok'],
    [[]],
    [{}],
    [{ ok: 'yes', value: 1 }],
    [{ ok: false }],
    [{ ok: false, name: 'Error' }],
    [{ ok: false, name: 1, message: {} }],
  ])('T5 that is garbage is dropped, counted and shown, and answers nothing: %j', async (data) => {
    const { wire, bus, dropped, clock } = alone();
    const answer = bus.request('a');
    await reactions();
    const { id } = wire.events[0] as { id: string };
    wire.inject([reply(id, data)]);
    expect([bus.stats().dropped, dropped]).toMatchObject([1, [{ reason: 'malformed', transport: 'wire' }]]);
    wire.inject([reply(id, { ok: true, value: 'right' })]);
    expect([await answer, clock.pending]).toEqual(['right', 0]);
  });

  it('R4 to a request that is unknown, over, or another node’s is ignored', async () => {
    const { wire, bus, dropped } = alone();
    const answer = bus.request('a');
    await reactions();
    const { id } = wire.events[0] as { id: string };
    for (const unknown of ['forged', undefined, `${id}x`, '__proto__']) {
      wire.inject([reply(unknown, { ok: true, value: 'forged' })]);
    }
    wire.inject([reply(id, { ok: true, value: 'right' })]);
    for (const value of ['second', 'third']) wire.inject([reply(id, { ok: true, value })]);
    expect([await answer, dropped, bus.stats().failures]).toEqual(['right', [], 0]);
  });

  it('E6 is seen by no handler', async () => {
    const { wire, bus } = alone();
    const seen: unknown[] = [];
    bus.on('**', (event) => seen.push(event.type));
    wire.inject([reply('x', { ok: true, value: 1 })]);
    expect([seen, bus.stats().received]).toEqual([[], 0]);
  });

  it('R4 is sent to nobody who did not ask', async () => {
    const { wire, bus } = alone();
    bus.respond('a', () => 1);
    bus.emit('a');
    wire.inject([recordFrom('other', 1, { type: 'a' })]);
    wire.inject([recordFrom('other', 2, { type: 'a', request: true })]);
    await bus.idle();
    const replies = wire.messages.flat().filter(({ type }) => type === '$reply');
    expect(replies).toMatchObject([{ causationId: 'other-2', correlationId: 'other-2', data: { ok: true, value: 1 } }]);
  });
});
