import { afterEach, describe, expect, it } from 'vitest';
import { replay } from '../../core/flows/replay.js';
import { createEventBus, type EventBus, systemClock } from '../../core/index.js';
import { memoryStore } from '../../core/stores/memory.js';
import { readFacts, readRow, readRuns } from './event-row.js';
import { Recorder } from './recorder.js';

const recorders: Recorder[] = [];
afterEach(() => {
  for (const recorder of recorders.splice(0)) recorder.stop();
});

function record(bus: EventBus, capacity?: number): Recorder {
  const recorder = new Recorder(bus, capacity);
  recorder.start();
  recorders.push(recorder);
  return recorder;
}

const quietBus = (): EventBus => createEventBus({ source: 'web', onError: () => {} });

const rows = (recorder: Recorder) =>
  Array.from({ length: recorder.events.head - recorder.events.tail }, (_, i) => {
    const row = readRow(recorder, recorder.events.tail + i);
    if (row === undefined) throw new Error('a kept event has no row');
    return row;
  });

/** The last event, but for reports of failures, which are events too. */
const lastRow = (recorder: Recorder) => rows(recorder).findLast(({ type }) => type !== 'error.occurred');

describe('the status of an event', () => {
  it('is ok when its handlers settled', async () => {
    const bus = quietBus();
    const recorder = record(bus);
    bus.on('cart.*', () => {}, { name: 'count' });
    await bus.emit('cart.added', { sku: 'a' });
    expect(lastRow(recorder)).toMatchObject({
      type: 'cart.added',
      source: 'web',
      status: 'ok',
      handlers: 1,
      failures: 0,
    });
  });

  it('is pending while a handler runs', async () => {
    const bus = quietBus();
    const recorder = record(bus);
    let finish = (): void => {};
    bus.on('slow', () => new Promise<void>((resolve) => (finish = resolve)));
    const emission = bus.emit('slow', 1);
    expect(lastRow(recorder)).toMatchObject({ status: 'pending', durationMs: undefined, handlers: 1 });
    finish();
    await emission;
    expect(lastRow(recorder)?.status).toBe('ok');
    expect(lastRow(recorder)?.durationMs).toBeGreaterThanOrEqual(0);
  });

  it('is unheard when nobody handles it', () => {
    const bus = quietBus();
    const recorder = record(bus);
    bus.emit('nobody.cares', 1);
    expect(lastRow(recorder)).toMatchObject({ status: 'unheard', handlers: 0 });
  });

  it('is error when a handler failed, whatever else happened', async () => {
    const bus = quietBus();
    const recorder = record(bus);
    bus.on('x', async (event) => {
      event.cancel('no');
      throw new TypeError('and broken');
    });
    await bus.emit('x', 1);
    expect(lastRow(recorder)).toMatchObject({ status: 'error', failures: 1 });
  });

  it('is cancelled when a handler cancelled it, and the handler is known', async () => {
    const bus = quietBus();
    const recorder = record(bus);
    bus.on('x', (event) => event.cancel('sold out'), { name: 'guard', priority: 5 });
    await bus.emit('x', 1);
    const row = lastRow(recorder);
    expect(row).toMatchObject({ status: 'cancelled', event: { cancelReason: 'sold out' } });
    expect(readFacts(recorder, row?.sequence ?? -1).canceller?.name).toBe('guard');
  });
});

