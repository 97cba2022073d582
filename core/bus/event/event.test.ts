import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type BusEvent, type Clock, createEventBus, type EventRecord, systemClock } from '../../index.js';

/** A clock that shows what it is told to. */
function handClock(start: number): Clock & { time: number; readings: number } {
  const clock = {
    ...systemClock,
    time: start,
    readings: 0,
    now: () => {
      clock.readings++;
      return clock.time;
    },
  };
  return clock;
}

/** The event that a handler is given. */
function handled(emit: (bus: ReturnType<typeof createEventBus>) => void, source = 'shop'): BusEvent {
  const bus = createEventBus({ source });
  const seen: BusEvent[] = [];
  bus.on('**', (event) => seen.push(event));
  emit(bus);
  const [event] = seen;
  if (event === undefined) throw new Error('nothing was handled');
  return event;
}

describe('an event', () => {
  it('E1 has every field of the envelope', () => {
    const before = Date.now();
    const data = { userId: '1' };
    const event = handled((bus) => bus.emit('user.created', data));
    expect(event.type).toBe('user.created');
    expect(event.data).toBe(data);
    expect(event.source).toBe('shop');
    expect(event.metadata).toEqual({});
    expect(event.priority).toBe(0);
    expect(event.causationId).toBeUndefined();
    expect(event.cancelled).toBe(false);
    expect(event.timestamp).toBeGreaterThanOrEqual(before);
    expect(event.timestamp).toBeLessThanOrEqual(Date.now());
  });

  it('E1 takes metadata, priority and correlation from the options of its emit', () => {
    const event = handled((bus) =>
      bus.emit('a', 0, { metadata: { tenant: 'x' }, priority: 7, correlationId: 'chain-1' }),
    );
    expect(event).toMatchObject({ metadata: { tenant: 'x' }, priority: 7, correlationId: 'chain-1' });
  });

  it('E1 may be given whole, with every field of its own', () => {
    const whole = {
      type: 'a',
      data: 1,
      id: 'i',
      timestamp: 5,
      source: 'importer',
      correlationId: 'c',
      causationId: 'p',
      metadata: { k: 'v' },
      priority: 3,
    };
    expect(handled((bus) => bus.emit(whole)).toRecord()).toEqual({ v: 1, ...whole });
  });

  it('E1 given whole, is filled up where it says nothing', () => {
    const event = handled((bus) => bus.emit({ type: 'a', data: 1 }));
    expect(event).toMatchObject({ source: 'shop', priority: 0, metadata: {} });
    expect(event.correlationId).toBe(event.id);
    expect(event.timestamp).toBeGreaterThan(1e12);
  });

  it('E1 has a timestamp that does not go back when the clock does', () => {
    const clock = handClock(1000);
    const bus = createEventBus({ clock });
    const stamps: number[] = [];
    bus.on('a', (event) => stamps.push(event.timestamp));
    for (const time of [1000, 400, 1001]) {
      clock.time = time;
      bus.emit('a');
    }
    expect(stamps).toEqual([1000, 1000, 1001]);
  });

  it('E2 makes its id once, when it is first read', () => {
    let made = 0;
    const bus = createEventBus({ createId: () => `id-${++made}` });
    bus.on('a', () => {});
    const { event } = bus.emit('a');
    expect(made).toBe(0);
    expect([event.id, event.id, event.correlationId]).toEqual(['id-1', 'id-1', 'id-1']);
    expect(made).toBe(1);
  });

  it('E2 has an id that sorts in order of emission, in whatever order ids are read', () => {
    const clock = handClock(1_700_000_000_000);
    const bus = createEventBus({ clock });
    bus.on('a', () => {});
    const events = Array.from({ length: 500 }, (_, i) => {
      clock.time += i % 3 === 0 ? 1 : 0;
      return bus.emit('a').event;
    });
    for (const event of events.toReversed()) void event.id;
    const ids = events.map(({ id }) => id);
    expect(ids.toSorted()).toEqual(ids);
    expect(new Set(ids).size).toBe(500);
  });

  it('E3 begins a chain of its own', () => {
    const event = handled((bus) => bus.emit('a'));
    expect(event.correlationId).toBe(event.id);
  });

  it('E3 with a cause inherits its correlation id and names it, through any number of steps', () => {
    const bus = createEventBus();
    const events: BusEvent[] = [];
    bus.on('**', (event, delivery) => {
      events.push(event);
      if (events.length < 4) delivery.emit(`step.${events.length}`);
    });
    bus.emit('root');
    expect(events).toHaveLength(4);
    for (const [i, event] of events.entries()) {
      expect(event.correlationId).toBe(events[0]?.id);
      expect(event.causationId).toBe(events[i - 1]?.id);
    }
  });

  it('E3 takes the cause that is named over the one that is implied', () => {
    const bus = createEventBus();
    const [other, seen]: [{ id: string; correlationId: string }, BusEvent[]] = [{ id: 'o', correlationId: 'oc' }, []];
    bus.on('a', (_, delivery) => delivery.emit('b', undefined, { cause: other }));
    bus.on('b', (event) => seen.push(event));
    bus.emit('a');
    bus.emit('b', undefined, { cause: other, correlationId: 'mine' });
    expect(seen.map(({ correlationId, causationId }) => [correlationId, causationId])).toEqual([
      ['oc', 'o'],
      ['mine', 'o'],
    ]);
  });

  it('E4 gives every field to JSON and to toRecord, and its record can be cloned', () => {
    const event = handled((bus) => bus.emit('a', { n: 1 }, { cause: { id: 'p', correlationId: 'c' }, priority: 2 }));
    const record: EventRecord = {
      v: 1,
      id: event.id,
      type: 'a',
      timestamp: event.timestamp,
      source: 'shop',
      correlationId: 'c',
      causationId: 'p',
      data: { n: 1 },
      metadata: {},
      priority: 2,
    };
    expect(event.toRecord()).toStrictEqual(record);
    expect(structuredClone(event.toRecord())).toStrictEqual(record);
    expect(JSON.parse(JSON.stringify(event))).toStrictEqual(record);
  });

  it('E4 leaves the causation id out of the record of a root event', () => {
    expect('causationId' in handled((bus) => bus.emit('a')).toRecord()).toBe(false);
  });

  it('E4 shows its fields on the console of Node', () => {
    const event = handled((bus) => bus.emit('a', { n: 1 }));
    expect(inspect(event)).toContain("type: 'a'");
    event.cancel();
    expect(inspect(event)).toContain('cancelled: true');
  });

  it('E7 cannot be changed', () => {
    const event = handled((bus) => bus.emit('a', 1, { metadata: { k: 1 } })) as {
      -readonly [K in keyof BusEvent]: BusEvent[K];
    };
    for (const field of Object.keys(event.toRecord()).filter((key) => key !== 'v')) {
      expect(() => Object.assign(event, { [field]: 'changed' }), field).toThrow(TypeError);
    }
    expect(() => Object.assign(event.metadata, { k: 2 })).toThrow(TypeError);
    expect(event.toRecord()).toMatchObject({ type: 'a', data: 1, metadata: { k: 1 } });
  });

  it('E7 does not see the metadata of its emit change afterwards, handled or not', () => {
    const bus = createEventBus();
    bus.on('heard', () => {});
    for (const type of ['heard', 'unheard']) {
      const metadata = { k: 1 };
      const emission = bus.emit(type, 0, { metadata });
      metadata.k = 2;
      expect(emission.event.metadata, type).toEqual({ k: 1 });
    }
  });

  it('E7 leaves data alone unless it is asked to freeze it', () => {
    const data = { list: [{ n: 1 }] };
    handled((bus) => bus.emit('a', data));
    expect(Object.isFrozen(data)).toBe(false);
  });

  it('E7 freezes data deeply when asked: cycles, arrays, what hides behind frozen objects; buffers stay as they are', () => {
    const bus = createEventBus({ freeze: true });
    const behind = { n: 1 };
    const data = {
      list: [{ n: 1 }],
      frozen: Object.freeze({ behind }),
      bytes: new Uint8Array(2),
      self: undefined as unknown,
    };
    data.self = data;
    bus.emit('nobody.hears', data);
    expect([data, data.list, data.list[0], behind].every(Object.isFrozen)).toBe(true);
    data.bytes[0] = 9;
    expect(data.bytes[0]).toBe(9);
  });

  it('E7 keeps the first reason of a cancel', () => {
    const event = handled((bus) => bus.emit('a'));
    event.cancel('sold out');
    event.cancel('changed my mind');
    expect([event.cancelled, event.cancelReason]).toEqual([true, 'sold out']);
  });
});

