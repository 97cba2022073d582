import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  type BusOptions,
  type Codec,
  CodecError,
  createEventBus,
  type Failure,
  type Inspection,
  InvalidOptionError,
  SerializationError,
} from '../../index.js';
import { memoryStore } from '../../stores/memory.js';
import { createTestEventBus, SimulatedClock, type TestEventBus } from '../../testing/index.js';
import { reactions } from '../deferred.test.kit.js';
import { hanging, MARKER, reversing, SlowCodec, tells } from './codecs.test.fixture.js';
import { Log } from './log.test.fixture.js';
import { Wire } from './wire.test.fixture.js';

const open: TestEventBus[] = [];

afterEach(async () => {
  for (const bus of open.splice(0)) {
    const closed = bus.close({ timeoutMs: 0 });
    await bus.clock.advance(30_000);
    await closed;
  }
});

function node(options: Omit<BusOptions, 'clock'> = {}) {
  const wire = new Wire();
  const log = new Log();
  const clock = new SimulatedClock();
  const bus = createTestEventBus({ clock, store: log, transports: [wire.transport()], ...options });
  open.push(bus);
  const dropped: (Inspection & { kind: 'dropped' })[] = [];
  bus.inspect((one) => one.kind === 'dropped' && dropped.push(one));
  return { wire, log, bus, clock, dropped };
}

const types = (log: Log): string[] => log.records.map(({ record }) => record.type);

describe('the option codecs', () => {
  it.each<[string, unknown, string]>([
    ['no array', {}, 'codecs is an object'],
    ['something that is no codec', [null], 'codecs[0] is null'],
    ['a codec that covers nothing', [{ encode() {}, decode() {} }], 'codecs[0].covers is undefined'],
    ['a codec that cannot decode', [reversing(), { covers() {}, encode() {} }], 'codecs[1].decode is undefined'],
  ])('G6 refuses %s', (_, codecs, fact) => {
    const make = (): unknown => createEventBus({ codecs: codecs as Codec[] });
    expect(make).toThrow(InvalidOptionError);
    expect(make).toThrow(fact);
  });

  it('G6 may be empty', async () => {
    const { bus, log } = node({ codecs: [] });
    await bus.emit('secret', 1).persisted;
    expect([log.records[0]?.record.data, bus.covers('secret')]).toEqual([1, false]);
  });

  it('G6 says by type what is covered, also to who asks the bus', () => {
    const { bus } = node({ codecs: [reversing()] });
    expect([bus.covers('secret.told'), bus.covers('open')]).toEqual([true, false]);
  });
});

describe('what leaves', () => {
  it.each<[string, () => Codec]>([
    ['at once', reversing],
    ['by and by', () => new SlowCodec()],
  ])('G6 is encoded once, for store and wire, by a codec that works %s', async (_, make) => {
    const codec = make();
    const encode = vi.spyOn(codec, 'encode');
    const { bus, wire, log } = node({ codecs: [codec] });
    const handled: unknown[] = [];
    bus.on('**', ({ data, metadata }) => handled.push(data, metadata));
    await bus.emit('secret', { a: MARKER }, { metadata: { b: MARKER } }).persisted;
    await bus.idle();
    expect(handled).toEqual([{ a: MARKER }, { b: MARKER }]);
    expect([tells(wire.messages), tells(log.records), encode.mock.calls.length]).toEqual([false, false, 1]);
    expect(wire.events[0]?.data).toEqual(log.records[0]?.record.data);
    expect(wire.events[0]).toMatchObject({ type: 'secret', seq: 1, node: bus.nodeId, offset: 1 });
  });

  it('G6 is encoded by the first codec that covers it, when it has its node and sequence', async () => {
    const seen: unknown[] = [];
    const first = reversing({ name: 'first', covers: (type) => type === 'secret.b' });
    const second = reversing({
      encode: (record) => {
        seen.push(record.type, record.node, record.seq);
        return reversing().encode(record);
      },
    });
    const { bus } = node({ codecs: [first, second] });
    bus.emit('secret.a');
    bus.emit('secret.b');
    await bus.idle();
    expect(seen).toEqual(['secret.a', bus.nodeId, 1]);
  });

  it('G6 has nothing changed but data and metadata, whatever a codec returns', async () => {
    const codec = reversing({ encode: (record) => ({ ...record, data: 1, seq: 99, type: 'open', id: 'x' }) });
    const { bus, wire } = node({ codecs: [codec] });
    const { id } = bus.emit('secret').event;
    await bus.idle();
    expect(wire.events).toMatchObject([{ id, type: 'secret', seq: 1, data: 1 }]);
  });

  it('G6 S2 keeps its order: nothing overtakes what is being encoded, and what was before it does not wait', async () => {
    const codec = new SlowCodec();
    codec.holds = 'encode';
    const { bus, wire, log } = node({ codecs: [codec], persist: ['secret.*', 'stored.*'] });
    for (const type of ['stored.0', 'open.1', 'secret.2', 'stored.3', 'open.4']) bus.emit(type);
    await reactions();
    bus.emit('secret.5');
    bus.emit('open.6');
    await reactions();
    expect(wire.events.map(({ type }) => type)).toEqual(['stored.0', 'open.1']);
    codec.release(1);
    await reactions();
    expect([types(log), wire.events.length]).toEqual([['stored.0'], 2]);
    codec.release();
    await bus.idle();
    expect(types(log)).toEqual(['stored.0', 'secret.2', 'stored.3', 'secret.5']);
    expect(wire.events.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6, 7]);
  });

  it.each([true, false])(
    'G6 leaves in the tick it would leave in without, when a codec works at once (eager: %s)',
    async (eager) => {
      const leave = async (codecs: Codec[]): Promise<string[]> => {
        const wire = new Wire();
        const bus = createTestEventBus({ eager, codecs, transports: [wire.transport()] });
        open.push(bus);
        bus.emit('secret');
        await Promise.resolve();
        return wire.events.map(({ type }) => type);
      };
      expect(await leave([reversing()])).toEqual(await leave([]));
      expect(await leave([reversing()])).toEqual(['secret']);
    },
  );

  it('G6 T4 is weighed as it leaves', async () => {
    const wire = new Wire();
    const codec = reversing({ encode: (record) => ({ ...record, data: 'x'.repeat(5000) }) });
    const bus = createTestEventBus({ codecs: [codec], transports: [wire.transport({ maxBytes: 2000 })] });
    open.push(bus);
    bus.emit('secret', 1);
    bus.emit('open', 2);
    await bus.idle();
    expect(wire.events.map(({ type }) => type)).toEqual(['open']);
    expect(bus.failures).toMatchObject([{ stage: 'transport', error: { code: 'NOT_SERIALIZABLE' } }]);
  });

  it('G6 T4 is checked before it is encoded, on a bus that checks', async () => {
    const { bus } = node({ codecs: [reversing()], checkPayloads: true });
    await expect(bus.emit('secret', { at: () => {} }).persisted).rejects.toThrow(SerializationError);
  });

  it('G6 S6 is in place when a subscription for what is new asks where that begins', async () => {
    const codec = new SlowCodec();
    codec.holds = 'encode';
    const { bus } = node({ codecs: [codec], store: memoryStore() });
    const got: unknown[] = [];
    bus.emit('secret', 'before');
    bus.on('secret', ({ data }) => got.push(data), { from: 'new', catchUp: true });
    bus.emit('secret', 'after');
    await reactions();
    codec.release();
    await bus.idle();
    expect(got).toEqual(['after']);
  });
});