describe('the runs of an event', () => {
  it('are kept in order of their start, with outcome and error', async () => {
    const bus = quietBus();
    const recorder = record(bus);
    const error = new Error('broken');
    bus.on('x', () => {}, { name: 'first', priority: 2 });
    bus.on('x', () => Promise.reject(error), { name: 'second', priority: 1 });
    bus.on('**', async () => {}, { name: 'third' });
    await bus.emit('x', 1);
    const runs = readRuns(recorder, lastRow(recorder)?.sequence ?? -1);
    expect(runs.map(({ handler, outcome }) => `${handler.name} ${outcome}`)).toEqual([
      'first ok',
      'second failed',
      'third ok',
    ]);
    expect(runs[1]?.error).toBe(error);
    expect(runs.every(({ durationMs }) => durationMs !== undefined && durationMs >= 0)).toBe(true);
  });

  it('of one handler for many events at once are told apart', async () => {
    const bus = quietBus();
    const recorder = record(bus);
    const finish: (() => void)[] = [];
    bus.on('x', () => new Promise<void>((resolve) => finish.push(resolve)));
    const first = bus.emit('x', 1);
    bus.emit('x', 2);
    finish[0]?.();
    await first;
    expect(rows(recorder).map(({ status }) => status)).toEqual(['ok', 'pending']);
    const outcomes = rows(recorder).map(({ sequence }) => readRuns(recorder, sequence).map(({ outcome }) => outcome));
    expect(outcomes).toEqual([['ok'], ['running']]);
    finish[1]?.();
  });

  it('show a filter that threw as a failed call', async () => {
    const bus = quietBus();
    const recorder = record(bus);
    bus.on('x', () => {}, {
      name: 'picky',
      filter: () => {
        throw new Error('no taste');
      },
    });
    await bus.emit('x', 1);
    const row = lastRow(recorder);
    expect(row?.status).toBe('error');
    expect(readRuns(recorder, row?.sequence ?? -1)).toMatchObject([{ handler: { name: 'picky' }, outcome: 'failed' }]);
  });
});

it('an event that was vetoed shows, with who did it, though it was never emitted', async () => {
  const bus = quietBus();
  const recorder = record(bus);
  bus.use((event, next) => void (event.type === 'good' && next()), { name: 'guard' });
  await bus.emit('good', 1);
  await bus.emit('bad', 2);
  expect(rows(recorder).map(({ type, status }) => `${type} ${status}`)).toEqual(['good unheard', 'bad vetoed']);
  const facts = rows(recorder).map(({ sequence }) => readFacts(recorder, sequence).vetoer);
  expect(facts).toEqual(['', 'guard']);
  expect(recorder.traffic.local).toBe(2);
});

it('an event that a schema or a broken middleware kept back is vetoed, not failed', async () => {
  const validate = async (): Promise<never> => {
    throw new Error('not so');
  };
  const late = { '~standard': { version: 1, vendor: 'test', validate } } as const;
  const bus = createEventBus({ onError: () => {}, schemas: { late } });
  const recorder = record(bus);
  await bus.emit('late', 1);
  bus.use(
    () => {
      throw new Error('broken');
    },
    { name: 'broken' },
  );
  await bus.emit('other', 1);
  expect(rows(recorder)).toMatchObject([
    { type: 'late', status: 'vetoed', failures: 1 },
    { type: 'other', status: 'vetoed', failures: 1 },
  ]);
  expect(rows(recorder).map(({ sequence }) => readFacts(recorder, sequence).vetoer)).toEqual(['schema', 'broken']);
});

it('an event whose turn came too late is expired, and its limit is known', async () => {
  let now = 1_000_000;
  const clock = { ...systemClock, now: () => now };
  const bus = createEventBus({ clock });
  const recorder = record(bus);
  bus.on('first', () => {
    bus.emit('second', 1, { ttlMs: 50 });
    now += 100;
  });
  bus.on('second', () => {});
  await bus.emit('first', 1);
  expect(lastRow(recorder)).toMatchObject({ type: 'second', status: 'expired', handlers: 0 });
  expect(readFacts(recorder, lastRow(recorder)?.sequence ?? -1).ttlMs).toBe(50);
});

it('a request is known as one', () => {
  const bus = quietBus();
  const recorder = record(bus);
  bus.respond('user.get', () => 'ada');
  void bus.request('user.get', 1);
  bus.emit('user.get', 1);
  expect(rows(recorder).map(({ sequence }) => readFacts(recorder, sequence).isRequest)).toEqual([true, false]);
});

