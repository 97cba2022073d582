import { describe, expect, it, vi } from 'vitest';
import { createEventBus, type Failure } from '../../index.js';
import { memoryStore } from '../../stores/memory.js';
import { SimulatedClock } from '../../testing/index.js';
import { recordFrom, Wire } from '../border/wire.test.fixture.js';

/** A node whose transport hands records over as they are: in one process nothing copies them. */
function node(options: Parameters<typeof createEventBus>[0] = {}) {
  const wire = new Wire();
  const failures: Failure[] = [];
  const clock = new SimulatedClock();
  const bus = createEventBus({
    transports: [wire.transport()],
    onError: (failure) => failures.push(failure),
    clock,
    ...options,
  });
  return { wire, bus, failures, clock };
}

/** An object that says something else each time it is asked. */
function changing(values: Readonly<Record<string, readonly unknown[]>>, base: object): object {
  const reads = new Map<PropertyKey, number>();
  return new Proxy(base, {
    get(target, key, receiver) {
      const answers = typeof key === 'string' ? values[key] : undefined;
      if (answers === undefined) return Reflect.get(target, key, receiver);
      const read = reads.get(key) ?? 0;
      reads.set(key, read + 1);
      return answers[Math.min(read, answers.length - 1)];
    },
  });
}

const revoked = (): object => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
};

describe('a record that is not copied on its way', () => {
  it.each<[field: string, lie: unknown]>([
    ['id', { toString: () => 'x' }],
    ['type', '$hello'],
    ['type', 'not a type'],
    ['source', null],
    ['correlationId', 7],
    ['causationId', {}],
    ['priority', Number.NaN],
    ['timestamp', 'yesterday'],
    ['ttlMs', -5],
    ['node', null],
    ['seq', -1],
  ])('T5 is handled as it was when it was checked, though its %s would be %o later', async (field, lie) => {
    const { wire, bus, failures } = node({ store: memoryStore() });
    const seen: object[] = [];
    bus.on('ping', (event) => seen.push(event.toRecord()));
    const honest = recordFrom('b', 1, { causationId: 'c', ttlMs: 1e15 });
    wire.inject([changing({ [field]: [Reflect.get(honest, field), lie] }, honest)]);
    await bus.idle();
    const { node: _, seq: __, ...expected } = honest;
    expect(seen).toEqual([expected]);
    expect(bus.nodes.map(({ id }) => id)).toEqual(['b']);
    expect(failures).toEqual([]);
  });

  it('E7 cannot be changed by a handler, nor by its sender once it has arrived', () => {
    const { wire, bus } = node();
    const seen: unknown[] = [];
    const record = recordFrom('b', 1, { metadata: { tenant: 'a' } });
    const change = (): void => {
      (record.metadata as Record<string, unknown>)['tenant'] = 'changed by its sender';
      (record as { source: string }).source = 'changed by its sender';
    };
    bus.on('ping', ({ metadata }) => {
      change();
      expect(() => Object.assign(metadata, { tenant: 'changed by a handler' })).toThrow(TypeError);
    });
    bus.on('ping', ({ metadata, source }) => seen.push(metadata['tenant'], source));
    wire.inject([record]);
    expect(seen).toEqual(['a', 'other']);
  });

  it('T5 is dropped when a field of it, or of its metadata, cannot be read, and the next one is taken', async () => {
    const { wire, bus, failures } = node({ store: memoryStore({ shared: true }) });
    const seen: unknown[] = [];
    bus.on('ping', ({ data }) => seen.push(data));
    const throwing = (field: string) =>
      Object.defineProperty(recordFrom('b', 1), field, {
        get: () => {
          throw new Error('no');
        },
      });
    const fields = ['v', 'id', 'type', 'data', 'metadata', 'node', 'seq', 'offset'];
    const metadata = {
      get secret(): never {
        throw new Error('no');
      },
    };
    wire.inject([
      ...fields.map(throwing),
      revoked(),
      recordFrom('b', 1, { metadata: revoked() }),
      recordFrom('b', 1, { metadata }),
    ]);
    wire.inject([recordFrom('b', 5)]);
    await bus.idle().catch(() => {});
    expect(seen).toEqual([5]);
    expect(bus.stats()).toMatchObject({ received: 1, dropped: fields.length + 3, failures: 0 });
    expect(failures).toEqual([]);
  });

  it('T5 is taken with data that cannot be read: that is its handler’s to find out', async () => {
    const { wire, bus, failures } = node({ freeze: true });
    bus.on('ping', ({ data }) => Object.keys(data as object));
    wire.inject([recordFrom('b', 1)]);
    wire.inject([recordFrom('b', 2, { data: revoked() }), recordFrom('b', 3, { data: {} })]);
    await bus.idle();
    expect(failures.length).toBeLessThanOrEqual(1);
    expect(bus.stats().received + bus.stats().dropped).toBe(3);
  });
});

describe('data with a then', () => {
  it('D11 is never awaited: not as data, nor as metadata, here or from elsewhere, in requests or out of a store', async () => {
    const asked = vi.fn();
    const hijack = (): unknown => {
      asked();
      return (resolve: (value: unknown) => void) => resolve('hijacked');
    };
    const thenable = (): object => Object.defineProperty({}, 'then', { get: hijack });
    const { wire, bus } = node();
    const seen: unknown[] = [];
    bus.on('**', ({ data }) => seen.push(data));
    const data = thenable();
    const result = await bus.emit('a', data, { local: true, metadata: { data } });
    expect(result.event.data === data).toBe(true);
    wire.inject([recordFrom('b', 1, { data })]);
    expect(asked).not.toHaveBeenCalled();
    expect(seen.map((one) => one === data)).toEqual([true, true]);
  });

  it('R1 is what a promise makes of it where it is an answer, as everywhere in the language', async () => {
    const { bus } = node();
    const then = (resolve: (value: unknown) => void): void => resolve('made');
    bus.respond('ask', () => Object.defineProperty({}, 'then', { value: then }));
    expect(await bus.request('ask', undefined, { local: true })).toBe('made');
  });
});

describe('an object that is given to emit', () => {
  it('D10 is read once: what was checked is what is emitted', () => {
    const { bus } = node();
    const seen: unknown[] = [];
    bus.on('**', ({ id, source, correlationId, priority }) => seen.push([id, source, correlationId, priority]));
    const init = { type: 'a', data: 1, id: 'i', source: 's', correlationId: 'c', priority: 1, metadata: {} };
    const lies = { id: ['i', 5], source: ['s', null], correlationId: ['c', {}], priority: [1, Number.NaN] };
    let emitted = 0;
    try {
      bus.emit(changing(lies, init) as typeof init);
      emitted++;
    } catch {
      // Refused is well, too.
    }
    expect(seen).toEqual(emitted === 0 ? [] : [['i', 's', 'c', 1]]);
  });
});
