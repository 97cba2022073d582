import { type } from 'arktype';
import * as v from 'valibot';
import { describe, expect, it, vi } from 'vitest';
import * as z from 'zod';
import {
  type BusOptions,
  createEventBus,
  type EventBus,
  InvalidOptionError,
  InvalidPatternError,
  SchemaError,
  type SchemaRule,
  type StandardSchema,
} from '../../index.js';
import { memoryStore } from '../../stores/memory.js';
import { createTestEventBus } from '../../testing/index.js';
import { recordFrom, Wire } from '../border/wire.test.fixture.js';

type Schemas = NonNullable<BusOptions['schemas']>;

/** A schema by hand that takes what `validate` takes, and counts how often it is asked. */
function counted(validate: (value: unknown) => unknown = (value) => ({ value })) {
  const asked = vi.fn(validate);
  const schema: StandardSchema = { '~standard': { version: 1, vendor: 'a test', validate: asked as never } };
  return { schema, asked };
}

/** Whether a bus takes the data. */
function takes(bus: EventBus, name: string, data: unknown): boolean {
  try {
    bus.emit(name, data);
    return true;
  } catch (error) {
    expect(error).toBeInstanceOf(SchemaError);
    return false;
  }
}

describe.each<[string, StandardSchema, StandardSchema]>([
  ['zod', z.object({ id: z.string() }), z.object({ id: z.number() })],
  ['valibot', v.object({ id: v.string() }), v.object({ id: v.number() })],
  ['arktype', type({ '+': 'delete', id: 'string' }), type({ '+': 'delete', id: 'number' })],
])('schemas of %s by pattern', (_, text, count) => {
  it.each<[string, string]>([
    ['audit.**', 'audit'],
    ['audit.**', 'audit.user.created'],
    ['**', 'a'],
    ['*', 'a.b'],
    ['*.created', 'user.created'],
  ])('G5 are asked for every type that matches: %s for %s', (pattern, name) => {
    const bus = createEventBus({ schemas: { [pattern]: text } });
    expect([takes(bus, name, { id: 'x' }), takes(bus, name, { id: 1 })]).toEqual([true, false]);
  });

  it('G5 have the type itself come first, then patterns in the order they stand', () => {
    const schemas: Schemas = { 'a.**': text, '**': count, 'a.b': count, 'a.*': count };
    const bus = createEventBus({ schemas });
    const taken = ['a.b', 'a.c', 'a', 'z'].map((name) => [takes(bus, name, { id: 'x' }), takes(bus, name, { id: 1 })]);
    expect(taken).toEqual([
      [false, true],
      [true, false],
      [true, false],
      [false, true],
    ]);
  });

  it('G5 have a version: metadata of what is emitted says it', async () => {
    const bus = createTestEventBus({ schemas: { 'a.*': { schema: text, version: 2 }, b: text } });
    const { event } = await bus.emit('a.b', { id: 'x', more: 1 });
    expect([event.data, event.metadata]).toEqual([{ id: 'x' }, { schemaVersion: 2 }]);
    expect((await bus.emit('b', { id: 'x' })).event.metadata).toEqual({});
  });
});

describe('schemas by pattern', () => {
  it.each(['a..b', 'a b', '', 'a.b*', '$reply', '$**'])(
    'G5 refuse what is no pattern when the bus is made: %j',
    (bad) => {
      expect(() => createEventBus({ schemas: { [bad]: z.string() } })).toThrow(InvalidPatternError);
    },
  );

  it('G5 go on after more types than are remembered', () => {
    const bus = createEventBus({ schemas: { 'own.type': z.string(), 'n.*': z.number() } });
    for (let i = 0; i < 10_000; i++) bus.emit(`n.${i}`, i);
    expect([takes(bus, 'n.1', 1), takes(bus, 'n.1', 'x'), takes(bus, 'n.9999', 'x')]).toEqual([true, false, false]);
    expect([takes(bus, 'own.type', 'x'), takes(bus, 'own.type', 1)]).toEqual([true, false]);
  });

  it('G5 take types like __proto__ and constructor for any other', () => {
    const bus = createEventBus({
      schemas: Object.fromEntries([
        ['__proto__', z.string()],
        ['*.constructor', z.string()],
      ]),
    });
    expect(['__proto__', 'a.constructor'].map((name) => takes(bus, name, 1))).toEqual([false, false]);
    expect(['constructor', 'a.__proto__', 'toString', '__proto__.a'].map((name) => takes(bus, name, 1))).toEqual([
      true,
      true,
      true,
      true,
    ]);
  });

  it('G5 are not asked for the types of the bus', async () => {
    const wire = new Wire();
    const { schema, asked } = counted();
    const [one, two] = [0, 1].map(() => createEventBus({ transports: [wire.transport()], schemas: { '**': schema } }));
    two?.respond('question', () => 'answer');
    expect(await one?.request('question', 'data')).toBe('answer');
    expect(new Set(asked.mock.calls.flat())).toEqual(new Set(['data']));
  });
});

