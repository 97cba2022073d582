import { expect, it, vi } from 'vitest';
import { createEventBus, type EventBus, type Transport, type TransportHost } from '../../core/index.js';
import { memoryStore } from '../../core/stores/memory.js';
import { broadcastChannel } from '../../core/transports/broadcast-channel.js';
import { type EventRow, readFacts, readRow } from './event-row.js';
import { Recorder } from './recorder.js';

/** A transport that a test speaks through: what the bus sends is thrown away. */
class OpenLine implements Transport {
  readonly name = 'open-line';
  readonly caps = { order: true, ack: false, replay: false, carries: 'structured-clone', maxBytes: 1000 } as const;
  host: TransportHost | undefined;

  open(host: TransportHost): void {
    this.host = host;
    host.state('open');
  }
  publish(): void {}
  close(): void {}
}

function setUp(): { bus: EventBus; line: OpenLine; recorder: Recorder; rows: () => (EventRow & { reason: string })[] } {
  const line = new OpenLine();
  const bus = createEventBus({ transports: [line], onError: () => {} });
  const recorder = new Recorder(bus);
  recorder.start();
  const rows = () =>
    Array.from({ length: recorder.events.head - recorder.events.tail }, (_, i) => {
      const sequence = recorder.events.tail + i;
      const row = readRow(recorder, sequence);
      if (row === undefined) throw new Error('a kept event has no row');
      return { ...row, ...readFacts(recorder, sequence) };
    });
  return { bus, line, recorder, rows };
}

const record = (seq: number, id = `e${seq}`): object => ({
  v: 1,
  id,
  type: 'far.away',
  timestamp: 1_700_000_000_000,
  source: 'elsewhere',
  correlationId: id,
  data: seq,
  metadata: {},
  priority: 0,
  node: 'far',
  seq,
});

it('an event that came from another node says over which transport, and from which', () => {
  const { line, rows } = setUp();
  line.host?.receive([record(1)]);
  expect(rows()).toMatchObject([
    { type: 'far.away', source: 'elsewhere', transport: 'open-line', node: { id: 'far', source: 'elsewhere' } },
  ]);
});

it('a record of garbage gets a line of its own', () => {
  const { line, rows, recorder } = setUp();
  line.host?.receive([{ v: 1, nonsense: true }]);
  expect(rows()).toMatchObject([
    { type: '(refused record)', status: 'dropped', reason: 'malformed', event: undefined },
  ]);
  expect(recorder.traffic.refused).toBe(1);
});

it('a record that came twice is counted and gets no second line', () => {
  const { line, rows, recorder } = setUp();
  line.host?.receive([record(1)]);
  line.host?.receive([record(1)]);
  expect(rows()).toHaveLength(1);
  expect(recorder.traffic.refused).toBe(1);
});

it('an event that cannot leave is dropped at the border, and was handled all the same', async () => {
  const bus = createEventBus({ transports: [broadcastChannel({ channel: 'border-notes' })], onError: () => {} });
  const recorder = new Recorder(bus);
  recorder.start();
  bus.on('x', () => {});
  bus.emit('x', { run: () => {} });
  const row = () => readRow(recorder, recorder.events.tail);
  await vi.waitFor(() => expect(row()?.status).toBe('dropped'));
  expect(row()?.handlers).toBe(1);
  expect(readFacts(recorder, recorder.events.tail).reason).toBe('not-serializable');
  await bus.close();
});

it('an event that was stored and sent says so', async () => {
  const line = new OpenLine();
  const bus = createEventBus({ store: memoryStore(), transports: [line] });
  const recorder = new Recorder(bus);
  recorder.start();
  await bus.emit('x', 1).persisted;
  await bus.idle();
  const facts = readFacts(recorder, recorder.events.tail);
  expect(facts.offset).toBeGreaterThanOrEqual(0);
  expect(facts.sentOver).toBe(1);
});

it('records that were sent and never came are counted', async () => {
  const { bus, line, recorder } = setUp();
  line.host?.receive([record(1)]);
  line.host?.receive([record(5)]);
  await bus.idle();
  expect(recorder.traffic.lost).toBe(3);
});

it('nodes come and go', async () => {
  const { bus, line, recorder } = setUp();
  line.host?.receive([record(1)]);
  line.host?.receive([{ ...record(2, 'bye'), type: '$bye', data: { seq: 1 } }]);
  await bus.idle();
  expect(recorder.nodes.all.find(({ id }) => id === 'far')).toMatchObject({ source: 'elsewhere', hasLeft: true });
});
