import { describe, expect, it } from 'vitest';
import { createEventBus, type Inspection } from '../../index.js';
import { SimulatedClock } from '../../testing/index.js';
import { recordFrom, Wire } from '../border/wire.test.fixture.js';

/** A node on a wire that anybody can write to, what its handlers get, and what observers are told. */
function node() {
  const wire = new Wire();
  const bus = createEventBus({ transports: [wire.transport()], clock: new SimulatedClock() });
  const handled: string[] = [];
  bus.on('**', ({ id }, { node: from }) => from !== bus.nodeId && handled.push(id));
  const told: Inspection[] = [];
  bus.inspect((one) => told.push(one));
  const dropped = (): string[] => told.flatMap((one) => (one.kind === 'dropped' ? [one.reason] : []));
  const names = (): string[] => bus.nodes.map(({ id }) => id);
  return { wire, bus, handled, dropped, names, told };
}

const greeting = (type: string, of: string, seq: number, fields: object = {}) =>
  recordFrom(of, seq, { type, data: undefined, ...fields });

describe('a record that was forged', () => {
  it('T3 in the name of this very node is not heard', async () => {
    const { wire, bus, handled, names } = node();
    wire.inject([recordFrom(bus.nodeId, 1), greeting('$hello', bus.nodeId, 0), greeting('$bye', bus.nodeId, 5)]);
    expect([handled, names()]).toEqual([[], []]);
    expect(bus.stats()).toMatchObject({ received: 0, dropped: 0 });
  });

  it('T3 in the name of another node, or of another source, is taken: a medium that many write to proves nothing', () => {
    const { wire, bus, handled } = node();
    const sources: string[] = [];
    bus.on('ping', ({ source }) => sources.push(source));
    wire.inject([recordFrom('honest', 1, { source: bus.source })]);
    expect([handled, sources]).toEqual([['honest-1'], [bus.source]]);
  });

  it('T3 takes the place of the one true record with its sequence, and of no other', () => {
    const { wire, handled, dropped } = node();
    wire.inject([recordFrom('honest', 1)]);
    wire.inject([recordFrom('honest', 2, { id: 'forged' })]);
    wire.inject([2, 3].map((seq) => recordFrom('honest', seq)));
    expect([handled, dropped()]).toEqual([['honest-1', 'forged', 'honest-3'], ['duplicate']]);
  });

  it.each(['$error', '$', '$hello.x', '$store', '$cancel'])('E6 with the type %s reaches no handler', (type) => {
    const { wire, handled, dropped } = node();
    wire.inject([recordFrom('b', 1, { type })]);
    expect([handled, dropped()]).toEqual([[], ['unsupported-version']]);
  });

  it('R4 as an answer settles nothing but the request whose id it names, which nobody can guess', async () => {
    const { wire, bus } = node();
    const answer = bus.request('question');
    await expect.poll(() => wire.events.length).toBe(1);
    const forged = (causationId: string | undefined, value: unknown) =>
      greeting('$reply', 'b', 1, { causationId, data: { ok: true, value } });
    const guesses = [undefined, 'x', '__proto__', bus.nodeId, wire.events[0]?.correlationId.toUpperCase()];
    wire.inject(guesses.map((id) => forged(id, 'guessed')));
    wire.inject([forged(wire.events[0]?.id, 'known')]);
    wire.inject([forged(wire.events[0]?.id, 'too late')]);
    expect(await answer).toBe('known');
  });

  it('T7 as a bye for a node that is there is believed, until that node sends something more', () => {
    const { wire, names, handled } = node();
    wire.inject([recordFrom('honest', 1)]);
    wire.inject([greeting('$bye', 'honest', 1)]);
    expect(names()).toEqual([]);
    wire.inject([recordFrom('honest', 2)]);
    expect([names(), handled]).toEqual([['honest'], ['honest-1', 'honest-2']]);
  });
});

describe('a record that is sent once more', () => {
  it('T3 is dropped, whatever else of it was changed', () => {
    const { wire, handled, dropped } = node();
    const record = recordFrom('b', 5);
    wire.inject([record, record, { ...record, id: 'new', timestamp: 7, data: 'new' }]);
    expect([handled, dropped()]).toEqual([['b-5'], ['duplicate', 'duplicate']]);
  });

  it('T3 is taken by a node that has not heard it, as one that comes late', () => {
    const { wire, handled } = node();
    wire.inject([recordFrom('b', 9), recordFrom('b', 5), recordFrom('b', 5)]);
    expect(handled).toEqual(['b-9', 'b-5']);
  });
});

describe('a sequence that jumps', () => {
  const furthest = Number.MAX_SAFE_INTEGER;

  it.each<[what: string, forged: (seq: number) => unknown]>([
    ['a record', (seq) => recordFrom('honest', seq, { id: 'forged' })],
    ['a hello', (seq) => greeting('$hello', 'honest', seq)],
    ['a welcome', (seq) => greeting('$welcome', 'honest', seq)],
    ['a bye', (seq) => greeting('$bye', 'honest', seq)],
  ])('T3 to the end by %s keeps no record of the node out', (_, forged) => {
    const { wire, handled, dropped } = node();
    wire.inject([recordFrom('honest', 1)]);
    wire.inject([forged(furthest)]);
    for (let seq = 2; seq <= 1000; seq++) wire.inject([recordFrom('honest', seq)]);
    const expected = Array.from({ length: 1000 }, (__, i) => `honest-${i + 1}`);
    expect(handled.filter((id) => id !== 'forged')).toEqual(expected);
    wire.inject([recordFrom('honest', 1000), recordFrom('honest', 3)]);
    expect(dropped()).toEqual(['duplicate', 'duplicate']);
  });

  it('T3 ever further by a thousand greetings keeps no record of the node out', () => {
    const { wire, handled } = node();
    wire.inject([recordFrom('honest', 1)]);
    for (let i = 1; i <= 1000; i++) {
      wire.inject([greeting('$hello', 'honest', i * 1e6)]);
      wire.inject([recordFrom('honest', i + 1)]);
    }
    for (let i = 1001; i <= 2000; i++) wire.inject([greeting('$bye', 'honest', i * 1e6)]);
    for (let i = 1001; i <= 2000; i++) wire.inject([recordFrom('honest', i + 1)]);
    expect(handled).toEqual(Array.from({ length: 2001 }, (_, i) => `honest-${i + 1}`));
  });

  it('T3 ever further by 250 records does keep them out: whoever can forge those has the word of the node', () => {
    const { wire, handled, dropped } = node();
    wire.inject([recordFrom('honest', 1)]);
    for (let i = 1; i <= 300; i++) wire.inject([recordFrom('honest', i * 1e6, { id: 'forged' })]);
    wire.inject([recordFrom('honest', 2)]);
    expect(handled.at(-1)).toBe('forged');
    expect(dropped()).toEqual(['duplicate']);
  });

  it('T7 by a greeting is told as one gap for each, so that what was missed adds up', () => {
    const { wire, told } = node();
    wire.inject([recordFrom('b', 1), greeting('$hello', 'b', 4), greeting('$hello', 'b', 9), recordFrom('b', 12)]);
    const gaps = told.flatMap((one) => (one.kind === 'gap' ? [[one.from, one.to]] : []));
    expect(gaps).toEqual([
      [2, 4],
      [5, 9],
      [10, 11],
    ]);
  });
});