describe('what there is no room for', () => {
  it('on the bus is dropped, whether it was told of before or not', async () => {
    for (const overflow of ['dropNewest', 'dropOldest'] as const) {
      const bus = createEventBus({ queue: { maxSize: 1, overflow } });
      const recorder = record(bus);
      bus.on('first', () => void ['second', 'third'].map((type) => bus.emit(type, 1)));
      await bus.emit('first', 1);
      const dropped = overflow === 'dropNewest' ? 'third' : 'second';
      const found = rows(recorder).filter(({ status }) => status === 'dropped');
      expect(found.map(({ type }) => type)).toEqual([dropped]);
      expect(readFacts(recorder, found[0]?.sequence ?? -1).reason).toBe('queue-full');
      expect(recorder.traffic).toMatchObject({ local: 3, discarded: 1, refused: 0 });
    }
  });

  it('in the queue of a handler is dropped by it, and handled by the others', async () => {
    const bus = quietBus();
    const recorder = record(bus);
    const finish: (() => void)[] = [];
    bus.on('x', () => new Promise<void>((resolve) => finish.push(resolve)), {
      name: 'busy',
      concurrency: 1,
      maxQueue: 0,
      overflow: 'dropNewest',
    });
    bus.on('x', () => {}, { name: 'other', priority: 1 });
    const first = bus.emit('x', 1);
    await bus.emit('x', 2);
    expect(lastRow(recorder)).toMatchObject({ status: 'dropped', handlers: 1 });
    const runs = readRuns(recorder, lastRow(recorder)?.sequence ?? -1);
    expect(runs.map(({ handler, outcome, attempt }) => `${handler.name} ${outcome} ${attempt}`)).toEqual([
      'other ok 1',
      'busy dropped 0',
    ]);
    finish[0]?.();
    await first;
  });

  it('in a stream is dropped by it, and events that are not kept any more get no line for that', () => {
    const bus = quietBus();
    const recorder = record(bus, 4);
    bus.stream('x', { buffer: 1 });
    for (let i = 0; i < 10; i++) bus.emit('x', i);
    expect(recorder.traffic.discarded).toBe(9);
    expect(rows(recorder).map(({ event, status }) => `${event?.data} ${status}`)).toEqual([
      '6 dropped',
      '7 dropped',
      '8 dropped',
      '9 ok',
    ]);
    recorder.clear();
    bus.emit('x', 10);
    expect(rows(recorder)).toHaveLength(1);
  });
});

describe('memory', () => {
  it('is a ring: the oldest events make room, and how many is known', () => {
    const bus = quietBus();
    const recorder = record(bus, 16);
    bus.on('tick', () => {});
    for (let i = 0; i < 100; i++) bus.emit('tick', i);
    expect(rows(recorder).map(({ event }) => event?.data)).toEqual(Array.from({ length: 16 }, (_, i) => 84 + i));
    expect(recorder.events.evicted).toBe(84);
    expect(readRow(recorder, recorder.events.tail - 1)).toBeUndefined();
  });

  it('keeps statistics when events are evicted', () => {
    const bus = quietBus();
    const recorder = record(bus, 16);
    bus.on('tick', () => {}, { name: 'count' });
    for (let i = 0; i < 1000; i++) bus.emit('tick', i);
    expect(recorder.handlers.all).toMatchObject([{ name: 'count', calls: 1000, failures: 0 }]);
    expect(recorder.handlers.all[0]?.durations.count).toBe(1000);
    expect(recorder.traffic.local).toBe(1000);
    expect(recorder.traffic.ofType(recorder.types.indexOf('tick'))).toBe(1000);
  });

  it('forgets the runs of evicted events before the events of kept runs', () => {
    const bus = quietBus();
    const recorder = record(bus, 16);
    for (let i = 0; i < 8; i++) bus.on('tick', () => {}, { name: `h${i}` });
    for (let i = 0; i < 100; i++) bus.emit('tick', i);
    // 32 runs are kept: those of the last four events.
    const kept = rows(recorder).map(({ sequence }) => readRuns(recorder, sequence).length);
    expect(kept).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 8, 8, 8, 8]);
  });

  it('takes a handler that settles after its event was evicted', async () => {
    const bus = quietBus();
    const recorder = record(bus, 16);
    let finish = (): void => {};
    bus.on('slow', () => new Promise<void>((resolve) => (finish = resolve)), { name: 'slow' });
    const emission = bus.emit('slow', 1);
    for (let i = 0; i < 50; i++) bus.emit('tick', i);
    finish();
    await emission;
    expect(rows(recorder).every(({ type }) => type === 'tick')).toBe(true);
    expect(recorder.handlers.all).toMatchObject([{ calls: 1, running: 0 }]);
  });

  it('is not filled by subscriptions that come and go', () => {
    const bus = quietBus();
    const recorder = record(bus);
    for (let i = 0; i < 5000; i++) bus.on(`reply.${i % 10}`, () => {}, { name: 'once', once: true })();
    expect(recorder.handlers.all).toHaveLength(10);
    expect(recorder.handlers.all[0]).toMatchObject({ subscribed: 500, unsubscribed: 500 });
  });

  it('is not filled by handlers or types invented without end', () => {
    const bus = quietBus();
    const recorder = record(bus, 16);
    for (let i = 0; i < 3000; i++) bus.on(`t${i}`, () => {}, { name: `h${i}` })();
    expect(recorder.handlers.all).toHaveLength(2048);
    expect(recorder.handlers.all.at(-1)?.name).toBe('(other handlers)');
    for (let i = 0; i < 70_000; i++) bus.emit(`t${i}`, i);
    expect(recorder.types.size).toBe(65_536);
    expect(lastRow(recorder)?.event?.type).toBe('t69999');
  });
});

