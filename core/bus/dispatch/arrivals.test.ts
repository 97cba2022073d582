import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import * as z from 'zod';
import {
  type BusOptions,
  createEventBus,
  type EventBus,
  type Failure,
  type Inspection,
  ResponderError,
  SchemaError,
  type StandardSchema,
} from '../../index.js';
import { memoryStore } from '../../stores/memory.js';
import { SimulatedClock } from '../../testing/index.js';
import { recordFrom, Wire } from '../border/wire.test.fixture.js';
import { type Deferred, deferred, reactions } from '../deferred.test.kit.js';

const unhandled = vi.fn();

beforeEach(() => void process.on('unhandledRejection', unhandled));
afterEach(async () => {
  await reactions();
  process.off('unhandledRejection', unhandled);
  expect(unhandled.mock.calls.splice(0)).toEqual([]);
});

/** A schema by hand. */
const byHand = (validate: (value: never) => unknown): StandardSchema => ({
  '~standard': { version: 1, vendor: 'a test', validate: validate as never },
});

/** A node on a wire, what its handlers get, what it drops and what it reports. */
function node(schemas: BusOptions['schemas'], options: BusOptions = {}, wire = new Wire()) {
  const clock = new SimulatedClock();
  const handled: unknown[] = [];
  const dropped: (Inspection & { kind: 'dropped' })[] = [];
  const failures: Failure[] = [];
  const bus = createEventBus({
    clock,
    transports: [wire.transport({ maxBytes: Number.POSITIVE_INFINITY })],
    onError: (failure) => failures.push(failure),
    ...(schemas && { schemas }),
    ...options,
  });
  bus.on('**', ({ data }) => void handled.push(data));
  bus.inspect((told) => void (told.kind === 'dropped' && dropped.push(told)));
  return { bus, clock, wire, handled, dropped, failures };
}

/** A schema that answers when the test says so. */
function late(): { schema: StandardSchema; asked: Map<unknown, Deferred<unknown>> } {
  const asked = new Map<unknown, Deferred<unknown>>();
  const schema = byHand((value: unknown) => {
    const answer = deferred<unknown>();
    asked.set(value, answer);
    return answer.promise;
  });
  return { schema, asked };
}

const user = z.object({ name: z.string() });