describe('what cannot be encoded', () => {
  const problems: [string, () => Codec, (failure: Failure) => unknown][] = [
    ['throws', () => reversing({ encode: fail }), ({ error }) => error instanceof CodecError],
    ['rejects', () => reversing({ encode: async () => fail() }), ({ error }) => error instanceof CodecError],
    [
      'gives nothing',
      () => reversing({ encode: () => undefined as never }),
      ({ error }) => error instanceof CodecError,
    ],
    ['cannot say what it covers', () => reversing({ covers: fail }), ({ error }) => error instanceof CodecError],
  ];
  function fail(): never {
    throw new TypeError(`${MARKER} is not JSON`);
  }

  it.each(problems)('G6 does not leave, and is handled here, when a codec %s', async (_, make, isRight) => {
    const { bus, wire, log, dropped } = node({ codecs: [make()], persist: '**' });
    const handled: unknown[] = [];
    bus.on('**', ({ data }) => handled.push(data));
    const { persisted } = bus.emit('secret', MARKER);
    await expect(persisted).rejects.toThrow(CodecError);
    await expect(persisted).rejects.not.toThrow(MARKER);
    await bus.idle();
    expect([handled, wire.events, log.records]).toEqual([[MARKER], [], []]);
    expect(bus.failures).toMatchObject([{ stage: 'store', event: { type: 'secret' } }]);
    expect(bus.failures.every(isRight)).toBe(true);
    expect(dropped).toMatchObject([{ reason: 'not-serializable', event: { type: 'secret' } }]);
  });

  it('G6 lets the rest go, and is reported once for a batch when a codec has one reason for all', async () => {
    const { bus, wire } = node({ codecs: [reversing({ encode: async () => fail() })], persist: 'none' });
    for (let i = 0; i < 50; i++) {
      bus.emit('secret', i);
      bus.emit('open', i);
    }
    await bus.idle();
    expect(wire.events.filter(({ type }) => type === 'open')).toHaveLength(50);
    expect(wire.events).toHaveLength(50);
    expect(bus.failures).toMatchObject([{ stage: 'transport' }]);
  });

  it('G6 T4 is refused by name when the codec knows what is wrong', async () => {
    const error = new SerializationError('secret', 'data.at', 'a Date');
    const { bus } = node({ codecs: [reversing({ encode: () => Promise.reject(error) })] });
    await expect(bus.emit('secret', 1).persisted).rejects.toBe(error);
  });

  it('G6 is given up when the codec never ends, and stops neither what is behind it nor idle', async () => {
    const { bus, wire, clock } = node({ codecs: [hanging()] });
    const secret = bus.emit('secret', 1);
    bus.emit('open', 2);
    const idle = bus.idle();
    await clock.advance(4000);
    expect(wire.events).toEqual([]);
    await clock.advance(2000);
    await expect(secret.persisted).rejects.toThrow('took longer than 5 s');
    await idle;
    expect([wire.events.map(({ type }) => type), clock.pending]).toEqual([['open'], 0]);
  });

  it('G6 G8 does not stop close', async () => {
    const { bus, wire, clock } = node({ codecs: [hanging()] });
    bus.emit('secret', 1);
    bus.emit('open', 2);
    const closed = bus.close({ timeoutMs: 0 });
    await clock.advance(10_000);
    await closed;
    expect([wire.events.map(({ type }) => type), wire.count('$bye'), clock.pending]).toEqual([['open'], 1, 0]);
  });
});
