import { type } from 'arktype';
import * as v from 'valibot';
import { describe, expect, it, vi } from 'vitest';
import * as z from 'zod';
import { type BusOptions, createEventBus, type EventBus, InvalidOptionError, SchemaError } from '../../index.js';
import { memoryStore } from '../../stores/memory.js';
import { createTestEventBus } from '../../testing/index.js';

type Schema = NonNullable<BusOptions['schemas']>[string];

/** A user: a name that is trimmed, an age that may come as text, a role that is there by default, and nothing else. */
const users: [string, Schema][] = [
  [
    'zod',
    z.object({
      name: z.string().trim().min(1),
      address: z.object({ city: z.string() }).optional(),
      age: z.coerce.number().int(),
      role: z.string().default('guest'),
    }),
  ],
  [
    'valibot',
    v.object({
      name: v.pipe(v.string(), v.trim(), v.minLength(1)),
      address: v.optional(v.object({ city: v.string() })),
      age: v.pipe(v.union([v.string(), v.number()]), v.transform(Number), v.integer()),
      role: v.optional(v.string(), 'guest'),
    }),
  ],
  [
    'arktype',
    type({
      '+': 'delete',
      name: 'string.trim |> string > 0',
      'address?': { city: 'string' },
      age: 'string.integer.parse | number.integer',
      role: "string = 'guest'",
    }),
  ],
];

const coupons: [string, Schema][] = [
  ['zod', z.object({ code: z.string().refine(async (code) => code === 'SAVE10', 'unknown code') })],
  [
    'valibot',
    v.objectAsync({
      code: v.pipeAsync(
        v.string(),
        v.checkAsync(async (code) => code === 'SAVE10', 'unknown code'),
      ),
    }),
  ],
];

function thrownBy(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  return undefined;
}

/** A bus with a schema for `user.created`, and what its handlers got. */
function checked(schema: Schema, options: BusOptions = {}): { bus: EventBus; handled: unknown[] } {
  const bus = createEventBus({ ...options, schemas: { 'user.created': schema } });
  const handled: unknown[] = [];
  bus.on('**', (event) => void handled.push(event.data));
  return { bus, handled };
}

describe.each(users)('a schema of %s', (vendor, schema) => {
  it('G5 is checked in emit, which throws what is wrong and where', () => {
    const { bus, handled } = checked(schema);
    const error = thrownBy(() => bus.emit('user.created', { name: 7, age: 30, address: { city: null } }));
    expect(error).toBeInstanceOf(SchemaError);
    expect(error).toMatchObject({ code: 'INVALID_DATA', type: 'user.created' });
    const { issues, message } = error as SchemaError;
    const paths = issues.map(({ path = [] }) =>
      Array.from(path, (step) => (typeof step === 'object' ? step.key : step)),
    );
    expect(paths).toContainEqual(['name']);
    expect(paths).toContainEqual(['address', 'city']);
    expect(message).toContain('[crosstown] The data of "user.created" is not valid: data.');
    expect(message).toContain('data.address.city: ');
    expect(handled).toEqual([]);
  });

  it('G5 has its output as the data of the event: trimmed, converted, with defaults, without the rest', async () => {
    const { bus, handled } = checked(schema);
    const given = { name: ' ada ', age: '36', isAdmin: true };
    const { event } = await bus.emit('user.created', given);
    const made = { name: 'ada', age: 36, role: 'guest' };
    expect(handled).toEqual([made]);
    expect(event.data).toEqual(made);
    expect(given, 'the emitter keeps what it gave').toEqual({ name: ' ada ', age: '36', isAdmin: true });
  });

  it('G5 lets handlers start in emit', () => {
    const { bus, handled } = checked(schema);
    bus.emit('user.created', { name: 'ada', age: 36 });
    expect(handled).toHaveLength(1);
  });

  it('G5 leaves nothing behind of what it refuses: no event, no record, no count, no turn in the order', async () => {
    const store = memoryStore();
    const { bus, handled } = checked(schema, { store });
    const seen = vi.fn();
    bus.inspect(seen);
    expect(() => bus.emit('user.created', {})).toThrow(SchemaError);
    expect(() => bus.emit({ type: 'user.created', data: {} })).toThrow(SchemaError);
    expect(bus.stats()).toMatchObject({ emitted: 0, failures: 0, inFlight: 0, queued: 0 });
    expect(seen).not.toHaveBeenCalled();
    await bus.emit('user.created', { name: 'ada', age: 36 }).persisted;
    expect(handled).toHaveLength(1);
    const stored: unknown[] = [];
    for await (const { event } of bus.history()) stored.push(event.data);
    expect(stored).toEqual([{ name: 'ada', age: 36, role: 'guest' }]);
  });

  it('G5 throws into a handler that emits what it refuses, as into everybody', async () => {
    const { bus } = checked(schema, { onError: () => {} });
    bus.on('order', (_, delivery) => void delivery.emit('user.created', { name: '' }));
    const { failures } = await bus.emit('order');
    expect(failures).toMatchObject([{ stage: 'handler', error: { name: 'SchemaError' } }]);
  });

  it('G5 is asked of its own type alone', () => {
    const { bus, handled } = checked(schema);
    bus.emit('user.created.twice', vendor);
    bus.emit('user', undefined);
    expect(handled).toEqual([vendor, undefined]);
  });
});

