import { describe, expect, it } from 'vitest';
import { type BusOptions, createEventBus, type EventBus, type Failure, SerializationError } from '../../index.js';
import { Log } from './log.test.fixture.js';
import { Wire } from './wire.test.fixture.js';

/** Two nodes on one wire: what is handled at either, and what goes wrong at the first. */
function pair(options: BusOptions = {}): {
  here: EventBus;
  handledHere: unknown[];
  handledThere: unknown[];
  failures: Failure[];
} {
  const wire = new Wire();
  const [handledHere, handledThere, failures]: [unknown[], unknown[], Failure[]] = [[], [], []];
  const there = createEventBus({ transports: [wire.transport()] });
  there.on('**', (event) => handledThere.push(event.data));
  const onError = (failure: Failure): number => failures.push(failure);
  const here = createEventBus({ transports: [wire.transport()], onError, ...options });
  here.on('**', (event) => handledHere.push(event.data));
  return { here, handledHere, handledThere, failures };
}

class Money {
  amount = 1;
}

const revoked = (): object => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
};

describe('a value that structured clone refuses', () => {
  const throwing = {
    get total(): number {
      throw new Error('not yet');
    },
  };

  it.each<[what: string, data: unknown, path: string, problem: string]>([
    ['a function as data', () => {}, 'data', 'a function'],
    ['a function in an object', { save: () => {} }, 'data.save', 'a function'],
    ['a symbol deep in arrays', { rows: [{ ok: 1 }, { bad: [1, Symbol('x')] }] }, 'data.rows[1].bad[1]', 'a symbol'],
    ['a function in a Map', new Map([['key', { run() {} }]]), 'data{0}.value.run', 'a function'],
    ['a function as the key of a Map', new Map([[() => {}, 1]]), 'data{0}.key', 'a function'],
    ['a function in a Set', new Set([1, () => {}]), 'data{1}', 'a function'],
    ['a function on an array', Object.assign([1], { sum() {} }), 'data[sum]', 'a function'],
    ['a function as the cause of an error', new Error('x', { cause: () => {} }), 'data.cause', 'a function'],
    ['a promise', { later: Promise.resolve() }, 'data.later', 'an instance of Promise'],
    ['a WeakMap', new WeakMap(), 'data', 'an instance of WeakMap'],
    ['a proxy', { draft: new Proxy({}, {}) }, 'data.draft', 'an object that cannot be cloned'],
    ['a revoked proxy', { draft: revoked() }, 'data.draft', 'an object that cannot be cloned'],
    ['a getter that throws', { cart: throwing }, 'data.cart.total', 'a function'],
  ])('T4 fails its own send alone: %s', async (_, data, path, problem) => {
    const { here, handledHere, handledThere, failures } = pair();
    here.emit('first', 1);
    const bad = here.emit('bad', data);
    here.emit('last', 2);
    await here.idle();
    expect(handledHere).toEqual([1, data, 2]);
    expect(handledThere).toEqual([1, 2]);
    expect(failures).toHaveLength(1);
    const [{ stage, event, error } = {}] = failures;
    expect([stage, event]).toEqual(['transport', bad.event]);
    expect(error).toBeInstanceOf(SerializationError);
    expect(error).toMatchObject({ code: 'NOT_SERIALIZABLE', type: 'bad', path });
    expect((error as Error).message).toContain(`"bad" cannot leave this node: ${path} is ${problem}`);
  });

  it('T4 is found in metadata too', async () => {
    const { here, handledThere, failures } = pair();
    here.emit('bad', 1, { metadata: { trace: { end() {} } } });
    await here.idle();
    expect([handledThere, failures.length]).toEqual([[], 1]);
    expect(failures[0]?.error).toMatchObject({ path: 'metadata.trace.end' });
  });

  it('T4 takes no more than its own place, however many there are in a burst', async () => {
    const { here, handledThere, failures } = pair();
    for (let i = 0; i < 1000; i++) here.emit('mixed', i % 2 === 0 ? i : () => {});
    await here.idle();
    expect(handledThere).toEqual(Array.from({ length: 500 }, (_, i) => 2 * i));
    expect(failures).toHaveLength(500);
  });

  it('T4 fails `persisted` where it would have been stored, and is not sent', async () => {
    const log = new Log();
    const { here, handledThere, failures } = pair({
      store: Object.assign(log, {
        async append() {
          throw new SerializationError('bad', 'data.save', 'a function');
        },
      }),
    });
    await expect(here.emit('bad', { save() {} }).persisted).rejects.toBeInstanceOf(SerializationError);
    await here.idle();
    expect([handledThere, failures.map(({ stage }) => stage)]).toEqual([[], ['store']]);
  });

  it('T4 is inspected as dropped', async () => {
    const { here } = pair();
    const dropped: unknown[] = [];
    here.inspect((one) => one.kind === 'dropped' && dropped.push([one.reason, one.event?.type, one.transport]));
    here.emit('bad', () => {});
    await here.idle();
    expect(dropped).toEqual([['not-serializable', 'bad', 'wire']]);
  });
});