describe('what another node sends', () => {
  it('G5 is what the schema makes of it, on this node and in its store', async () => {
    const { bus, wire, handled, dropped } = node({ 'user.*': user }, { store: memoryStore() });
    wire.inject([recordFrom('b', 1, { type: 'user.created', data: { name: 'ada', isAdmin: true } })]);
    expect(handled).toEqual([{ name: 'ada' }]);
    await bus.idle();
    expect((await bus.history().next()).value?.event.data).toEqual({ name: 'ada' });
    expect([dropped, bus.stats().received, bus.stats().dropped]).toEqual([[], 1, 0]);
  });

  it('G5 is dropped when its schema refuses it: neither handled nor stored, counted, inspected and reported', async () => {
    const { bus, wire, handled, dropped, failures } = node({ 'user.*': user }, { store: memoryStore() });
    const bad = recordFrom('b', 1, { type: 'user.created', data: { name: 7 } });
    expect(() => wire.inject([bad, recordFrom('b', 2)])).not.toThrow();
    await bus.idle();
    expect(handled).toEqual([2]);
    expect((await bus.history().next()).value?.event.id).toBe('b-2');
    expect(dropped).toMatchObject([
      { reason: 'invalid', transport: 'wire', event: { id: 'b-1' }, error: { issues: [{}] } },
    ]);
    expect(dropped[0]?.error).toBeInstanceOf(SchemaError);
    expect(failures).toMatchObject([{ stage: 'schema', by: 'schema', event: { id: 'b-1' }, error: dropped[0]?.error }]);
    expect(bus.stats()).toMatchObject({ dropped: 1, discarded: 0, vetoed: 0, failures: 1, inFlight: 0, queued: 0 });
  });

  it('G5 is seen by observers as one event, whatever its schema makes of it', () => {
    const { bus, wire } = node({ '**': user });
    const seen: unknown[] = [];
    bus.inspect((told) => void ((told.kind === 'received' || told.kind === 'emitted') && seen.push(told.event)));
    wire.inject([recordFrom('b', 1, { data: { name: 'ada', more: 1 } })]);
    expect(seen).toHaveLength(2);
    expect(seen[0]).toBe(seen[1]);
  });

  it('G5 is checked by `arrival` when the schema does not take its own output', async () => {
    const text = z.string().transform(Number);
    const wire = new Wire();
    const rules = [text, { schema: text, arrival: z.number() }, { schema: text, arrival: false as const }];
    const nodes = rules.map((price) => node({ price }, {}, wire));
    const sender = node({ price: text }, {}, wire);
    await sender.bus.emit('price', '7');
    await sender.bus.idle();
    expect(nodes.map(({ handled, dropped }) => [handled, dropped.map(({ reason }) => reason)])).toEqual([
      [[], ['invalid']],
      [[7], []],
      [[7], []],
    ]);
    wire.inject([recordFrom('b', 1, { type: 'price', data: 'x' })]);
    expect(nodes.map(({ handled }) => handled.at(-1))).toEqual([Number.NaN, 7, 'x']);
  });

  it.each<[string, () => unknown]>([
    [
      'throws',
      () => {
        throw new TypeError('mend the schema');
      },
    ],
    [
      'throws nothing',
      () => {
        throw undefined;
      },
    ],
    ['answers with nothing', () => undefined],
    ['answers with null', () => null],
    ['answers with issues that are a text', () => ({ issues: 'x' })],
    ['rejects', () => Promise.reject(new TypeError('down'))],
    [
      'is a thenable that throws',
      () => ({
        // biome-ignore lint/suspicious/noThenProperty: it is a thenable that is tested.
        then: () => {
          throw new Error('no');
        },
      }),
    ],
    [
      'is a thenable that cannot be read',
      () => ({
        // biome-ignore lint/suspicious/noThenProperty: it is a thenable that is tested.
        get then(): never {
          throw new Error('no');
        },
      }),
    ],
    ['is a promise of nothing', async () => undefined],
    [
      'is a promise whose own then is broken',
      () =>
        Object.assign(Promise.reject(new Error('no')), {
          // biome-ignore lint/suspicious/noThenProperty: it is a thenable that is tested.
          then: () => {
            throw new Error('no');
          },
        }),
    ],
  ])('G5 is refused when its schema %s, and what follows is taken', async (_, validate) => {
    const { bus, wire, handled, dropped, failures } = node({ bad: byHand(validate) });
    wire.inject([recordFrom('b', 1, { type: 'bad' }), recordFrom('b', 2)]);
    await bus.idle();
    expect([handled, dropped.map(({ reason }) => reason), failures.length]).toEqual([[2], ['invalid'], 1]);
    expect(bus.stats()).toMatchObject({ dropped: 1, inFlight: 0, queued: 0 });
  });

  it('G5 may have getters that throw, where a transport does not copy', async () => {
    const { bus, wire, handled, dropped } = node({ '**': user });
    const hostile = {
      get name(): string {
        throw new Error('boo');
      },
    };
    const proxy = new Proxy(
      {},
      {
        get: () => {
          throw new Error('boo');
        },
        ownKeys: () => {
          throw new Error('boo');
        },
      },
    );
    wire.inject([hostile, proxy].map((data, at) => recordFrom('b', at + 1, { data })));
    wire.inject([recordFrom('b', 3, { data: { name: 'ada' } })]);
    await bus.idle();
    expect([handled, dropped.map(({ reason }) => reason)]).toEqual([[{ name: 'ada' }], ['invalid', 'invalid']]);
  });

  it('G5 cannot be frozen, maybe, and holds nobody up', async () => {
    const data = new Proxy(
      {},
      {
        preventExtensions: () => {
          throw new Error('boo');
        },
      },
    );
    const { bus, wire, handled } = node({ a: byHand(async () => ({ value: data })) }, { freeze: true });
    wire.inject([recordFrom('b', 1, { type: 'a' }), recordFrom('b', 2)]);
    await bus.idle();
    expect(handled).toEqual([2]);
    expect(bus.stats()).toMatchObject({ dropped: 1, inFlight: 0, queued: 0 });
  });

  it('G5 is reported once in 10 s for each schema, however much of it there is', async () => {
    const { bus, clock, wire, handled, dropped, failures } = node({ 'a.**': user, '**': z.number() });
    for (let seq = 1; seq <= 50; seq++) {
      wire.inject([recordFrom(`b${seq}`, seq, { type: `a.${seq}` }), recordFrom(`c${seq}`, seq, { data: 'x' })]);
    }
    expect([failures.map(({ event }) => event?.type), dropped.length, handled]).toEqual([['a.1', 'ping'], 100, []]);
    await clock.advance(9_999);
    wire.inject([recordFrom('b1', 100, { type: 'a' })]);
    expect(failures).toHaveLength(2);
    await clock.advance(1);
    wire.inject([recordFrom('b1', 101, { type: 'a' }), recordFrom('b1', 102, { type: 'a' })]);
    expect(failures.map(({ event }) => event?.id)).toEqual(['b1-1', 'c1-1', 'b1-101']);
    expect(bus.stats()).toMatchObject({ dropped: 103, failures: 3 });
  });

  it('G5 does not fill memory or console when 100,000 of it are refused, at once or later', async () => {
    const refuse = { issues: [{ message: 'no' }] };
    const { bus, wire, failures, dropped } = node({ now: byHand(() => refuse), late: byHand(async () => refuse) });
    let most = 0;
    for (let seq = 0; seq < 100_000; seq += 1000) {
      const records = Array.from({ length: 1000 }, (_, i) =>
        recordFrom(`b${i % 3}`, seq + i, { type: i % 2 === 0 ? 'now' : 'late' }),
      );
      wire.inject(records);
      most = Math.max(most, bus.stats().inFlight);
      await reactions();
    }
    await bus.idle();
    expect([failures.length, most, dropped.length]).toEqual([2, 500, 100_000]);
    expect(bus.stats()).toMatchObject({ dropped: 100_000, failures: 2, inFlight: 0, queued: 0 });
  }, 30_000);
});

