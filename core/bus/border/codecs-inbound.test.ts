import { afterEach, describe, expect, it, vi } from 'vitest';
import { type BusOptions, type Inspection, RequestTimeoutError, ResponderError } from '../../index.js';
import { memoryStore } from '../../stores/memory.js';
import { createTestEventBus, SimulatedClock, type TestEventBus } from '../../testing/index.js';
import { reactions } from '../deferred.test.kit.js';
import { hanging, MARKER, reversing, SlowCodec, tells } from './codecs.test.fixture.js';
import { recordFrom, Wire } from './wire.test.fixture.js';

const open: TestEventBus[] = [];

afterEach(async () => {
  for (const bus of open.splice(0)) {
    const closed = bus.close({ timeoutMs: 0 });
    await bus.clock.advance(30_000);
    await closed;
  }
});

const codecs = [reversing()];

function node(wire: Wire, options: Omit<BusOptions, 'clock'> = {}) {
  const clock = new SimulatedClock();
  const bus = createTestEventBus({ clock, transports: [wire.transport()], ...options });
  open.push(bus);
  const got: unknown[] = [];
  const dropped: (Inspection & { kind: 'dropped' })[] = [];
  bus.inspect((one) => one.kind === 'dropped' && dropped.push(one));
  bus.on('**', ({ data }) => got.push(data));
  return { bus, clock, got, dropped };
}

/** A record of another node, encoded. */
const sealed = (seq: number, data: unknown, fields = {}) =>
  reversing().encode(recordFrom('other', seq, { type: 'secret', data, ...fields }));
/** Takes what was not encoded as it is, as a codec may that does not know the type `$reply`. */
const lenient = () =>
  reversing({
    decode: (record) => (Object.hasOwn(record.data as object, 'reversed') ? reversing().decode(record) : record),
  });
const plain = (seq: number, data: unknown) => recordFrom('other', seq, { type: 'open', data });

