import { afterEach, describe, expect, it } from 'vitest';
import { recordFrom } from '../bus/border/wire.test.fixture.js';
import {
  createEventBus,
  type EventRecord,
  type Inspection,
  PermissionError,
  type Transport,
  type TransportHost,
} from '../index.js';
import { SimulatedClock } from '../testing/index.js';
import { transportConformance } from '../testing/transport-conformance.js';
import { messagePort } from './message-port.js';
import { type RestrictedOptions, restricted } from './restricted.js';

const cleanUps: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp();
});

const mayAll = { emit: '**', on: '**', request: '**', respond: '**' };
const ads: RestrictedOptions = {
  source: 'ads',
  permissions: { emit: 'ad.*', on: 'page.*', request: 'price.of', respond: 'ad.size' },
};

/** A host with a restricted link whose other side is the test, which can say anything, and hears what is sent. */
function guarded(options: RestrictedOptions = ads) {
  let link: TransportHost | undefined;
  let isBroken = false;
  const sent: EventRecord[] = [];
  const raw: Transport = {
    name: 'raw',
    caps: { order: true, ack: false, replay: false, carries: 'structured-clone', maxBytes: 100_000 },
    open: (host) => {
      link = host;
      host.state('open');
    },
    publish: (records) => {
      if (isBroken) throw new Error('broken');
      sent.push(...structuredClone(records));
    },
    close: () => {},
  };
  const clock = new SimulatedClock();
  const errors: unknown[] = [];
  const transports = [restricted(raw, options)];
  const bus = createEventBus({ source: 'host', clock, transports, onError: ({ error }) => errors.push(error) });
  const told: Inspection[] = [];
  bus.inspect((one) => told.push(one));
  const handled: unknown[] = [];
  bus.on('**', ({ type, data }, { node }) => node !== bus.nodeId && handled.push([type, data]));
  cleanUps.push(() => bus.close());
  const say = (...records: unknown[]): void => link?.receive(structuredClone(records));
  const gaps = (): readonly Inspection[] => told.filter(({ kind }) => kind === 'gap');
  return {
    ...{ bus, clock, errors, handled, say, gaps, sent },
    sentTypes: () => sent.map(({ type }) => type),
    receive: (payload: unknown) => link?.receive(payload),
    turn: (state: 'open' | 'closed') => link?.state(state),
    fail: (broken: boolean) => {
      isBroken = broken;
    },
  };
}

/** A record of the node that is not trusted. */
const from = (seq: number, fields: Readonly<Record<string, unknown>> = {}): EventRecord =>
  recordFrom('frame', seq, { source: 'ads', type: 'ad.shown', ...fields });

describe('a transport to a node that may do everything', () => {
  const ports = (): MessagePort[] => {
    const { port1, port2 } = new MessageChannel();
    cleanUps.push(() => port1.close());
    return [port1, port2];
  };
  const open = { source: ['other', 'one', 'app'], permissions: mayAll };
  /** Of these the names of nodes and sources, or several nodes on one link, are the point. */
  const isAboutNames = (name: string): boolean =>
    name === 'T7 lets two buses meet, and part' || name.startsWith('T1 brings records to the other side, in lists');
  const near = transportConformance(() => {
    const [port1, port2] = ports() as [MessagePort, MessagePort];
    return [restricted(messagePort({ port: port1 }), open), messagePort({ port: port2 })];
  });
  const far = transportConformance(() => {
    const [port1, port2] = ports() as [MessagePort, MessagePort];
    return [messagePort({ port: port1 }), restricted(messagePort({ port: port2 }), open)];
  });
  for (const { name, run } of near) if (!name.startsWith('T7')) it(`${name}, from the guarded side`, run);
  for (const { name, run } of far) if (!isAboutNames(name)) it(`${name}, to the guarded side`, run);

  it('T10 lets two buses meet, part, talk and ask each other', async () => {
    const [port1, port2] = ports() as [MessagePort, MessagePort];
    const host = createEventBus({
      source: 'host',
      transports: [restricted(messagePort({ port: port1 }), { source: 'ads', permissions: mayAll })],
    });
    const frame = createEventBus({ source: 'ads', transports: [messagePort({ port: port2 })] });
    cleanUps.push(() => host.close());
    host.respond('price.of', ({ data }) => Number(data) * 2);
    frame.respond('ad.size', () => 'large');
    await expect.poll(() => [host.nodes.length, frame.nodes.length]).toEqual([1, 1]);
    expect(host.nodes).toMatchObject([{ id: `${frame.nodeId}@ads`, source: 'ads' }]);
    expect(frame.nodes).toMatchObject([{ id: host.nodeId, source: 'host' }]);
    expect(await frame.request('price.of', 21)).toBe(42);
    expect(await host.request('ad.size')).toBe('large');
    await frame.close();
    await expect.poll(() => host.nodes).toEqual([]);
  });
});