describe('what structured clone carries', () => {
  it('T4 arrives as it was', async () => {
    const { here, handledThere, failures } = pair();
    const loop: { self?: unknown } = {};
    loop.self = loop;
    const data = {
      ...{ map: new Map([[1, 'a']]), set: new Set(['b']), date: new Date(0), big: 12n, pattern: /x/g },
      ...{ bytes: new Uint8Array([1, 2]), not: Number.NaN, minus: -0, none: undefined, list: [1, undefined, null] },
      ...{ loop, error: new RangeError('out of it', { cause: 'why' }) },
    };
    here.emit('rich', data);
    here.emit('none');
    await here.idle();
    expect(failures).toEqual([]);
    expect(handledThere).toEqual([data, undefined]);
  });
});

describe('maxBytes', () => {
  const limited = (): ReturnType<typeof pair> & { dropped: string[] } => {
    const wire = new Wire();
    const there = createEventBus({ transports: [wire.transport()] });
    const [handledHere, handledThere, failures]: [unknown[], unknown[], Failure[]] = [[], [], []];
    there.on('**', (event) => handledThere.push(event.type));
    const transports = [wire.transport({ maxBytes: 5000 })];
    const here = createEventBus({ transports, onError: (failure) => failures.push(failure) });
    here.on('**', (event) => handledHere.push(event.type));
    const dropped: string[] = [];
    here.inspect((one) => one.kind === 'dropped' && dropped.push(one.reason));
    return { here, handledHere, handledThere, failures, dropped };
  };

  const nested = (): unknown => {
    let value: unknown = 1;
    for (let depth = 0; depth < 1000; depth++) value = [value];
    return value;
  };

  it.each<[what: string, data: unknown]>([
    ['a long text', 'x'.repeat(6000)],
    ['texts in a list', Array.from({ length: 100 }, () => 'x'.repeat(60))],
    ['many numbers', Array.from({ length: 1000 }, (_, i) => i)],
    ['long keys', Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`${'k'.repeat(60)}${i}`, 1]))],
    ['a buffer', new ArrayBuffer(6000)],
    ['a small view of a large buffer, which would be copied whole', new Uint8Array(new ArrayBuffer(6000), 0, 4)],
    ['a Map', new Map([['k', 'x'.repeat(6000)]])],
    ['a Set', new Set(['x'.repeat(6000)])],
    ['an error', new Error('x'.repeat(6000))],
    ['an instance of a class', Object.assign(new Money(), { note: 'x'.repeat(6000) })],
    ['an object without a prototype', Object.assign(Object.create(null), { note: 'x'.repeat(6000) })],
    ['an array that is long and empty', new Array(2 ** 32 - 1)],
    ['deep nesting', nested()],
  ])('T4 refuses %s beyond it, and the rest goes on', async (_, data) => {
    const { here, handledHere, handledThere, failures, dropped } = limited();
    here.emit('before', 'y'.repeat(3000));
    here.emit('large', data);
    here.emit('after');
    await here.idle();
    expect(handledHere).toEqual(['before', 'large', 'after']);
    expect(handledThere).toEqual(['before', 'after']);
    expect(failures).toMatchObject([{ stage: 'transport', event: { type: 'large' } }]);
    expect(failures[0]?.error).toBeInstanceOf(SerializationError);
    expect((failures[0]?.error as Error | undefined)?.message).toContain(
      '"large" cannot leave this node: data is larger than 5000 bytes',
    );
    expect(dropped).toEqual(['not-serializable']);
  });

  it('T4 counts metadata as well, on both sides alike', async () => {
    const { here, handledThere, failures } = limited();
    here.emit('large', 'x'.repeat(3000), { metadata: { note: 'x'.repeat(3000) } });
    await here.idle();
    expect(handledThere).toEqual([]);
    expect(failures[0]?.error).toMatchObject({ path: 'the record' });
  });

  it('T4 counts what holds itself or appears often once', async () => {
    const { here, handledThere, failures } = limited();
    const loop: { self?: unknown; note: string } = { note: 'x'.repeat(100) };
    loop.self = [loop];
    here.emit('loop', [loop, loop, loop]);
    await here.idle();
    expect([handledThere, failures]).toEqual([['loop'], []]);
  });
});