describe('recording', () => {
  it('pauses: events are counted and not kept, and those under way settle', async () => {
    const bus = quietBus();
    const recorder = record(bus);
    let finish = (): void => {};
    bus.on('slow', () => new Promise<void>((resolve) => (finish = resolve)));
    const emission = bus.emit('slow', 1);
    recorder.paused = true;
    bus.emit('missed', 1);
    finish();
    await emission;
    expect(rows(recorder).map(({ type, status }) => `${type} ${status}`)).toEqual(['slow ok']);
    expect(recorder.missed).toBe(1);
    recorder.paused = false;
    bus.emit('seen', 1);
    expect(lastRow(recorder)?.type).toBe('seen');
  });

  it('clears events and counts, and keeps what handlers have done', () => {
    const bus = quietBus();
    const recorder = record(bus, 16);
    bus.on('tick', () => {});
    for (let i = 0; i < 20; i++) bus.emit('tick', i);
    recorder.clear();
    expect(rows(recorder)).toEqual([]);
    expect([recorder.events.evicted, recorder.traffic.local]).toEqual([0, 0]);
    expect(recorder.handlers.all[0]?.calls).toBe(20);
    bus.emit('tick', 21);
    expect(lastRow(recorder)).toMatchObject({ status: 'ok' });
    expect(readRuns(recorder, recorder.events.tail)).toHaveLength(1);
  });

  it('begins and ends: nothing is kept before, nothing after, and starting twice is starting once', () => {
    const bus = quietBus();
    const recorder = new Recorder(bus);
    bus.emit('before', 1);
    recorder.start();
    recorder.start();
    bus.emit('during', 1);
    recorder.stop();
    bus.emit('after', 1);
    expect(rows(recorder).map(({ type }) => type)).toEqual(['during']);
  });

  it('tells of changes once until they are acknowledged', () => {
    const bus = quietBus();
    const recorder = record(bus);
    let told = 0;
    const off = recorder.changes.subscribe(() => told++);
    for (let i = 0; i < 10; i++) bus.emit('tick', i);
    expect(told).toBe(1);
    recorder.changes.acknowledge();
    bus.emit('tick', 10);
    expect(told).toBe(2);
    off();
    recorder.changes.acknowledge();
    bus.emit('tick', 11);
    expect(told).toBe(2);
  });

  it('puts events of the store before the first one seen, as long as there is room', () => {
    const bus = quietBus();
    const recorder = record(bus, 16);
    bus.emit('live', 1);
    const entry = { at: 1, event: undefined, type: 0, source: 0, node: 0, transport: 0 };
    let taken = 0;
    while (recorder.events.prepend(entry) !== undefined) taken++;
    expect(taken).toBe(15);
    expect(recorder.events.evicted).toBe(0);
    bus.emit('live', 2);
    expect(recorder.events.evicted).toBe(1);
  });
});

