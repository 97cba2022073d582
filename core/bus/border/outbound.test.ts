import { describe, expect, it } from 'vitest';
import { type BusOptions, createEventBus, type EventBus, type Failure, type Transport } from '../../index.js';
import { Log } from './log.test.fixture.js';
import { Wire } from './wire.test.fixture.js';

/** Two nodes on one wire, and the types of the events that arrive at the second. */
function pair(options: BusOptions = {}): { wire: Wire; here: EventBus; there: EventBus; arrived: string[] } {
  const wire = new Wire();
  const there = createEventBus({ source: 'there', transports: [wire.transport()] });
  const arrived: string[] = [];
  there.on('**', (event) => arrived.push(event.type));
  const here = createEventBus({ source: 'here', transports: [wire.transport()], ...options });
  return { wire, here, there, arrived };
}

describe('what is shared', () => {
  it('T2 is every event, unless the bus says otherwise', async () => {
    const { here, arrived } = pair();
    here.emit('user.created');
    here.emit('order.placed');
    await here.idle();
    expect(arrived).toEqual(['user.created', 'order.placed']);
  });

  it.each<[string, NonNullable<BusOptions['share']>]>([
    ['a pattern', 'order.*'],
    ['several patterns', ['order.placed', 'order.paid']],
    ['a predicate over types', (type) => type.startsWith('order.')],
  ])('T2 is what %s says', async (_, share) => {
    const { here, arrived } = pair({ share });
    for (const type of ['user.created', 'order.placed', 'audit.written', 'order.paid']) here.emit(type);
    await here.idle();
    expect(arrived).toEqual(['order.placed', 'order.paid']);
  });

  it('T2 is not a local event, in either form of emit, but its handlers here get it', async () => {
    const { wire, here, arrived } = pair();
    const handled: string[] = [];
    here.on('**', (event) => handled.push(event.type));
    here.emit('secret.kept', 1, { local: true });
    here.emit({ type: 'secret.whole', data: 1, local: true });
    here.emit('known');
    await here.idle();
    expect(arrived).toEqual(['known']);
    expect(wire.events.map((record) => [record.type, record.seq])).toEqual([['known', 1]]);
    expect(handled).toEqual(['secret.kept', 'secret.whole', 'known']);
  });

  it('T3 is never sent on by a node that received it', async () => {
    const [left, right] = [new Wire(), new Wire()];
    const first = createEventBus({ transports: [left.transport()] });
    const middle = createEventBus({ transports: [left.transport(), right.transport()] });
    const last = createEventBus({ transports: [right.transport()] });
    const [atMiddle, atLast]: [string[], string[]] = [[], []];
    middle.on('**', (event) => atMiddle.push(event.type));
    last.on('**', (event) => atLast.push(event.type));
    first.emit('from.first');
    await first.idle();
    middle.emit('from.middle');
    await middle.idle();
    expect(atMiddle).toEqual(['from.first', 'from.middle']);
    expect(atLast).toEqual(['from.middle']);
    expect(left.events.map((record) => record.type)).toEqual(['from.first', 'from.middle']);
  });

  it('T3 is numbered without gaps, by each node for itself', async () => {
    const { wire, here, there } = pair({ share: 'sent.*' });
    for (const type of ['sent.one', 'kept', 'sent.two']) here.emit(type);
    here.emit('sent.local', undefined, { local: true });
    here.emit('sent.three');
    there.emit('sent.there');
    await Promise.all([here.idle(), there.idle()]);
    const sequences = (node: string): unknown[] =>
      wire.events.filter((record) => record.node === node).map((record) => record.seq);
    expect(sequences(here.nodeId)).toEqual([1, 2, 3]);
    expect(sequences(there.nodeId)).toEqual([1]);
  });

  it('T3 arrives with its id, chain, priority, metadata and time', async () => {
    const { here, there } = pair();
    const arrived: unknown[] = [];
    there.on('child', (event, delivery) => arrived.push(event.toRecord(), delivery.node));
    const cause = here.emit('parent').event;
    const child = here.emit('child', { n: 1 }, { cause, priority: 7, metadata: { tenant: 'a' } }).event;
    await here.idle();
    expect(arrived).toEqual([child.toRecord(), here.nodeId]);
    expect(child.toRecord()).toMatchObject({ causationId: cause.id, correlationId: cause.id, source: 'here' });
  });
});