describe('what a node behind a restricted transport sends', () => {
  it('T10 comes through where its permissions allow it, with all that it has but a place in a store', () => {
    const { say, handled, bus, errors } = guarded();
    const seen: EventRecord[] = [];
    bus.on('ad.*', (event) => seen.push(event.toRecord()));
    const whole = {
      causationId: 'c',
      correlationId: 'd',
      metadata: { a: { b: 1 } },
      priority: 2,
      ttlMs: 1e15,
      ofError: true,
    };
    const record = from(1, { ...whole, store: 'log', offset: 3, more: 1 });
    say(record);
    expect(handled).toEqual([['ad.shown', 1]]);
    const { node, seq, store, offset, more, ...expected } = record as EventRecord & { more: unknown };
    expect([node, seq, store, offset, more]).toEqual(['frame', 1, 'log', 3, 1]);
    expect(seen).toEqual([expected]);
    expect(errors).toEqual([]);
  });

  it.each<[what: string, record: EventRecord]>([
    ['an event of a type it may not emit', from(1, { type: 'order.paid' })],
    ['an event that it may only request', from(1, { type: 'price.of' })],
    ['a request of a type it may only emit', from(1, { request: true })],
    ['a request of a type it may only answer', from(1, { type: 'ad.size', request: true })],
    ['an event it may only hear', from(1, { type: 'page.shown' })],
    ['an event in the name of the host', from(1, { source: 'host' })],
    ['an event in the name of another plugin', from(1, { source: 'payment' })],
    ['an event as another node', from(1, { node: 'another-tab' })],
    ['a hello as another node', from(1, { node: 'another-tab', type: '$hello' })],
    ['a bye for another node', from(1, { node: 'another-tab', type: '$bye' })],
    ['a hello in the name of another', from(1, { source: 'payment', type: '$hello' })],
    ['a bye in the name of another', from(1, { source: 'payment', type: '$bye' })],
    ['an answer that nobody asked it for', from(1, { type: '$reply', causationId: 'x', data: { ok: true } })],
    ['talk of buses that there is not', from(1, { type: '$gossip' })],
    ['as a node with a name like those made here', from(1, { node: 'x@payment' })],
  ])('T10 is refused, counted and reported when it is %s', (_, record) => {
    const { say, bus, handled, errors, gaps } = guarded();
    say(from(0, { type: '$hello' }));
    const before = bus.nodes;
    // What another node sent, or no event, has no number among those of this one.
    const next = record.node === 'frame' && !record.type.startsWith('$') ? 2 : 1;
    say(record, from(next));
    expect(handled).toEqual([['ad.shown', next]]);
    expect(bus.nodes).toEqual(before);
    expect(bus.stats()).toMatchObject({ received: 1, dropped: 1 });
    expect(errors).toEqual([expect.any(PermissionError)]);
    expect(errors[0]).toMatchObject({ code: 'PERMISSION_DENIED', source: 'ads' });
    expect(gaps()).toEqual([]);
  });

  it('T10 cannot speak as the host, either', () => {
    const { say, bus, errors, handled } = guarded();
    say(from(1, { node: bus.nodeId }));
    say(from(1, { node: bus.nodeId, type: '$bye' }));
    expect([handled, bus.nodes, errors.length]).toEqual([[], [], 1]);
  });

  it('T10 leaves the node alone whose id it bears, whatever number it says', async () => {
    const { say, bus } = guarded();
    const { bus: honest, handled, receive } = guarded({ source: 'ads', permissions: mayAll });
    say(from(Number.MAX_SAFE_INTEGER, { node: honest.nodeId }));
    expect(bus.nodes.map(({ id }) => id)).toEqual([`${honest.nodeId}@ads`]);
    receive([from(1)]);
    expect(handled).toEqual([['ad.shown', 1]]);
  });

  it('T10 makes no gap where it is refused, however often and in whatever order', () => {
    const { say, handled, gaps, bus } = guarded();
    say(from(0, { type: '$hello' }));
    for (let seq = 1; seq <= 2500; seq++) say(from(seq, seq % 3 === 0 ? {} : { type: 'order.paid' }));
    expect(handled).toHaveLength(833);
    say(from(2499), from(2250), from(3));
    expect(handled).toHaveLength(833);
    say(from(2500, { type: '$bye' }));
    expect([gaps(), bus.nodes]).toEqual([[], []]);
  });

  it('T10 tells of what was lost on the way as ever, and takes it late, once', () => {
    const { say, handled, gaps } = guarded();
    say(from(0, { type: '$hello' }));
    say(from(1), from(2, { type: 'order.paid' }), from(5), from(4), from(4));
    expect(handled).toEqual([1, 5, 4].map((data) => ['ad.shown', data]));
    expect(gaps()).toMatchObject([{ node: 'frame@ads', from: 2, to: 3, filled: 0 }]);
  });

  it('T10 is reported once in a second, however much of it there is', async () => {
    const { say, errors, clock, bus } = guarded();
    for (let seq = 0; seq < 1000; seq++) say(from(2 * seq, { type: 'order.paid' }), from(2 * seq + 1));
    expect([errors.length, bus.stats().dropped]).toEqual([1, 1000]);
    await clock.advance(999);
    say(from(3000, { type: 'order.paid' }));
    expect(errors).toHaveLength(1);
    await clock.advance(1);
    say(from(3001, { type: 'order.paid' }));
    expect(errors.map(String)).toEqual(
      Array.from({ length: 2 }, () =>
        expect.stringContaining('"ads" may not emit "order.paid": no pattern of its "emit" matches it. Allow it'),
      ),
    );
  });

  it('T10 may be a request, whose answer it gets, and it gets no other', async () => {
    const { say, bus, sent } = guarded();
    bus.respond('price.of', ({ data }) => data);
    say(from(1, { type: 'price.of', request: true, id: 'its own', data: 5 }));
    await bus.idle();
    const replies = sent.filter(({ type }) => type === '$reply');
    expect(replies).toMatchObject([{ causationId: 'its own', data: { ok: true, value: 5 } }]);
    expect(replies).toHaveLength(1);
  });

  it('T10 may be an answer, once, to what it may answer and was asked', async () => {
    const { say, bus, sent, errors } = guarded();
    const answer = bus.request('ad.size');
    await Promise.resolve();
    await expect.poll(() => sent.find(({ type }) => type === 'ad.size')).toMatchObject({ request: true });
    const causationId = sent.find(({ type }) => type === 'ad.size')?.id;
    const reply = from(0, { type: '$reply', causationId, data: { ok: true, value: 'large' } });
    say({ ...reply, source: 'payment' });
    say(reply);
    expect(await answer).toBe('large');
    say(reply);
    expect(errors).toHaveLength(1);
    expect(bus.stats().dropped).toBe(2);
  });

  it('T10 is no record the bus would take when it is garbage, a proxy or a list without an end', () => {
    const { receive, bus, handled } = guarded();
    const { proxy, revoke } = Proxy.revocable([], {});
    revoke();
    const throwing = new Proxy({}, { get: () => expect.fail('no') });
    for (const payload of [undefined, 'x', proxy, new Array(2 ** 32 - 1), [null, 1, throwing, {}, [from(1)]]]) {
      receive(payload);
    }
    receive([from(1, { seq: -1 }), from(1, { seq: '1' }), from(1, { id: 5 }), from(1)]);
    expect(handled).toEqual([['ad.shown', 1]]);
    expect(bus.stats()).toMatchObject({ received: 1, dropped: 4 + 5 + 3 });
  });

  it('T10 is what it was when it was looked at, though it would say something else later', () => {
    const { receive, handled, bus } = guarded();
    let reads = 0;
    const lying = Object.defineProperty(from(1), 'type', { get: () => (reads++ === 0 ? 'ad.shown' : 'order.paid') });
    receive([lying]);
    expect([handled, bus.stats().received]).toEqual([[['ad.shown', 1]], 1]);
  });

  it('T10 comes from another node when the link was closed, as by the next page in its frame', () => {
    const { say, bus, turn, handled } = guarded();
    say(from(7));
    say(from(1, { node: 'next' }));
    turn('closed');
    turn('open');
    say(from(1, { node: 'next' }), from(8));
    expect(handled).toEqual([7, 1].map((data) => ['ad.shown', data]));
    expect(bus.nodes.map(({ id }) => id)).toEqual(['frame@ads', 'next@ads']);
  });

  it('T10 may come from the plugins of a bus there, each by its name', () => {
    const { say, handled } = guarded({ source: ['ads', 'ads.banner'], permissions: mayAll });
    say(from(1), from(2, { source: 'ads.banner' }), from(3, { source: 'ads.other' }));
    expect(handled).toHaveLength(2);
  });
});