describe('a subscription that reads from the store', () => {
  it('shows its calls on the line of the event, with its failures', async () => {
    const bus = createEventBus({ store: memoryStore(), onError: () => {} });
    const recorder = record(bus);
    bus.on('order.placed', () => {}, { name: 'live' });
    bus.on('order.placed', () => Promise.reject(new Error('no')), { durable: 'mailer' });
    await bus.emit('order.placed', 1).persisted;
    await bus.idle();
    const orders = rows(recorder).filter(({ type }) => type === 'order.placed');
    expect(orders).toMatchObject([{ status: 'error', handlers: 2, failures: 1 }]);
    const runs = readRuns(recorder, orders[0]?.sequence ?? 0);
    expect(runs.map(({ handler, outcome }) => `${handler.name} ${outcome}`)).toEqual(['live ok', 'mailer failed']);
  });

  it('gives an event of the past a line of its own, with its offset', async () => {
    const store = memoryStore({ shared: true });
    await createEventBus({ store }).emit('order.placed', 1).persisted;
    const bus = createEventBus({ store });
    const recorder = record(bus);
    bus.on('order.placed', () => {}, { durable: 'mailer', from: 'all' });
    await bus.idle();
    const [line, ...others] = rows(recorder);
    expect(line).toMatchObject({ type: 'order.placed', status: 'ok', handlers: 1 });
    expect(readFacts(recorder, line?.sequence ?? 0)?.offset).toBe(1);
    expect(others).toEqual([]);
  });
});

describe('an event that is replayed', () => {
  it('has a line of its own beside the one it had, with its calls', async () => {
    const bus = createEventBus({ store: memoryStore(), onError: () => {} });
    const recorder = record(bus);
    bus.on('order.placed', ({ data }) => data === 2 && Promise.reject(new Error('no')), { name: 'live' });
    for (const n of [1, 2]) await bus.emit('order.placed', n).persisted;
    await replay(bus, { pattern: 'order.*' });
    await bus.idle();
    const lines = rows(recorder).filter(({ type }) => type === 'order.placed');
    expect(lines).toMatchObject([
      { status: 'ok', handlers: 1, letters: 0 },
      { status: 'error', handlers: 1, failures: 1, letters: 1 },
      { status: 'ok', handlers: 1, letters: 0 },
      { status: 'error', handlers: 1, failures: 1, letters: 1 },
    ]);
    expect(lines.map(({ event }) => event?.metadata['replayed'])).toEqual([undefined, undefined, true, true]);
    expect(lines[2]?.event?.id).toBe(lines[0]?.event?.id);
    expect(lines.map(({ sequence }) => readRuns(recorder, sequence).length)).toEqual([1, 1, 1, 1]);
    expect(lines.map(({ sequence }) => readFacts(recorder, sequence)?.offset)).toEqual([1, 2, undefined, undefined]);
    recorder.chains.update();
    expect(recorder.chains.find(lines[0]?.event?.id ?? '')).toBe(lines[2]?.sequence);
    expect(recorder.chains.chainLength(lines[0]?.event?.correlationId ?? '')).toBe(2);
  });

  it('leaves no trace when it is evicted, nor does the one before it', async () => {
    const bus = createEventBus({ store: memoryStore() });
    const recorder = record(bus, 4);
    const { event } = bus.emit('order.placed', 1);
    await bus.idle();
    for (let times = 0; times < 3; times++) await replay(bus);
    recorder.chains.update();
    expect(recorder.chains.chainLength(event.correlationId)).toBe(4);
    for (let times = 0; times < 4; times++) bus.emit('other');
    recorder.chains.update();
    expect(recorder.chains.find(event.id)).toBeUndefined();
    expect(recorder.chains.chainLength(event.correlationId)).toBe(0);
    await bus.idle();
  });
});