describe('an asynchronous schema of what arrives', () => {
  it('G5 has the event wait, and those of its node behind it, with a schema or without', async () => {
    const { schema, asked } = late();
    const { bus, wire, handled } = node({ slow: schema });
    wire.inject([
      recordFrom('b', 1, { type: 'slow', data: 'b1' }),
      recordFrom('b', 2, { data: 'b2' }),
      recordFrom('b', 3, { type: 'slow', data: 'b3' }),
      recordFrom('c', 1, { data: 'c1' }),
    ]);
    expect([handled, [...asked.keys()], bus.stats().inFlight]).toEqual([['c1'], ['b1', 'b3'], 3]);
    asked.get('b3')?.resolve({ value: 'B3' });
    await reactions();
    expect(handled).toEqual(['c1']);
    asked.get('b1')?.resolve({ value: 'B1' });
    await reactions();
    expect(handled).toEqual(['c1', 'B1', 'b2', 'B3']);
    wire.inject([recordFrom('b', 4, { data: 'b4' })]);
    expect([handled.at(-1), bus.stats().inFlight]).toEqual(['b4', 0]);
    await bus.idle();
  });

  it('G5 leaves the order as it is for what a handler has arrive while the line moves', async () => {
    const { schema, asked } = late();
    const { bus, wire, handled } = node({ slow: schema });
    bus.once('slow', () => wire.inject([recordFrom('b', 3, { data: 'b3' })]));
    wire.inject([recordFrom('b', 1, { type: 'slow', data: 'b1' }), recordFrom('b', 2, { data: 'b2' })]);
    asked.get('b1')?.resolve({ value: 'b1' });
    await bus.idle();
    expect(handled).toEqual(['b1', 'b2', 'b3']);
  });

  it('G5 that refuses lets those behind it go on', async () => {
    const { schema, asked } = late();
    const { bus, wire, handled, dropped } = node({ slow: schema });
    wire.inject([recordFrom('b', 1, { type: 'slow', data: 1 }), recordFrom('b', 2)]);
    asked.get(1)?.reject(new Error('down'));
    await bus.idle();
    expect([handled, dropped.map(({ reason, error }) => [reason, String(error)])]).toEqual([
      [2],
      [['invalid', 'Error: down']],
    ]);
  });

  it('G5 that never settles is given up after 10 s, and leaves no timer', async () => {
    const { bus, clock, wire, handled, dropped } = node({ slow: byHand(() => new Promise(() => {})) });
    wire.inject([recordFrom('b', 1, { type: 'slow' }), recordFrom('b', 2, { type: 'slow' }), recordFrom('b', 3)]);
    await clock.advance(5_000);
    wire.inject([recordFrom('b', 4, { type: 'slow' }), recordFrom('b', 5)]);
    await clock.advance(4_999);
    expect([handled, dropped]).toEqual([[], []]);
    await clock.advance(1);
    expect([handled, dropped.length]).toEqual([[3], 2]);
    expect(dropped[0]?.error).toMatchObject({ issues: [{ message: 'its schema took longer than 10000 ms' }] });
    await clock.advance(5_000);
    expect([handled, dropped.length, clock.pending]).toEqual([[3, 5], 3, 0]);
    await bus.idle();
  });

  it('G5 that settles after that changes nothing', async () => {
    const { schema, asked } = late();
    const { bus, clock, wire, handled, dropped } = node({ slow: schema });
    wire.inject([recordFrom('b', 1, { type: 'slow', data: 1 })]);
    await clock.advance(10_000);
    wire.inject([recordFrom('b', 2, { type: 'slow', data: 2 })]);
    asked.get(1)?.resolve({ value: 1 });
    await reactions();
    wire.inject([recordFrom('b', 3)]);
    expect([handled, dropped.length, bus.stats().inFlight]).toEqual([[], 1, 2]);
    asked.get(2)?.resolve({ value: 2 });
    await bus.idle();
    expect([handled, clock.pending]).toEqual([[2, 3], 0]);
  });

  it.each(['reject', 'dropNewest', 'dropOldest'] as const)(
    'G5, Q1 counts what waits for it, and is not asked for more: %s',
    async (overflow) => {
      const { schema, asked } = late();
      const { bus, wire, handled, dropped } = node({ slow: schema }, { queue: { maxSize: 3, overflow } });
      for (let seq = 1; seq <= 1000; seq++) wire.inject([recordFrom('b', seq, { type: 'slow', data: seq })]);
      wire.inject([recordFrom('b', 1001), recordFrom('c', 1)]);
      expect([asked.size, dropped.length, new Set(dropped.map(({ reason }) => reason))]).toEqual([
        3,
        999,
        new Set(['queue-full']),
      ]);
      if (overflow === 'reject') expect(() => bus.emit('a', 1)).toThrow('3 events wait');
      for (const [value, answer] of asked) answer.resolve({ value });
      await bus.idle();
      expect(handled).toEqual([1, 2, 3]);
      expect(bus.stats()).toMatchObject({ inFlight: 0, queued: 0, discarded: 999 });
    },
  );

  it('G5, Q1 what is refused pushes nothing out of a full queue', async () => {
    const { bus, wire, handled } = node({ a: user }, { queue: { maxSize: 1, overflow: 'dropOldest' } });
    bus.once('go', () => {
      bus.emit('good', 'good');
      wire.inject([recordFrom('b', 1, { type: 'a', data: 'bad' })]);
    });
    bus.emit('go', 'go');
    expect(handled).toEqual(['go', 'good']);
    expect(bus.stats()).toMatchObject({ dropped: 1, discarded: 0 });
  });

  it('G8 is not waited for when the bus closes', async () => {
    const { bus, clock, wire, handled } = node({ slow: byHand(() => new Promise(() => {})) });
    wire.inject([recordFrom('b', 1, { type: 'slow' }), recordFrom('b', 2)]);
    await bus.close();
    expect([handled, clock.pending]).toEqual([[], 0]);
    expect(bus.stats()).toMatchObject({ inFlight: 0, discarded: 2 });
  });
});