describe('what arrives', () => {
  it('G6 is decoded before handlers see it, and nothing on the way is plain', async () => {
    const wire = new Wire();
    const [there, here] = [node(wire, { codecs }), node(wire, { codecs: [new SlowCodec()] })];
    here.bus.emit('secret', { a: MARKER });
    await Promise.all([here.bus.idle(), there.bus.idle()]);
    there.bus.emit('secret.back', MARKER);
    await Promise.all([there.bus.idle(), here.bus.idle()]);
    expect(there.got).toEqual([{ a: MARKER }, MARKER]);
    expect(here.got).toEqual([{ a: MARKER }, MARKER]);
    expect(tells(wire.messages)).toBe(false);
  });

  it('G6 is there at once while nothing has to be waited for', () => {
    const wire = new Wire();
    const { got } = node(wire, { codecs });
    wire.inject([sealed(1, 'a'), plain(2, 'b')]);
    wire.inject([sealed(3, 'c')]);
    expect(got).toEqual(['a', 'b', 'c']);
  });

  it('G6 T3 keeps its order, however long a codec takes, also with what is not covered', async () => {
    const wire = new Wire();
    const codec = new SlowCodec();
    codec.holds = 'decode';
    const { bus, got } = node(wire, { codecs: [codec] });
    wire.inject([plain(1, 1), sealed(2, 2), plain(3, 3), sealed(4, 4), plain(5, 5)]);
    expect(got).toEqual([1]);
    const idle = bus.idle();
    codec.release(1);
    await reactions();
    expect(got).toEqual([1]);
    codec.release();
    await idle;
    expect(got).toEqual([1, 2, 3, 4, 5]);
    wire.inject([plain(6, 6)]);
    expect(got).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('G6 is handled sealed where a codec has no key for it', () => {
    const wire = new Wire();
    const { bus } = node(wire, { codecs: [reversing({ decode: (record) => record })] });
    const seen: unknown[] = [];
    bus.on('secret', ({ data, metadata }) => seen.push(data, metadata['encrypted']));
    const record = sealed(1, MARKER) as { data: unknown };
    wire.inject([record]);
    expect(seen).toEqual([record.data, true]);
  });

  it('G6 G5 is not shown to a schema while it is sealed, and what only says so is', () => {
    const wire = new Wire();
    const isText = {
      validate: (value: unknown) => (typeof value === 'string' ? { value } : { issues: [{ message: 'no text' }] }),
    };
    const schema = { '~standard': { version: 1, vendor: 'test', ...isText } } as const;
    const { got, dropped } = node(wire, {
      codecs: [reversing({ decode: (record) => record })],
      schemas: { secret: schema, open: schema },
    });
    const record = sealed(1, MARKER) as { data: unknown };
    wire.inject([record, { ...plain(2, 7), metadata: { encrypted: true } }, plain(3, 'text')]);
    expect(got).toEqual([record.data, 'text']);
    expect(dropped).toMatchObject([{ reason: 'invalid', event: { type: 'open' } }]);
  });

  it('G6 G5 is what a schema gets when it is decoded', () => {
    const wire = new Wire();
    const seen: unknown[] = [];
    const validate = (value: unknown) => ({ value: seen.push(value) });
    const schemas = { secret: { '~standard': { version: 1, vendor: 'test', validate } } } as const;
    const { got } = node(wire, { codecs, schemas });
    wire.inject([sealed(1, 'a')]);
    expect([seen, got]).toEqual([['a'], [1]]);
  });

  it.each<[string, Parameters<typeof reversing>[0]]>([
    ['refuses', {}],
    [
      'throws',
      {
        decode: () => {
          throw new SyntaxError(`Unexpected ${MARKER}`);
        },
      },
    ],
    ['rejects', { decode: () => Promise.reject(new SyntaxError(`Unexpected ${MARKER}`)) }],
    ['gives garbage', { decode: (record) => ({ ...record, metadata: null as never }) }],
    [
      'cannot say what it covers',
      {
        covers: () => {
          throw new TypeError(MARKER);
        },
      },
    ],
  ])('G6 is dropped, counted, shown and reported once when a codec %s, and the rest arrives', async (_, own) => {
    const wire = new Wire();
    const covers = (type: string): boolean => type === 'secret' && (own?.covers?.(type) ?? true);
    const { bus, got, dropped, clock } = node(wire, { codecs: [reversing({ ...own, covers })] });
    const forged = (seq: number) => recordFrom('other', seq, { type: 'secret', data: MARKER });
    wire.inject([...Array.from({ length: 1000 }, (_unused, i) => forged(i + 1)), plain(1001, 'good')]);
    await reactions();
    expect([got, bus.stats().dropped, dropped.length]).toEqual([['good'], 1000, 1000]);
    expect(dropped[0]).toMatchObject({ reason: 'undecodable', transport: 'wire', event: { type: 'secret' } });
    expect(bus.failures).toMatchObject([{ stage: 'transport', error: { code: 'CODEC_FAILED' }, event: undefined }]);
    expect(String((bus.failures[0] as { error: unknown }).error)).not.toContain(MARKER);
    await clock.advance(60_000);
    wire.inject([forged(1002)]);
    await reactions();
    expect(bus.failures).toHaveLength(2);
  });

  it('G6 is dropped as too many when 10,000 wait for a codec', async () => {
    const wire = new Wire();
    const codec = new SlowCodec();
    codec.holds = 'decode';
    const { bus, got, dropped } = node(wire, { codecs: [codec] });
    wire.inject([sealed(1, 0)]);
    wire.inject(Array.from({ length: 10_000 }, (_, i) => plain(i + 2, i + 1)));
    expect(dropped).toMatchObject([{ reason: 'too-many', event: { data: 10_000 } }]);
    codec.release();
    await bus.idle();
    expect([got.length, got[0], got.at(-1)]).toEqual([10_000, 0, 9999]);
  });

  it('G6 stops nobody for longer than 6 s when a codec never ends, and close not at all', async () => {
    const wire = new Wire();
    const { bus, got, clock, dropped } = node(wire, { codecs: [hanging()] });
    wire.inject([sealed(1, 1), plain(2, 2)]);
    await clock.advance(6000);
    expect([got, dropped]).toMatchObject([[2], [{ reason: 'undecodable' }]]);
    wire.inject([sealed(3, 3), plain(4, 4)]);
    await bus.close();
    expect([got, dropped.length, bus.stats().dropped, clock.pending]).toEqual([[2], 1, 1, 0]);
  });

  it('G6 T7 is decoded, too, when it was missed and found in the store', async () => {
    const wire = new Wire();
    const store = memoryStore({ shared: true });
    const [here, there] = [node(wire, { codecs, store }), node(wire, { codecs: [new SlowCodec()], store })];
    here.bus.emit('open', 1);
    await here.bus.idle();
    wire.loses = ({ type }) => type === 'secret';
    here.bus.emit('secret', 2);
    here.bus.emit('open', 3);
    await here.bus.idle();
    await there.bus.idle();
    expect(there.got).toEqual([1, 2, 3]);
  });
});

describe('an answer', () => {
  function pair(codec = reversing()) {
    const wire = new Wire();
    return { wire, asker: node(wire, { codecs: [codec] }), answerer: node(wire, { codecs: [new SlowCodec()] }) };
  }

  it.each<[unknown]>([[{ iban: MARKER }], [undefined], [null]])(
    'G6 R4 is hidden as its request is: %j',
    async (value) => {
      const { wire, asker, answerer } = pair();
      answerer.bus.respond('secret', () => value);
      const answer = asker.bus.request('secret', MARKER);
      expect(await answer).toEqual(value);
      expect([tells(wire.messages), wire.messages.flat().some(({ type }) => type === '$reply')]).toEqual([false, true]);
      expect(asker.bus.stats().dropped + answerer.bus.stats().dropped).toBe(0);
    },
  );

  it('G6 R3 is hidden when it is an error', async () => {
    const { wire, asker, answerer } = pair();
    answerer.bus.respond('secret', () => Promise.reject(new RangeError(MARKER)));
    const answer = asker.bus.request('secret');
    await expect(answer).rejects.toThrow(ResponderError);
    await expect(answer).rejects.toThrow(MARKER);
    expect(tells(wire.messages)).toBe(false);
  });

  it.each<[string, ReturnType<typeof reversing>]>([
    ['a codec that refuses what is plain', reversing()],
    ['a codec that lets pass what it does not know', lenient()],
  ])('G6 T5 is refused in plain, with %s, and the right one is still taken', async (_, codec) => {
    const { wire, asker } = pair(codec);
    const answer = asker.bus.request('secret', 1);
    await reactions();
    const reply = { type: '$reply', causationId: wire.events[0]?.id };
    wire.inject([recordFrom('other', 1, { ...reply, data: { ok: true, value: 'forged' } })]);
    wire.inject([recordFrom('other', 1, { ...reply, data: { ok: false, name: 'Error', message: 'forged' } })]);
    expect(asker.dropped).toMatchObject([{ reason: 'undecodable' }, { reason: 'undecodable' }]);
    wire.inject([sealed(1, { ok: true, value: 'right' }, reply)]);
    expect(await answer).toBe('right');
  });

  it('G6 is an error when its value cannot be encoded, and is kept back when nothing can', async () => {
    const { wire, asker, answerer } = pair();
    const { bus: strict } = node(wire, {
      codecs: [
        reversing({
          encode: (record) => {
            if (tells(record)) throw new TypeError(MARKER);
            return reversing().encode(record);
          },
        }),
      ],
    });
    strict.respond('secret.a', () => MARKER);
    await expect(asker.bus.request('secret.a')).rejects.toThrow('failed to encode');
    const encode = vi.spyOn(SlowCodec.prototype, 'encode').mockRejectedValue(new TypeError(MARKER));
    answerer.bus.respond('secret.b', () => MARKER);
    const unanswered = expect(asker.bus.request('secret.b')).rejects.toThrow(RequestTimeoutError);
    await reactions();
    encode.mockRestore();
    expect(answerer.bus.failures).toMatchObject([{ stage: 'transport', error: { code: 'CODEC_FAILED' } }]);
    expect(tells(wire.messages)).toBe(false);
    await asker.clock.advance(30_000);
    await unanswered;
  });

  it('G6 G8 is waited for by idle and close while it is being encoded', async () => {
    const { wire, asker, answerer } = pair();
    const codec = new SlowCodec();
    codec.holds = 'encode';
    const other = node(wire, { codecs: [codec] });
    other.bus.respond('secret', () => MARKER);
    const answer = asker.bus.request('secret');
    await reactions();
    let isClosed = false;
    const closed = other.bus.close().then(() => {
      isClosed = true;
    });
    await reactions();
    expect(isClosed).toBe(false);
    codec.release();
    await closed;
    expect([await answer, answerer.dropped]).toEqual([MARKER, []]);
  });

  it('G6 is as ever where its request is not covered, and ignored where nobody asked', async () => {
    const { wire, asker, answerer } = pair();
    const other = node(wire);
    answerer.bus.respond('open', () => 1);
    expect(await asker.bus.request('open')).toBe(1);
    answerer.bus.respond('secret', () => 2);
    expect(await asker.bus.request('secret')).toBe(2);
    expect([other.dropped, answerer.dropped, asker.dropped]).toEqual([[], [], []]);
  });
});
