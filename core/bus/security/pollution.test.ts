import { afterEach, describe, expect, it } from 'vitest';
import { replay } from '../../flows/replay.js';
import { createEventBus, type EventInit, type OnOptions } from '../../index.js';
import { logger } from '../../middleware/logger.js';
import { rateLimit } from '../../middleware/rate-limit.js';
import { memoryStore } from '../../stores/memory.js';
import { recordFrom, Wire } from '../border/wire.test.fixture.js';

const names = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', '__defineGetter__'];

/** As JSON brings it: `__proto__` is a key like any other, with what is to be found on every object later. */
const poison = (): Record<string, unknown> =>
  JSON.parse(
    '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}},"prototype":{"polluted":true}}',
  );

const ownKeysOfAll = (): PropertyKey[] =>
  [Object.prototype, Array.prototype, Function.prototype, Map.prototype, Error.prototype].flatMap((one) =>
    Reflect.ownKeys(one),
  );
const before = ownKeysOfAll();

afterEach(() => {
  expect(ownKeysOfAll()).toEqual(before);
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  expect(Object.getPrototypeOf({})).toBe(Object.prototype);
});

describe('nothing is put on the prototype of all objects', () => {
  it('E5 by types named like what every object has', async () => {
    const store = memoryStore();
    const bus = createEventBus({ store, timing: true });
    const heard: string[] = [];
    for (const name of names) {
      bus.on(name, ({ type }) => heard.push(type));
      bus.on(`${name}.*`, ({ type }) => heard.push(type));
      bus.respond(`ask.${name}`, () => name);
      bus.emit(name, poison());
      bus.emit(`${name}.${name}`, poison());
      expect(await bus.request(`ask.${name}`)).toBe(name);
    }
    await bus.idle();
    expect(heard).toEqual(names.flatMap((name) => [name, `${name}.${name}`]));
    expect(bus.subscriptions().length).toBeGreaterThan(names.length);
    for (const name of names) bus.off(name);
    bus.emit('__proto__');
    expect(heard).toHaveLength(2 * names.length);
  });

  it('E7 by metadata, options, whole events and what a middleware makes of them, and each keeps what it was given', async () => {
    const bus = createEventBus({ queue: poison(), ...poison() } as never);
    const heard: (readonly string[])[] = [];
    bus.use(logger({ write: () => {} }));
    bus.use(rateLimit({ limit: 100, windowMs: 1000, key: () => '__proto__' }));
    bus.use((_, next) => void next(poison() as never));
    bus.use(({ metadata }, next) => void next({ metadata: { ...metadata, more: 1 } }));
    bus.on('a', ({ metadata }) => heard.push(Object.keys(metadata)), {
      ...poison(),
      retry: { attempts: 2, ...poison() },
    } as OnOptions);
    bus.emit('a', poison(), { metadata: poison(), ...poison() });
    bus.emit({ ...poison(), type: 'a', data: poison(), metadata: poison() } as EventInit);
    bus.emit(JSON.parse('{"type":"a","data":1,"metadata":{"__proto__":{"polluted":true}},"__proto__":{"priority":9}}'));
    await bus.idle();
    expect(heard).toEqual([
      ['__proto__', 'constructor', 'prototype', 'more'],
      ['__proto__', 'constructor', 'prototype', 'more'],
      ['__proto__', 'more'],
    ]);
  });

  it('G5 by the names of schemas and what a schema makes of data', () => {
    const validate = (value: unknown) => ({ value: Object.assign(Object.create(null), { value }) });
    const schema = { '~standard': { version: 1 as const, vendor: 'test', validate } };
    const schemas = JSON.parse('{"__proto__":1,"constructor":1,"toString":1}');
    for (const name of Object.keys(schemas)) Object.defineProperty(schemas, name, { value: schema });
    const bus = createEventBus({ schemas });
    const checked: unknown[] = [];
    bus.on('**', ({ data }) => checked.push(data));
    for (const name of ['__proto__', 'constructor', 'toString', 'valueOf']) bus.emit(name, name);
    expect(checked).toEqual([{ value: '__proto__' }, { value: 'constructor' }, { value: 'toString' }, 'valueOf']);
  });

  it('T5 by records, which keep their metadata as it is and nothing that this version does not know', () => {
    const wire = new Wire();
    const bus = createEventBus({ transports: [wire.transport()] });
    const seen: unknown[] = [];
    bus.on('**', (event) => seen.push(Object.keys(event.metadata), Object.keys(event.toRecord())));
    const json = JSON.stringify(recordFrom('b', 1, { metadata: 'M' }));
    const text = json
      .replace('"M"', '{"__proto__":{"polluted":true}}')
      .replace('{', '{"__proto__":{"v":2,"request":true},');
    wire.inject([
      JSON.parse(text),
      ...names.map((name, i) => recordFrom(name, i, { id: name, source: name, data: poison() })),
    ]);
    expect(bus.stats()).toMatchObject({ received: 1 + names.length, dropped: 0 });
    expect(seen[0]).toEqual(['__proto__']);
    expect(seen[1]).not.toContain('request');
    expect(bus.nodes.map(({ id }) => id)).toEqual(['b', ...names]);
  });

  it('S4 by what is stored, read back by hostile queries, and handled again', async () => {
    const bus = createEventBus({ store: memoryStore() });
    const heard: string[][] = [];
    const sources: string[] = [];
    bus.on('**', ({ data, metadata, source }) => {
      heard.push(Object.keys(metadata), Object.keys(data as object));
      sources.push(source);
    });
    for (const name of names) {
      await bus.emit({ type: name, data: poison(), metadata: poison(), source: name, correlationId: name }).persisted;
    }
    heard.length = 0;
    sources.length = 0;
    const { replayed } = await replay(bus, {});
    expect([replayed, sources]).toEqual([names.length, names]);
    const keys = ['__proto__', 'constructor', 'prototype'];
    expect(heard).toEqual(names.flatMap(() => [[...keys, 'replayed'], keys]));
    for (const query of [
      { ...poison(), source: '__proto__' },
      { correlationId: '__proto__' },
      { pattern: '__proto__' },
    ]) {
      const found: string[] = [];
      for await (const { event } of bus.history(query)) found.push(event.type);
      expect(found).toEqual(['__proto__']);
    }
  });

  it('S6 by names of durable subscriptions, groups and handlers', async () => {
    const bus = createEventBus({ store: memoryStore(), onError: () => {} });
    const handled: string[] = [];
    for (const name of names) {
      const fail = (): never => {
        handled.push(name);
        throw new Error(name);
      };
      bus.on('a', fail, { durable: name, group: name, name });
    }
    await bus.emit('a').persisted;
    await bus.idle();
    expect([...handled].sort()).toEqual([...names].sort());
    const letters = await bus.deadLetters.list();
    expect(letters.map(({ handler }) => handler.name).sort()).toEqual([...names].sort());
  });
});

describe('toJSON', () => {
  it('E4 of data is not asked when a record is made, and what it throws or claims changes nothing', async () => {
    const wire = new Wire();
    const bus = createEventBus({ transports: [wire.transport()], store: memoryStore(), onError: () => {} });
    const lies = { a: 1, toJSON: () => ({ a: 2, __proto__: { polluted: true } }) };
    const throws = {
      toJSON: () => {
        throw new Error('no');
      },
    };
    for (const data of [lies, throws]) {
      expect(bus.emit('a', data).event.toRecord().data).toBe(data);
      expect(bus.emit('a', data, { local: true }).event.toJSON().data).toBe(data);
    }
    await bus.idle();
    expect(wire.events).toEqual([]);
  });
});