describe('a request that arrives', () => {
  const pair = (schema: StandardSchema): [EventBus, ReturnType<typeof node>] => {
    const wire = new Wire();
    const answerer = node({ 'user.get': schema }, {}, wire);
    return [node(undefined, {}, wire).bus, answerer];
  };

  it.each<[string, StandardSchema]>([
    ['at once', user],
    ['later', z.any().refine(async () => false, 'is no user')],
  ])('G5, R3 and is refused is answered with why, where there is a responder: %s', async (_, schema) => {
    const [asker, answerer] = pair(schema);
    const responder = vi.fn(() => 'answer');
    answerer.bus.respond('user.get', responder);
    const error = await asker.request('user.get', 7).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ResponderError);
    expect((error as ResponderError).message).toContain('SchemaError');
    expect((error as ResponderError).message).toContain('The data of "user.get" is not valid');
    expect([responder.mock.calls, answerer.dropped.length]).toEqual([[], 1]);
  });

  it('G5 and waits for its schema is answered as any', async () => {
    const [asker, answerer] = pair(byHand(async (value: number) => ({ value: value + 1 })));
    answerer.bus.respond('user.get', ({ data }) => data);
    expect(await asker.request('user.get', 7)).toBe(8);
  });

  it('G5 and is refused is left to others where there is no responder', async () => {
    const [asker, answerer] = pair(user);
    const off = answerer.bus.respond('user.get', () => 'never');
    off();
    const request = asker.request('user.get', 7);
    await asker.idle();
    expect(answerer.dropped).toHaveLength(1);
    const [{ id } = { id: '' }] = answerer.wire.events;
    answerer.wire.inject([recordFrom('c', 1, { type: '$reply', causationId: id, data: { ok: true, value: 'other' } })]);
    expect(await request).toBe('other');
  });

  it('G5 has no schema for its answer', async () => {
    const wire = new Wire();
    const [asker, answerer] = [node({ '**': z.number() }, {}, wire), node(undefined, {}, wire)];
    answerer.bus.respond('n', () => 'a text');
    expect(await asker.bus.request('n', 1)).toBe('a text');
  });
});