describe('messages', () => {
  it('T1 hold what is emitted in one tick, at most a thousand records each', async () => {
    const { wire, here, arrived } = pair();
    const greetings = wire.messages.length;
    for (let i = 0; i < 2500; i++) here.emit('tick', i);
    await here.idle();
    const sizes = wire.messages.slice(greetings).map((records) => records.length);
    // The first emit opens the transport: a hello and a welcome.
    expect(sizes).toEqual([1, 1, 1000, 1000, 500]);
    expect(arrived).toHaveLength(2500);
  });

  it('T4 hold no more bytes than one record may have', async () => {
    const wire = new Wire();
    const here = createEventBus({ transports: [wire.transport({ maxBytes: 10_000 })] });
    for (let i = 0; i < 20; i++) here.emit('page', 'x'.repeat(3000));
    await here.idle();
    const sizes = wire.messages.filter(([first]) => first?.type === 'page').map((records) => records.length);
    expect(sizes).toEqual([3, 3, 3, 3, 3, 3, 2]);
  });

  it('T1 are lists of plain records', async () => {
    const handed: unknown[] = [];
    const publish: Transport['publish'] = (records) => void handed.push(records);
    const bus = createEventBus({ transports: [{ ...new Wire().transport(), publish }] });
    const { event } = bus.emit('user.created', { userId: '1' });
    await bus.idle();
    expect(handed.at(-1)).toEqual([{ ...event.toRecord(), node: bus.nodeId, seq: 1 }]);
  });
});

describe('a stored event', () => {
  it('S2 is sent after its commit, with its offset', async () => {
    const log = new Log();
    log.holdsCommits = true;
    const { wire, here, arrived } = pair({ store: log });
    const handled: string[] = [];
    here.on('**', (event) => handled.push(event.type));
    const { persisted } = here.emit('order.placed');
    await new Promise((resolve) => setTimeout(resolve));
    expect([handled, arrived]).toEqual([['order.placed'], []]);
    log.commit();
    const ref = await persisted;
    await here.idle();
    expect(arrived).toEqual(['order.placed']);
    expect(wire.events[0]).toMatchObject({ store: ref?.store, offset: ref?.offset });
    expect(ref?.offset).toBe(1);
  });

  it('S2 is not overtaken by an event that is not stored', async () => {
    const log = new Log();
    log.holdsCommits = true;
    const { wire, here, arrived } = pair({ store: log, persist: 'order.*' });
    here.emit('page.viewed', 1);
    await new Promise((resolve) => setTimeout(resolve));
    expect(arrived).toEqual(['page.viewed']);
    here.emit('order.placed');
    here.emit('page.viewed', 2);
    await new Promise((resolve) => setTimeout(resolve));
    here.emit('page.viewed', 3);
    await new Promise((resolve) => setTimeout(resolve));
    expect(arrived).toEqual(['page.viewed']);
    log.commit();
    await here.idle();
    expect(arrived).toEqual(['page.viewed', 'order.placed', 'page.viewed', 'page.viewed']);
    expect(wire.events.map((record) => record.seq)).toEqual([1, 2, 3, 4]);
  });

  it('S2 is sent at once by an eager bus', async () => {
    const log = new Log();
    log.holdsCommits = true;
    const { wire, here, arrived } = pair({ store: log, eager: true });
    const { persisted } = here.emit('order.placed');
    await new Promise((resolve) => setTimeout(resolve));
    expect(arrived).toEqual(['order.placed']);
    expect(wire.events[0]).not.toHaveProperty('offset');
    log.commit();
    expect(await persisted).toEqual({ store: 'log', offset: 1 });
    await here.idle();
    expect(arrived).toHaveLength(1);
  });

  it('S2 is sent, without an offset, when the store fails: one report tells of the batch', async () => {
    const log = new Log();
    log.isBroken = true;
    const failures: Failure[] = [];
    const { wire, here, arrived } = pair({ store: log, onError: (failure) => failures.push(failure) });
    const emissions = [here.emit('order.placed'), here.emit('order.paid')];
    for (const { persisted } of emissions) await expect(persisted).rejects.toThrow('failed to append');
    await here.idle();
    expect(arrived).toEqual(['order.placed', 'order.paid']);
    expect(wire.events[0]).not.toHaveProperty('offset');
    expect(failures.map(({ stage, event }) => [stage, event?.type])).toEqual([['store', 'order.placed']]);
  });

  it('T2 that arrives is stored in a store of the node alone, not in one it shares', async () => {
    for (const shared of [false, true]) {
      const wire = new Wire();
      const log = new Log({ shared });
      const there = createEventBus({ transports: [wire.transport()], store: log });
      there.on('**', () => {});
      const here = createEventBus({ transports: [wire.transport()] });
      here.emit('order.placed');
      await here.idle();
      await there.idle();
      expect(log.records.map(({ record }) => record.type)).toEqual(shared ? [] : ['order.placed']);
    }
  });
});