describe('a rule', () => {
  it.each<[string, unknown, string]>([
    ['no schema', {}, 'schemas["a"] is an object. Give it a Standard Schema'],
    ['a schema that is none', { schema: { parse: (): void => {} } }, 'schemas["a"] is an object. Give it'],
    ['an arrival that is none', { schema: z.any(), arrival: true }, 'schemas["a"].arrival is true. Give it'],
    ['an arrival of null', { schema: z.any(), arrival: null }, 'schemas["a"].arrival is null. Give it'],
    ...[0, -1, 1.5, Number.NaN, 2 ** 53, '', 'x'.repeat(257), null, {}].map((version): [string, unknown, string] => [
      `the version ${JSON.stringify(version)}`,
      { schema: z.any(), version },
      'Give it a whole number, 1 or more, or a text of 1 to 256 characters',
    ]),
  ])('G5 is refused with %s', (_, rule, text) => {
    const make = (): unknown => createEventBus({ schemas: { a: rule as SchemaRule } });
    expect(make).toThrow(InvalidOptionError);
    expect(make).toThrow(text);
  });

  it.each<number | string>([1, 2 ** 53 - 1, '2024-05', 'x'.repeat(256)])('G5 may have the version %j', (version) => {
    const bus = createEventBus({ schemas: { a: { schema: z.any(), version, arrival: undefined } } });
    expect(bus.emit('a').event.metadata).toEqual({ schemaVersion: version });
  });

  it('G5 has a version that nobody forges: neither who emits, nor who gives an event whole, nor a middleware', async () => {
    const bus = createEventBus({ schemas: { a: { schema: z.any(), version: 2 }, b: z.any() } });
    const forged = { schemaVersion: 9, tenant: 't' };
    expect(bus.emit('a', 1, { metadata: forged }).event.metadata).toEqual({ schemaVersion: 2, tenant: 't' });
    expect(bus.emit({ type: 'a', data: 1, metadata: forged }).event.metadata).toEqual({
      schemaVersion: 2,
      tenant: 't',
    });
    expect(bus.emit('b', 1, { metadata: forged }).event.metadata, 'where no version is known').toEqual(forged);
    bus.use((_, next) => void next({ metadata: forged }));
    expect(bus.emit('a', 1).event.metadata).toEqual({ schemaVersion: 2, tenant: 't' });
    bus.use((_, next) => void next({ metadata: {} }), { priority: -1 });
    const { metadata } = bus.emit('a', 1).event;
    expect([metadata, Object.isFrozen(metadata), forged.schemaVersion]).toEqual([{ schemaVersion: 2 }, true, 9]);
  });

  it('G5 has its version in the store and on every node, whether these have schemas or not', async () => {
    const wire = new Wire();
    const store = memoryStore();
    const schemas = { 'a.*': { schema: z.string(), version: '2024-05' } };
    const bus = createEventBus({ transports: [wire.transport()], store, schemas });
    const seen: unknown[] = [];
    for (const options of [{}, { schemas }, { schemas: { a: { schema: z.string(), version: 7 } } }]) {
      createEventBus({ ...options, transports: [wire.transport()] }).on('**', (event) => seen.push(event.metadata));
    }
    await bus.emit('a.b', 'x').persisted;
    await bus.idle();
    expect(seen).toEqual(Array.from({ length: 3 }, () => ({ schemaVersion: '2024-05' })));
    const { value } = await bus.history().next();
    expect(value?.event.metadata).toEqual({ schemaVersion: '2024-05' });
  });
});

describe.each<[string, StandardSchema]>([
  ['a synchronous schema', z.string()],
  ['an asynchronous schema', z.any().refine(async (value) => typeof value === 'string')],
])('what %s refuses', (kind, schema) => {
  it.each(['strict', 'relaxed'] as const)('G5 is neither stored nor sent, with durability %s', async (durability) => {
    const wire = new Wire();
    const store = memoryStore();
    const onError = vi.fn();
    const bus = createEventBus({
      transports: [wire.transport()],
      store,
      durability,
      schemas: { 'a.*': schema },
      onError,
    });
    const handled = vi.fn();
    bus.on('**', handled);
    if (kind.startsWith('a sync')) expect(() => bus.emit('a.b', 1)).toThrow(SchemaError);
    else expect(await bus.emit('a.b', 1)).toMatchObject({ status: 'vetoed', vetoedBy: 'schema' });
    await bus.idle();
    expect([handled.mock.calls, wire.events, (await bus.history().next()).done]).toEqual([[], [], true]);
    await bus.emit('a.b', 'good').persisted;
    await bus.idle();
    expect([handled.mock.calls.length, wire.events.length]).toEqual([1, 1]);
    expect((await bus.history().next()).value?.event.data).toBe('good');
  });
});