describe('ids', () => {
  it('E2 are made when they are read and not before, once, whoever changes the event on its way', async () => {
    let made = 0;
    const bus = createEventBus({ createId: () => `id-${++made}` });
    const seen: BusEvent[] = [];
    bus.on('heard', (event) => void seen.push(event));
    bus.use((event, next) => {
      seen.push(event);
      next({ data: 'changed' });
    });
    const heard = bus.emit('heard', 'as it was').event;
    const unheard = createEventBus({ createId: () => `id-${++made}` }).emit('unheard', 1).event;
    expect([heard.data, unheard.data, made]).toEqual(['changed', 1, 0]);
    expect([heard.id, ...seen.map(({ id }) => id)]).toEqual(['id-1', 'id-1', 'id-1']);
    expect([unheard.id, unheard.correlationId, made]).toEqual(['id-2', 'id-2', 2]);
  });

  it('E2 sort in order of emission: heard or not, whenever they are read, whatever the clock does', () => {
    const emits = fc.array(
      fc.record({ heard: fc.boolean(), tick: fc.integer({ min: -3, max: 5 }), read: fc.nat(30) }),
      {
        minLength: 2,
        maxLength: 30,
      },
    );
    fc.assert(
      fc.property(emits, (steps) => {
        const clock = handClock(1_700_000_000_000);
        const bus = createEventBus({ clock });
        bus.on('heard', () => {});
        const emissions = steps.map(({ heard, tick }) => {
          clock.time += tick;
          return bus.emit(heard ? 'heard' : 'unheard');
        });
        const order = emissions.map((emission, i) => ({ emission, read: steps[i]?.read ?? 0 }));
        for (const { emission } of order.toSorted((a, b) => a.read - b.read)) {
          clock.time += 2;
          void emission.event.id;
        }
        const ids = emissions.map(({ event }) => event.id);
        expect(ids.toSorted()).toEqual(ids);
        expect(new Set(ids).size).toBe(ids.length);
      }),
    );
  });
});