describe.each(coupons)('an asynchronous schema of %s', (_, schema) => {
  it('G5 makes handlers start when it has said yes', async () => {
    const { bus, handled } = checked(schema);
    const emission = bus.emit('user.created', { code: 'SAVE10' });
    expect(handled).toEqual([]);
    expect(await emission).toMatchObject({ status: 'delivered', delivered: 1, failures: [] });
    expect(handled).toEqual([{ code: 'SAVE10' }]);
  });

  it('G5 vetoes what it refuses: a failure in the result, and no handler is called', async () => {
    const onError = vi.fn();
    const store = memoryStore();
    const { bus, handled } = checked(schema, { onError, store });
    const emission = bus.emit('user.created', { code: 'FREE' });
    const result = await emission;
    expect(result).toMatchObject({ status: 'vetoed', vetoedBy: 'schema', delivered: 0 });
    expect(result.failures).toMatchObject([{ stage: 'schema', error: { name: 'SchemaError', type: 'user.created' } }]);
    expect(String(result.failures[0]?.error)).toContain('data.code: unknown code');
    expect(onError.mock.calls).toEqual([[result.failures[0]]]);
    expect(await emission.persisted).toBeUndefined();
    expect((await bus.history().next()).done).toBe(true);
    expect(bus.stats()).toMatchObject({ vetoed: 1, failures: 1, inFlight: 0 });
    expect(handled).toEqual([]);
  });

  it('G5 is waited for by idle', async () => {
    const { bus, handled } = checked(schema);
    bus.emit('user.created', { code: 'SAVE10' });
    await bus.idle();
    expect(handled).toHaveLength(1);
  });
});

describe('schemas', () => {
  it('G5 may be of several libraries on one bus', () => {
    const bus = createEventBus({ schemas: { a: z.string(), b: v.number(), c: type('boolean') } });
    expect([bus.emit('a', 'x'), bus.emit('b', 1), bus.emit('c', true)]).toHaveLength(3);
    for (const [name, data] of Object.entries({ a: 1, b: true, c: 'x' })) {
      const error = thrownBy(() => bus.emit(name, data));
      expect(error, name).toBeInstanceOf(SchemaError);
      expect((error as SchemaError).message, name).toContain(`The data of "${name}" is not valid: data: `);
    }
  });

  it('G5 is what a middleware stands behind: it sees checked data, and what it makes of that is checked, too', async () => {
    const bus = createTestEventBus({ schemas: { price: z.coerce.number() } });
    const seen: unknown[] = [];
    bus.use((event, next) => {
      seen.push(event.data);
      next({ data: '8' });
    });
    const { event } = await bus.emit('price', '7');
    expect([seen, event.data]).toEqual([[7], 8]);
  });

  it('G5 has the order of emission kept among events that need no check', async () => {
    const [, [, schema]] = coupons as [unknown, [string, Schema]];
    const { bus, handled } = checked(schema);
    const late = bus.emit('user.created', { code: 'SAVE10' });
    bus.emit('ping', 1);
    bus.emit('ping', 2);
    await late;
    expect(handled).toEqual([1, 2, { code: 'SAVE10' }]);
    expect(late.event.id < bus.emit('ping', 3).event.id).toBe(true);
  });

  it('G5 vetoes when an asynchronous schema itself fails', async () => {
    const down = v.checkAsync(async (_: string): Promise<boolean> => {
      throw new TypeError('the service is down');
    });
    const bus = createTestEventBus({ schemas: { a: v.pipeAsync(v.string(), down) } });
    const result = await bus.emit('a', 'x');
    expect(result).toMatchObject({ status: 'vetoed', vetoedBy: 'schema' });
    expect(result.failures).toMatchObject([{ stage: 'schema', error: { name: 'TypeError' } }]);
  });

  it('G5 throws what a synchronous schema itself throws, out of emit', () => {
    const broken = v.check((_: string): boolean => {
      throw new TypeError('mend the schema');
    });
    const { bus, handled } = checked(v.pipe(v.string(), broken));
    expect(() => bus.emit('user.created', 'x')).toThrow('mend the schema');
    expect([handled, bus.stats().emitted]).toEqual([[], 0]);
  });

  it('G5 names types like __proto__ as any other', () => {
    const schemas = Object.fromEntries([['__proto__', z.string()]]);
    const bus = createEventBus({ schemas });
    expect(() => bus.emit('__proto__', 1)).toThrow(SchemaError);
    expect(() => bus.emit('constructor', 1)).not.toThrow();
  });

  it.each([[undefined], [null], [{}], [(): boolean => true], [{ '~standard': {} }]])('G5 are none of %s', (schema) => {
    const schemas = { a: schema } as unknown as NonNullable<BusOptions['schemas']>;
    expect(() => createEventBus({ schemas })).toThrow(InvalidOptionError);
  });
});
