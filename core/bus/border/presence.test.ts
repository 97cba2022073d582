import { describe, expect, it } from 'vitest';
import { createEventBus, type EventBus, type Inspection } from '../../index.js';
import { Log } from './log.test.fixture.js';
import { recordFrom, Wire } from './wire.test.fixture.js';

/** Nodes on one wire, each of which has opened it. */
function nodes(wire: Wire, ...sources: string[]): EventBus[] {
  return sources.map((source) => {
    const bus = createEventBus({ source, transports: [wire.transport()] });
    bus.on('**', () => {});
    return bus;
  });
}

const sourcesOf = (bus: EventBus | undefined): string[] => (bus?.nodes ?? []).map(({ source }) => source);

describe('presence', () => {
  it('T7 makes every node known to every other, whoever comes first', () => {
    const [a, b, c] = nodes(new Wire(), 'a', 'b', 'c');
    expect([a, b, c].map(sourcesOf)).toEqual([
      ['b', 'c'],
      ['a', 'c'],
      ['a', 'b'],
    ]);
  });

  it('T7 says who a node is, how it was met and since when', () => {
    const clock = { now: () => 1000, precise: () => 1000.5, setTimeout: () => 0, clearTimeout: () => {} };
    const wire = new Wire();
    const here = createEventBus({ transports: [wire.transport()], clock });
    expect(here.nodes).toEqual([]);
    const [there] = nodes(wire, 'there');
    expect(here.nodes).toEqual([{ id: there?.nodeId, source: 'there', transport: 'wire', since: 1000 }]);
    expect(Object.isFrozen(here.nodes[0])).toBe(true);
  });

  it('T7 forgets a node that says bye, and tells observers of both', async () => {
    const wire = new Wire();
    const [here] = nodes(wire, 'here');
    const seen: Inspection[] = [];
    here?.inspect((one) => (one.kind === 'nodeJoined' || one.kind === 'nodeLeft') && seen.push(one));
    const [there] = nodes(wire, 'there');
    await there?.close();
    expect(seen).toMatchObject([
      { kind: 'nodeJoined', node: { id: there?.nodeId, source: 'there' } },
      { kind: 'nodeLeft', node: { id: there?.nodeId, source: 'there' } },
    ]);
    expect(here?.nodes).toEqual([]);
    wire.inject([recordFrom('never-seen', 3, { type: '$bye' })]);
    expect(seen).toHaveLength(2);
  });

  it('T7 greets once a node: one hello, one welcome of each other, one bye', async () => {
    const wire = new Wire();
    const [a, b, c] = nodes(wire, 'a', 'b', 'c');
    for (const bus of [a, b, c]) bus?.emit('tick');
    await Promise.all([a, b, c].map((bus) => bus?.idle()));
    expect([wire.count('$hello'), wire.count('$welcome'), wire.count('$bye')]).toEqual([3, 3, 0]);
    await a?.close();
    await a?.close();
    expect(wire.count('$bye')).toBe(1);
  });

  it('T7 knows a node by its events when its hello was lost, and makes itself known to it', () => {
    const wire = new Wire();
    wire.loses = ({ type }) => type === '$hello';
    const [a, b] = nodes(wire, 'a', 'b');
    expect([a, b].map(sourcesOf)).toEqual([[], []]);
    a?.emit('tick');
    return a?.idle().then(() => {
      expect([a, b].map(sourcesOf)).toEqual([['b'], ['a']]);
      expect(wire.count('$welcome')).toBe(1);
    });
  });

  it('T7 keeps greetings from handlers, and does not number them', async () => {
    const wire = new Wire();
    const handled: string[] = [];
    const here = createEventBus({ transports: [wire.transport()] });
    here.on('**', (event) => handled.push(event.type));
    const [there] = nodes(wire, 'there');
    there?.emit('tick');
    await there?.close();
    expect(handled).toEqual(['tick']);
    expect(wire.events.map(({ seq }) => seq)).toEqual([1]);
    expect(here.stats()).toMatchObject({ received: 1, dropped: 0 });
  });

  it('T7 says bye when its page is left and hello when it comes back', () => {
    const wire = new Wire();
    const [here, there] = nodes(wire, 'here', 'there') as [EventBus, EventBus];
    wire.turn(there.nodeId, 'closing');
    wire.turn(there.nodeId, 'closed');
    expect(here.nodes).toEqual([]);
    there.emit('unheard');
    wire.turn(there.nodeId, 'open');
    expect(sourcesOf(here)).toEqual(['there']);
    expect([wire.count('$bye'), wire.count('$hello')]).toEqual([1, 3]);
  });

  it('T7 remembers a bounded number of nodes, and answers a message once, however many it names', () => {
    const wire = new Wire();
    const [here] = nodes(wire, 'here') as [EventBus];
    const seen = { nodeJoined: 0, nodeLeft: 0 };
    here.inspect((one) => (one.kind === 'nodeJoined' || one.kind === 'nodeLeft') && seen[one.kind]++);
    for (const type of ['$hello', '$welcome', 'tick']) {
      const before = wire.messages.length;
      for (let i = 0; i < 10; i++) {
        wire.inject(Array.from({ length: 500 }, (_, k) => recordFrom(`${type}-${i}-${k}`, 1, { type })));
      }
      expect(wire.messages.length - before).toBe(type === '$welcome' ? 0 : 10);
    }
    expect(here.nodes).toHaveLength(1000);
    expect(seen).toEqual({ nodeJoined: 15_000, nodeLeft: 14_000 });
  }, 20_000);

  it('T7 ends a talk between nodes that do not know each other after one answer', async () => {
    const wire = new Wire();
    wire.loses = ({ type }) => type === '$hello' || type === '$welcome';
    const [a, b] = nodes(wire, 'a', 'b') as [EventBus, EventBus];
    for (let i = 0; i < 5; i++) {
      a.emit('tick');
      b.emit('tick');
      await Promise.all([a.idle(), b.idle()]);
    }
    expect(wire.count('$welcome')).toBe(2);
  });

  it('T7 tells with a hello of what was sent, not of what waits for its commit', async () => {
    const wire = new Wire();
    const log = new Log();
    const here = createEventBus({ transports: [wire.transport()], store: log });
    const { persisted } = here.emit('stored');
    await persisted;
    await here.idle();
    log.holdsCommits = true;
    here.emit('waiting');
    await new Promise((resolve) => setTimeout(resolve));
    nodes(wire, 'there');
    const welcomes = wire.messages.flat().filter(({ type }) => type === '$welcome');
    expect(welcomes.map(({ node, seq }) => [node, seq])).toEqual([[here.nodeId, 1]]);
    log.commit();
    await here.close();
  });

  it('T7, G2 is not called after a plugin whose event was heard of first', () => {
    const wire = new Wire();
    const bus = createEventBus({ transports: [wire.transport()] });
    expect(bus.nodes).toEqual([]);
    wire.inject([recordFrom('far', 1, { source: 'ads' })]);
    expect(bus.nodes).toMatchObject([{ id: 'far', source: 'ads' }]);
    wire.inject([recordFrom('far', 1, { type: '$hello', source: 'tab' })]);
    wire.inject([recordFrom('far', 2, { source: 'ads' })]);
    expect(bus.nodes).toMatchObject([{ id: 'far', source: 'tab' }]);
  });
});
