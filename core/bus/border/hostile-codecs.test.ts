import { describe, expect, it } from 'vitest';
import type { Codec, EventRecord } from '../../index.js';
import { memoryStore } from '../../stores/memory.js';
import { createTestEventBus } from '../../testing/index.js';
import { deferred, reactions } from '../deferred.test.kit.js';
import { recordFrom, Wire } from './wire.test.fixture.js';

const secret = (own: Partial<Codec>): Codec => ({
  name: 'secret',
  covers: (type) => type.startsWith('secret.'),
  encode: (record) => record,
  decode: (record) => record,
  ...own,
});

describe('codecs that misbehave', () => {
  it('G6, T5 loses no more than the record whose codec makes metadata that cannot be read', async () => {
    const wire = new Wire();
    const thrower = {
      get bad(): never {
        throw new Error('no');
      },
    };
    const bus = createTestEventBus({
      transports: [wire.transport()],
      codecs: [
        secret({
          decode: async (record) => (record.data === 1 ? ({ ...record, metadata: thrower } as EventRecord) : record),
        }),
      ],
    });
    const heard: unknown[] = [];
    bus.on('**', ({ data }) => void heard.push(data));
    wire.inject([1, 2, 3].map((n) => recordFrom('far', n, { type: 'secret.a', data: n })));
    wire.inject([recordFrom('far', 4, { type: 'open', data: 4 })]);
    await bus.processEvents();
    await bus.idle();
    expect(heard).toEqual([2, 3, 4]);
    expect(bus.stats().dropped).toBe(1);
  });

  it('G6, R3 survives an answer that is made into what cannot be read', async () => {
    const wire = new Wire();
    const thrower = {
      get ok(): never {
        throw new Error('no');
      },
    };
    const bus = createTestEventBus({
      transports: [wire.transport()],
      codecs: [
        secret({ decode: async (record) => (record.type === '$reply' ? { ...record, data: thrower } : record) }),
      ],
    });
    const asked = bus.request('secret.ask', 1, { timeoutMs: 100 });
    await bus.processEvents();
    const { id } = wire.events[0] as EventRecord;
    wire.inject([recordFrom('far', 1, { type: '$reply', causationId: id, data: { ok: true, value: 1 } })]);
    await bus.processEvents();
    const timedOut = expect(asked).rejects.toThrow('100 ms');
    await bus.clock.advance(100);
    await timedOut;
    expect(bus.stats().dropped).toBe(1);
  });

  it('G6 keeps what leaves in order, though a codec is asynchronous for some', async () => {
    const wire = new Wire();
    const gates = [deferred(), deferred()];
    let n = 0;
    const bus = createTestEventBus({
      transports: [wire.transport()],
      store: memoryStore(),
      codecs: [
        secret({
          encode: (record) =>
            n++ < 2 ? (gates[n - 1] as { promise: Promise<void> }).promise.then(() => record) : record,
        }),
      ],
    });
    bus.emit('secret.a', 1);
    bus.emit('open', 2);
    await reactions();
    bus.emit('secret.a', 3);
    bus.emit('secret.b', 4);
    bus.emit('open', 5);
    gates[1]?.resolve();
    await reactions();
    const isStored: unknown[] = [];
    for await (const { event } of bus.history()) isStored.push(event.data);
    expect(isStored).toEqual([]);
    gates[0]?.resolve();
    await bus.idle();
    for await (const { event } of bus.history()) isStored.push(event.data);
    expect(isStored).toEqual([1, 2, 3, 4, 5]);
    const closed = bus.close();
    await closed;
    expect(bus.clock.pending).toBe(0);
  });

  it('G6, G8 closes though codecs hang on the way out and in, and leaves no timer', async () => {
    const wire = new Wire();
    const never = new Promise<never>(() => {});
    const bus = createTestEventBus({
      transports: [wire.transport()],
      store: memoryStore(),
      codecs: [secret({ encode: () => never, decode: () => never })],
    });
    bus.on('**', () => {}, { durable: 'd' });
    wire.inject([recordFrom('far', 1, { type: 'secret.a' })]);
    const { persisted } = bus.emit('secret.b');
    persisted.catch(() => {});
    let isClosed = false;
    void bus.close({ timeoutMs: 100 }).then(() => {
      isClosed = true;
    });
    for (let at = 0; at < 10; at++) await bus.clock.advance(1000);
    await reactions();
    expect([isClosed, bus.clock.pending]).toEqual([true, 0]);
  });
});