describe('checkPayloads', () => {
  const hidden = Object.defineProperty({ shown: 1 }, 'hidden', { value: 1 });
  const loop: { self?: unknown } = {};
  loop.self = { loop };

  it.each<[what: string, data: unknown, path: string, problem: string]>([
    ['an instance of a class', { price: new Money() }, 'data.price', 'an instance of Money'],
    ['an array of a class of its own', new (class Rows extends Array {})(), 'data', 'an instance of Rows'],
    ['a symbol key', { [Symbol('s')]: 1 }, 'data', 'an object with the symbol key Symbol(s)'],
    [
      'a getter',
      {
        get now() {
          return 1;
        },
      },
      'data',
      'an object with the getter "now"',
    ],
    ['a hidden property', [hidden], 'data[0]', 'an object with the hidden property "hidden"'],
    ['an error of a class', new (class Lost extends Error {})('x'), 'data', 'an instance of Lost'],
    [
      'an error with a code',
      Object.assign(new Error('x'), { code: 'E1' }),
      'data',
      'an error with the property "code"',
    ],
    ['an instance in a Map', new Map([[1, new Money()]]), 'data{0}.value', 'an instance of Money'],
    ['an instance in an instance', new Map([[new Set([new Money()]), 1]]), 'data{0}.key{0}', 'an instance of Money'],
    ['a function', { deep: [{ run() {} }] }, 'data.deep[0].run', 'a function'],
    ['a promise', [Promise.resolve()], 'data[0]', 'an instance of Promise'],
    ['a revoked proxy', { draft: revoked() }, 'data.draft', 'an object that cannot be read'],
  ])('T4 names what structured clone would change or refuse: %s', async (_, data, path, problem) => {
    const { here, handledHere, handledThere, failures } = pair({ checkPayloads: true });
    here.emit('bad', data);
    here.emit('good', 1);
    expect(failures).toHaveLength(1);
    await here.idle();
    expect(handledHere).toEqual([data, 1]);
    expect(handledThere).toEqual([1]);
    expect(failures).toHaveLength(1);
    expect(failures[0]?.error).toMatchObject({ code: 'NOT_SERIALIZABLE', type: 'bad', path });
    expect((failures[0]?.error as Error | undefined)?.message).toContain(`${path} is ${problem}.`);
  });

  it('T4 lets pass what structured clone keeps', async () => {
    const { here, handledThere, failures } = pair({ checkPayloads: true });
    const shared = { n: 1 };
    const data = {
      ...{ map: new Map([[shared, [shared]]]), date: new Date(0), big: 1n, bytes: new Uint8Array(2), not: Number.NaN },
      ...{ error: new TypeError('x', { cause: shared }), list: [undefined, -0], loop, bare: Object.create(null) },
    };
    here.emit('rich', data);
    here.emit('none');
    await here.idle();
    expect(failures).toEqual([]);
    expect(handledThere).toHaveLength(2);
  });

  it.each<[what: string, data: unknown, path: string, problem: string]>([
    ['undefined in an object', { a: undefined }, 'data.a', 'undefined'],
    ['NaN', [Number.NaN], 'data[0]', 'NaN'],
    ['infinity', { n: Number.NEGATIVE_INFINITY }, 'data.n', '-Infinity'],
    ['negative zero', { n: -0 }, 'data.n', 'negative zero'],
    ['a bigint', 1n, 'data', 'a bigint'],
    ['a date', { at: new Date(0) }, 'data.at', 'an instance of Date'],
    ['a Map', new Map(), 'data', 'an instance of Map'],
    ['bytes', new Uint8Array(1), 'data', 'an instance of Uint8Array'],
    ['holes', new Array(2), 'data', 'an array with holes or named properties'],
    ['an error', new Error('x'), 'data', 'an instance of Error'],
    ['a loop', loop, 'data.self.loop', 'an object that holds itself'],
  ])('T4 names what JSON would change or refuse: %s', async (_, data, path, problem) => {
    const failures: Failure[] = [];
    const transports = [new Wire().transport({ carries: 'json' })];
    const bus = createEventBus({ transports, checkPayloads: true, onError: (failure) => failures.push(failure) });
    bus.emit('bad', data);
    expect((failures[0]?.error as Error | undefined)?.message).toContain(`${path} is ${problem}.`);
  });

  it('T4 lets pass what JSON keeps: no data at all, and an object that appears twice', async () => {
    const wire = new Wire();
    const failures: Failure[] = [];
    const transports = [wire.transport({ carries: 'json' })];
    const bus = createEventBus({ transports, checkPayloads: true, onError: (failure) => failures.push(failure) });
    const user = { name: 'ada', tags: ['a', null, true] };
    bus.emit('none');
    bus.emit('twice', { author: user, owner: user, all: [user] });
    await bus.idle();
    expect(failures).toEqual([]);
    expect(wire.events).toHaveLength(2);
  });

  it('T4 looks at metadata too', () => {
    const { here, failures } = pair({ checkPayloads: true });
    here.emit('bad', 1, { metadata: { at: [new Money()] } });
    expect(failures[0]?.error).toMatchObject({ path: 'metadata.at[0]' });
  });

  it('T4 leaves a local event that is not stored alone', () => {
    const { here, failures } = pair({ checkPayloads: true });
    here.emit('bad', new Money(), { local: true });
    expect(failures).toEqual([]);
  });

  it('T4 rejects `persisted` at once where the event would have been stored, and leads to its emit', async () => {
    const log = new Log();
    const { here, failures } = pair({ checkPayloads: true, store: log });
    function emitHere(): Promise<unknown> {
      return here.emit('bad', new Money()).persisted;
    }
    await expect(emitHere()).rejects.toBeInstanceOf(SerializationError);
    expect(failures.map(({ stage }) => stage)).toEqual(['store']);
    expect((failures[0]?.error as Error | undefined)?.stack).toContain('emitHere');
    expect(log.records).toEqual([]);
  });
});