describe('what a middleware makes of data', () => {
  it('G5 is checked again: refused, the event is vetoed and nothing behind sees it', async () => {
    const wire = new Wire();
    const onError = vi.fn();
    const store = memoryStore();
    const bus = createEventBus({ transports: [wire.transport()], store, schemas: { price: z.number() }, onError });
    const handled = vi.fn();
    bus.on('**', handled);
    bus.use((_, next) => void next({ data: 'anything' }));
    const result = await bus.emit('price', 7);
    expect(result).toMatchObject({ status: 'vetoed', vetoedBy: 'schema', delivered: 0 });
    expect(result.failures).toMatchObject([{ stage: 'schema', by: 'schema', error: { name: 'SchemaError' } }]);
    expect(onError.mock.calls).toEqual([[result.failures[0]]]);
    await bus.idle();
    expect([handled.mock.calls, wire.events, (await bus.history().next()).done]).toEqual([[], [], true]);
    expect(bus.stats()).toMatchObject({ vetoed: 1, failures: 1, inFlight: 0, queued: 0 });
  });

  it('G5 is what the schema makes of it, before the handlers start in emit', () => {
    const bus = createTestEventBus({ schemas: { user: z.object({ name: z.string() }) } });
    const seen: unknown[] = [];
    bus.on('user', ({ data }) => seen.push(data));
    bus.use((event, next) => void next({ data: { ...(event.data as object), secret: 1 } }));
    bus.emit('user', { name: 'ada' });
    expect(seen).toEqual([{ name: 'ada' }]);
  });

  it('G5 is not checked when it is the same, whatever else has changed', () => {
    const { schema, asked } = counted();
    const bus = createTestEventBus({ schemas: { a: { schema, version: 1 } } });
    bus.use((event, next) => void next(event));
    bus.use((event, next) => void next({ data: event.data, metadata: { more: 1 }, priority: 3 }));
    bus.use((_, next) => void next());
    const { event } = bus.emit('a', Number.NaN);
    expect(asked).toHaveBeenCalledTimes(1);
    expect([event.metadata, event.priority]).toEqual([{ more: 1, schemaVersion: 1 }, 3]);
  });

  it('G5 is for `arrival` to check, which takes the output of a schema that does not take its own', async () => {
    const asNumber = z.string().transform(Number);
    const rules: [StandardSchema | SchemaRule, string][] = [
      [asNumber, 'vetoed'],
      [{ schema: asNumber, arrival: z.number() }, 'delivered'],
      [{ schema: asNumber, arrival: z.number().min(100) }, 'vetoed'],
      [{ schema: asNumber, arrival: false }, 'delivered'],
    ];
    for (const [rule, status] of rules) {
      const bus = createTestEventBus({ schemas: { price: rule } });
      bus.use((event, next) => void next({ data: (event.data as number) + 1 }));
      expect((await bus.emit('price', '7')).status).toBe(status);
    }
  });

  it('G5 waits for an asynchronous schema, as emit does, and lets go when that refuses or the bus closes', async () => {
    const { schema, asked } = counted(async (value) => (value === 'bad' ? { issues: [{ message: 'no' }] } : { value }));
    const bus = createTestEventBus({ schemas: { a: { schema: z.any(), arrival: schema } } });
    const handled: unknown[] = [];
    bus.on('a', ({ data }) => handled.push(data));
    bus.use((event, next) => next({ data: String(event.data).toLowerCase() }));
    const emissions = [bus.emit('a', 'GOOD'), bus.emit('a', 'BAD')];
    expect([handled, bus.stats().inFlight]).toEqual([[], 2]);
    expect(await Promise.all(emissions)).toMatchObject([
      { status: 'delivered' },
      { status: 'vetoed', vetoedBy: 'schema' },
    ]);
    expect([handled, asked.mock.calls.flat()]).toEqual([['good'], ['good', 'bad']]);
    const late = bus.emit('a', 'LATE');
    await bus.close();
    expect([(await late).status, handled]).toEqual(['dropped', ['good']]);
  });

  it('G5 vetoes when the schema itself throws at it', async () => {
    const { schema } = counted((value) => {
      if (value === 2) throw new TypeError('mend the schema');
      return { value };
    });
    const bus = createTestEventBus({ schemas: { a: schema } });
    bus.use((_, next) => void next({ data: 2 }));
    expect(await bus.emit('a', 1)).toMatchObject({ status: 'vetoed', failures: [{ error: { name: 'TypeError' } }] });
  });
});