describe('a transport that fails', () => {
  function failing(failure: () => void | Promise<void>): Transport {
    return { ...new Wire().transport(), open: (host) => host.state('open'), publish: failure };
  }

  it.each<[string, () => void | Promise<void>]>([
    [
      'throws',
      () => {
        throw new Error('unplugged');
      },
    ],
    ['rejects', () => Promise.reject(new Error('unplugged'))],
  ])('D9 %s: handlers here go on, and one report tells of the batch', async (_, failure) => {
    const failures: Failure[] = [];
    const bus = createEventBus({ transports: [failing(failure)], onError: (one) => failures.push(one) });
    const handled: unknown[] = [];
    bus.on('tick', (event) => handled.push(event.data));
    for (let i = 0; i < 3; i++) bus.emit('tick', i);
    await bus.idle();
    await expect.poll(() => failures.length).toBe(1);
    expect(handled).toEqual([0, 1, 2]);
    expect(failures[0]).toMatchObject({
      stage: 'transport',
      event: { type: 'tick', data: 0 },
      error: { code: 'TRANSPORT_FAILED', transport: 'wire', operation: 'send', cause: { message: 'unplugged' } },
    });
    expect(bus.stats().failures).toBe(1);
  });

  it('D9 does not open: events stay on this node', async () => {
    const failures: Failure[] = [];
    const open = (): never => {
      throw new Error('no such place');
    };
    const bus = createEventBus({
      transports: [{ ...new Wire().transport(), open }],
      onError: (one) => failures.push(one),
    });
    const { delivered } = await bus.emit('tick');
    bus.on('tick', () => {});
    expect(delivered).toBe(0);
    expect((await bus.emit('tick')).delivered).toBe(1);
    expect(failures).toMatchObject([{ stage: 'transport', error: { code: 'TRANSPORT_FAILED', operation: 'open' } }]);
  });

  it('D9 does not close: the bus closes anyway, and says so', async () => {
    const failures: Failure[] = [];
    const close = (): never => {
      throw new Error('stuck');
    };
    const log = Object.assign(new Log(), { close: () => Promise.reject(new Error('stuck too')) });
    const transports = [{ ...new Wire().transport(), close }];
    const bus = createEventBus({ store: log, transports, onError: (one) => failures.push(one) });
    bus.on('tick', () => {});
    await bus.close();
    const told = failures.map(({ stage, error }) => [stage, (error as { operation: string }).operation]);
    expect(told.sort()).toEqual([
      ['store', 'close'],
      ['transport', 'close'],
    ]);
  });
});

describe('closing', () => {
  it('T7 sends what is pending, stored or not, and then says bye', async () => {
    const log = new Log();
    log.holdsCommits = true;
    const { wire, here, there, arrived } = pair({ store: log, persist: 'order.*' });
    here.emit('order.placed');
    here.emit('page.viewed');
    const closed = here.close();
    await new Promise((resolve) => setTimeout(resolve));
    expect(there.nodes).toHaveLength(1);
    log.commit();
    await closed;
    expect(arrived).toEqual(['order.placed', 'page.viewed']);
    expect(wire.messages.at(-1)).toMatchObject([{ type: '$bye', node: here.nodeId, seq: 2 }]);
    expect(there.nodes).toEqual([]);
  });

  it('T1 opens no transport that was not needed, before it or after it', async () => {
    let opened = 0;
    const transport = new Wire().transport();
    const open: Transport['open'] = () => {
      opened++;
    };
    const bus = createEventBus({ transports: [{ ...transport, open }] });
    await bus.close();
    expect(bus.nodes).toEqual([]);
    bus.inspect(() => {});
    expect(opened).toBe(0);
  });

  it('T1 ends for good: a page that comes back does not bring the node back', async () => {
    const { wire, here, there } = pair();
    here.on('**', () => {});
    expect(there.nodes).toHaveLength(1);
    const before = wire.count('$hello');
    await here.close();
    wire.turn(here.nodeId, 'open');
    expect([there.nodes.length, wire.count('$hello')]).toEqual([0, before]);
  });
});