describe('what a node behind a restricted transport is sent', () => {
  it('T10 is what it may hear, as if there was nothing else', async () => {
    const { bus, sent, sentTypes, say } = guarded();
    for (const type of ['page.shown', 'card.entered', 'page.hidden', 'card.sent']) bus.emit(type, type);
    await bus.idle();
    say(from(0, { type: '$hello' }));
    expect(sentTypes()).toEqual(['$hello', 'page.shown', 'page.hidden', '$welcome']);
    expect(sent.map(({ seq }) => seq)).toEqual([0, 1, 2, 2]);
    const { node, source } = sent[1] as EventRecord;
    expect([node, source]).toEqual([bus.nodeId, 'host']);
    await bus.close();
    expect([sentTypes().at(-1), sent.at(-1)?.seq]).toEqual(['$bye', 2]);
  });

  it('T10 is no question where it may hear but not answer, and no event where it may answer but not hear', async () => {
    const { bus, sent } = guarded();
    for (const type of ['page.shown', 'ad.size', 'card.entered']) {
      bus.request(type, undefined, { timeoutMs: 5 }).catch(() => {});
      bus.emit(type);
    }
    await expect.poll(() => sent.length).toBeGreaterThan(3);
    expect(sent.slice(1).map(({ type, request }) => [type, request])).toEqual([
      ['page.shown', undefined],
      ['page.shown', undefined],
      ['ad.size', true],
    ]);
  });

  it('T10 fails where the transport fails, and names the one that cannot be carried', async () => {
    const { bus, errors, sentTypes, fail } = guarded();
    fail(true);
    await bus.emit('page.shown');
    await bus.idle();
    fail(false);
    for (const data of [1, () => {}, 2]) {
      bus.emit('card.entered');
      bus.emit('page.shown', data);
    }
    await bus.idle();
    expect(errors.map((error) => (error as Error).name)).toEqual(['TransportError', 'TransportError']);
    expect(sentTypes()).toEqual(['$hello']);
  });
});

describe('restricted', () => {
  it('T10 has no permission that it was not given', () => {
    const { say, handled } = guarded({ source: 'ads', permissions: {} });
    say(from(0, { type: '$hello' }), from(1), from(2, { type: 'price.of', request: true }));
    expect(handled).toEqual([]);
  });

  it.each<[string, unknown]>([
    ['source', { source: '', permissions: {} }],
    ['source', { source: [], permissions: {} }],
    ['source', { permissions: {} }],
    ['source', { source: 'x'.repeat(129), permissions: {} }],
    ['permissions', { source: 'ads' }],
    ['permissions', { source: 'ads', permissions: null }],
  ])('T10 refuses a bad %s in %o', (option, options) => {
    const made = (): Transport =>
      restricted(messagePort({ port: new MessageChannel().port1 }), options as RestrictedOptions);
    expect(made).toThrow(expect.objectContaining({ code: 'INVALID_OPTION', option }));
  });

  it('T10 refuses a pattern that is none', () => {
    const { port1 } = new MessageChannel();
    const made = (): Transport =>
      restricted(messagePort({ port: port1 }), { source: 'a', permissions: { emit: 'a..b' } });
    expect(made).toThrow(expect.objectContaining({ code: 'INVALID_PATTERN' }));
  });
});