describe('a schema that answers with anything', () => {
  const odd: [string, unknown][] = [
    ['undefined', undefined],
    ['null', null],
    ['a number', 5],
    ['an empty object', {}],
    ['issues that are a text', { issues: 'x' }],
    ['issues that are null', { issues: null, value: 1 }],
    ['issues of nothing', { issues: [null] }],
    ['issues without words', { issues: [{ message: 5 }] }],
    [
      'issues with a path that is none',
      {
        issues: [
          {
            message: 'no',
            path: 5,
            get path2() {
              return 1;
            },
          },
          null,
        ],
      },
    ],
    [
      'a result that cannot be read',
      {
        get issues(): never {
          throw new Error('unreadable');
        },
      },
    ],
  ];

  it.each(odd)('G5 refuses the event: %s, at once or later', async (_, answer) => {
    const bus = createTestEventBus({
      schemas: { now: counted(() => answer).schema, late: counted(async () => answer).schema },
    });
    expect(() => bus.emit('now', 1)).toThrow(SchemaError);
    expect(await bus.emit('late', 1)).toMatchObject({
      status: 'vetoed',
      failures: [{ error: { name: 'SchemaError' } }],
    });
  });

  it('G5 may be a thenable that is no promise, and do with it what it likes', async () => {
    const thenable = (then: unknown) => counted(() => ({ then })).schema;
    const bus = createTestEventBus({
      schemas: {
        good: thenable((ok: (value: unknown) => void) => ok({ value: 2 })),
        throwing: thenable(() => {
          throw new Error('no');
        }),
        refusing: thenable((_: unknown, no: (error: unknown) => void) => no(new Error('no'))),
        twice: thenable((ok: (value: unknown) => void, no: (error: unknown) => void) => {
          ok({ value: 3 });
          no(new Error('late'));
        }),
      },
    });
    const types = ['good', 'throwing', 'refusing', 'twice'];
    const results = await Promise.all(types.map((name) => bus.emit(name, 1)));
    expect(results.map(({ status, event }) => [status, event.data])).toEqual([
      ['delivered', 2],
      ['vetoed', 1],
      ['vetoed', 1],
      ['delivered', 3],
    ]);
  });

  it('G5 says the first ten of very many issues in its message, and has all of them', () => {
    const issues = Array.from({ length: 100_000 }, (_, i) => ({ message: 'x'.repeat(1000), path: [i] }));
    const error = new SchemaError('a', issues);
    expect([error.issues.length, error.message.length < 6000]).toEqual([100_000, true]);
    expect(error.message).toContain('; and 99990 more. Emit data that its schema takes.');
  });
});

describe('what was checked before', () => {
  it('G5, S8 is not checked again when it is replayed, nor its version changed', async () => {
    const { schema, asked } = counted();
    const bus = createTestEventBus({ schemas: { a: { schema, version: 2 } } });
    const { event } = await bus.emit({ type: 'a', data: 1, metadata: { schemaVersion: 1 }, replay: {} });
    expect([asked.mock.calls, event.metadata]).toEqual([[], { schemaVersion: 1, replayed: true }]);
  });

  it('G5, S6 is not checked again when it is read back from the store', async () => {
    const { schema, asked } = counted();
    const store = memoryStore();
    await createEventBus({ store }).emit('a', 'old and bad').persisted;
    const bus = createTestEventBus({ store, schemas: { a: schema } });
    const seen: unknown[] = [];
    bus.on('a', ({ data }) => void seen.push(data), { durable: 'reader', from: 'all' });
    await expect.poll(() => seen).toEqual(['old and bad']);
    expect(asked).not.toHaveBeenCalled();
    await bus.close();
  });
});

it('G5 has whole records of other nodes asked for once each', () => {
  const wire = new Wire();
  const { schema, asked } = counted();
  const bus = createTestEventBus({ transports: [wire.transport()], schemas: { '**': schema } });
  bus.on('**', () => {});
  wire.inject([recordFrom('b', 1), recordFrom('b', 1), recordFrom('b', 2)]);
  expect(asked.mock.calls).toEqual([[1], [2]]);
});
