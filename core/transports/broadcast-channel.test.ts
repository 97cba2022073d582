import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';
import { build } from 'vite';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createEventBus, type EventBus, type Failure, type TransportHost } from '../index.js';
import { transportConformance } from '../testing/transport-conformance.js';
import { broadcastChannel } from './broadcast-channel.js';

/** Patient enough for a machine that is busy with other things. */
const eventually = <T>(read: () => T): ReturnType<typeof expect.poll<T>> => expect.poll(read, { timeout: 15_000 });

const open: (EventBus | BroadcastChannel)[] = [];

afterEach(async () => {
  vi.unstubAllGlobals();
  for (const one of open.splice(0)) await one.close();
});

const newChannel = (): string => crypto.randomUUID();

/** A bus on a channel, what it handles and what goes wrong; closed after the test. */
function node(channel: string, source = 'here'): { bus: EventBus; handled: unknown[]; failures: Failure[] } {
  const [handled, failures]: [unknown[], Failure[]] = [[], []];
  const onError = (failure: Failure): number => failures.push(failure);
  const bus = createEventBus({ source, transports: [broadcastChannel({ channel })], onError });
  bus.on('**', (event) => handled.push(event.data));
  open.push(bus);
  return { bus, handled, failures };
}

/** The channel itself, as anything of the same origin may use it. */
function raw(channel: string): { post: (message: unknown) => void; messages: unknown[] } {
  const messages: unknown[] = [];
  const medium = new BroadcastChannel(channel);
  medium.onmessage = ({ data }: MessageEvent<unknown>): void => void messages.push(data);
  open.push(medium);
  return { post: (message) => medium.postMessage(message), messages };
}

/** One script with everything that a module of this folder imports. */
async function bundled(fixture: URL): Promise<string> {
  const entry = fileURLToPath(fixture);
  const built = await build({
    configFile: false,
    logLevel: 'error',
    build: {
      write: false,
      minify: false,
      target: 'es2022',
      lib: { entry, formats: ['es'] },
      rolldownOptions: { external: /^node:/ },
    },
  });
  const [
    {
      output: [chunk],
    } = { output: [] },
  ] = Array.isArray(built) ? built : [];
  return chunk?.code ?? '';
}

vi.setConfig({ testTimeout: 30_000 });

describe('a broadcast channel in one process', () => {
  const createPair = () => {
    const channel = newChannel();
    return [broadcastChannel({ channel }), broadcastChannel({ channel })] as const;
  };
  for (const { name, run } of transportConformance(createPair)) it(name, run);

  it('T1 opens with the first use of its bus, not before', () => {
    const opened = vi.fn();
    vi.stubGlobal(
      'BroadcastChannel',
      class extends BroadcastChannel {
        constructor(name: string) {
          super(name);
          opened(name);
        }
      },
    );
    const bus = createEventBus({ name: 'shop', transports: [broadcastChannel()] });
    expect(opened).not.toHaveBeenCalled();
    bus.emit('tick');
    bus.on('tick', () => {});
    open.push(bus);
    expect(opened.mock.calls).toEqual([['shop']]);
  });

  it('T1 has the name it was given, and no other', async () => {
    const channel = newChannel();
    const [one, other] = [node(channel), node(channel)];
    one.bus.emit('tick', 1);
    await eventually(() => other.handled).toEqual([1]);
  });

  it('T1 refuses options that it cannot use', () => {
    for (const channel of ['', 7 as never]) expect(() => broadcastChannel({ channel })).toThrow('channel is');
    for (const maxBytes of [0, -1, Number.NaN]) expect(() => broadcastChannel({ maxBytes })).toThrow('maxBytes is');
    expect(() => broadcastChannel({ maxBytes: 0 })).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }));
  });

  it('T6 promises order, and nothing that a channel does not have', () => {
    const caps = { order: true, ack: false, replay: false, carries: 'structured-clone' };
    expect(broadcastChannel().caps).toEqual({ ...caps, maxBytes: 1_048_576 });
    expect(broadcastChannel({ maxBytes: 10 }).caps.maxBytes).toBe(10);
  });

  it('T1 sends all events of a tick in one message', async () => {
    const channel = newChannel();
    const { messages } = raw(channel);
    const { bus } = node(channel);
    const other = node(channel);
    await eventually(() => bus.nodes.length).toBe(1);
    const before = messages.length;
    for (let i = 0; i < 1000; i++) bus.emit('tick', i);
    await eventually(() => other.handled.length).toBe(1000);
    expect(messages.length - before).toBe(1);
  });

  it('T5 counts and drops garbage of every kind, and goes on', async () => {
    const channel = newChannel();
    const { post } = raw(channel);
    const { bus, handled, failures } = node(channel);
    const garbage = [
      ...[null, undefined, 0, 'text', true, 1n, new Map(), new Date(), /x/, new Error('x'), new Uint8Array(9)],
      ...[{}, { crosstown: 1 }, { crosstown: 1, rows: 'abc' }, { crosstown: 2, rows: [] }, { rows: [[]] }],
      ...[{ crosstown: 1, rows: new Array(2 ** 32 - 1) }, new Array(2 ** 32 - 1)],
    ];
    const rows = [null, 1, 'row', {}, [], [1, 2], new Array(1e6), [[[]]], ['id', 'a b', 1, {}, 1]];
    const almost = ['id', 'tick', 1, 'data', 1];
    const rest = [null, 5, 'abc', [], { v: 2 }, { node: 3 }, { id: '' }, { metadata: null }];
    for (const message of garbage) post(message);
    post({ crosstown: 1, node: 'other', source: 'other', rows });
    post({ crosstown: 1, rows: [almost] });
    post({ crosstown: 1, node: { deep: 1 }, source: ['x'], rows: [almost] });
    post({
      crosstown: 1,
      node: 'other',
      source: 'other',
      rows: rest.map((fields, i) => ['id', 'tick', 1, 'data', i, undefined, undefined, undefined, fields]),
    });
    post({ crosstown: 1, node: 'other', source: 'other', rows: [['last', 'tick', 1, 'well', 99]] });
    await eventually(() => handled).toContain('well');
    // Rests that are no objects change nothing, as spreading them adds nothing that counts.
    expect(handled).toEqual(['data', 'data', 'data', 'data', 'well']);
    expect(bus.stats().dropped).toBe(garbage.length + rows.length + 2 + 4);
    expect(failures).toEqual([]);
  });

  it('T5 takes records as they are, too', async () => {
    const channel = newChannel();
    const { handled } = node(channel);
    const fields = { timestamp: 1, source: 's', correlationId: 'c', metadata: {}, priority: 0, node: 'n' };
    raw(channel).post([
      { v: 1, id: 'a', type: 'tick', data: 1, seq: 1, ...fields },
      { v: 1, id: 'b', type: 'tick', data: 2, seq: 2, ...fields },
    ]);
    await eventually(() => handled).toEqual([1, 2]);
  });

  it('T1 reports a message that cannot be decoded, and goes on', async () => {
    const channel = newChannel();
    const channels: BroadcastChannel[] = [];
    vi.stubGlobal(
      'BroadcastChannel',
      class extends BroadcastChannel {
        constructor(name: string) {
          super(name);
          channels.push(this);
        }
      },
    );
    const { handled, failures } = node(channel);
    channels[0]?.dispatchEvent(new MessageEvent('messageerror'));
    expect(failures).toMatchObject([
      { stage: 'transport', event: undefined, error: { code: 'TRANSPORT_FAILED', transport: 'broadcast-channel' } },
    ]);
    node(channel).bus.emit('tick', 1);
    await eventually(() => handled).toEqual([1]);
    expect(failures).toHaveLength(1);
  });
});

describe('where there is no BroadcastChannel', () => {
  it.each<[string, unknown, string]>([
    ['at all', undefined, 'BroadcastChannel does not exist here'],
    [
      'for an opaque origin',
      class {
        constructor() {
          throw new Error('access denied');
        }
      },
      'access denied',
    ],
  ])('T1 says so once, and the bus works alone: %s', async (_, BroadcastChannel, reason) => {
    vi.stubGlobal('BroadcastChannel', BroadcastChannel);
    const { bus, handled, failures } = node(newChannel());
    await bus.emit('tick', 1);
    await bus.emit('tick', 2);
    expect(handled).toEqual([1, 2]);
    expect(failures).toMatchObject([
      { stage: 'transport', error: { name: 'TransportError', operation: 'open', transport: 'broadcast-channel' } },
    ]);
    expect((failures[0]?.error as Error | undefined)?.message).toContain(reason);
    expect(bus.nodes).toEqual([]);
  });
});

describe('a page that is left', () => {
  /** Enough of a page to leave and come back to. */
  function page(): { leave: (persisted: boolean) => void; comeBack: (persisted: boolean) => void } {
    const window = new EventTarget();
    vi.stubGlobal('window', window);
    const turn = (type: string) => (persisted: boolean) =>
      void window.dispatchEvent(Object.assign(new Event(type), { persisted }));
    return { leave: turn('pagehide'), comeBack: turn('pageshow') };
  }

  it('T7 says bye before its channel closes, and hello when it is back', async () => {
    const channel = newChannel();
    const there = node(channel, 'there');
    const { leave, comeBack } = page();
    const here = node(channel, 'here');
    await eventually(() => there.bus.nodes.length).toBe(1);
    leave(true);
    await eventually(() => there.bus.nodes.length).toBe(0);
    there.bus.emit('tick', 'meanwhile');
    here.bus.emit('tick', 'nobody hears');
    await Promise.all([here.bus.idle(), there.bus.idle()]);
    comeBack(true);
    await eventually(() => there.bus.nodes.length).toBe(1);
    there.bus.emit('tick', 'again');
    await eventually(() => here.handled).toEqual(['nobody hears', 'again']);
    expect(there.handled).toEqual(['meanwhile', 'again']);
    expect([...here.failures, ...there.failures]).toEqual([]);
  });

  it('T7 tells its bus of each turn, once', () => {
    const { leave, comeBack } = page();
    const states: string[] = [];
    const host = { name: newChannel(), nodeId: 'n', state: (state: string) => states.push(state) };
    const transport = broadcastChannel();
    void transport.open(host as unknown as TransportHost);
    comeBack(false);
    comeBack(true);
    leave(true);
    leave(true);
    comeBack(false);
    comeBack(true);
    comeBack(true);
    expect(states).toEqual(['open', 'closing', 'closed', 'open']);
    void transport.close();
    leave(false);
    comeBack(true);
    expect(states).toHaveLength(4);
    expect(() => transport.publish([])).toThrow('it is not open');
  });

  it('T7 reports a channel that does not open again', async () => {
    const { leave, comeBack } = page();
    const { bus, failures } = node(newChannel());
    leave(true);
    vi.stubGlobal('BroadcastChannel', undefined);
    comeBack(true);
    expect(failures).toMatchObject([{ stage: 'transport', error: { operation: 'open' } }]);
    expect((await bus.emit('tick')).delivered).toBe(1);
  });
});

describe('threads of one process', () => {
  const script = bundled(new URL('./broadcast-channel/thread.test.fixture.ts', import.meta.url));

  /** A thread with a bus, and what it tells. */
  async function thread(channel: string, source: string): Promise<{ worker: Worker; told: Record<string, unknown>[] }> {
    const url = new URL(`data:text/javascript,${encodeURIComponent(await script)}`);
    const worker = new Worker(url, { workerData: { channel, source } });
    const told: Record<string, unknown>[] = [];
    worker.on('message', (said: Record<string, unknown>) => told.push(said));
    worker.on('error', (error) => told.push({ error }));
    return { worker, told };
  }

  it('T7 meet, hear each other in order, and part', async () => {
    const channel = newChannel();
    const [one, other] = [await thread(channel, 'one'), await thread(channel, 'other')];
    await eventually(() => one.told).toContainEqual({ joined: 'other' });
    await eventually(() => other.told).toContainEqual({ joined: 'one' });
    const [{ nodeId } = {}] = one.told;
    one.worker.postMessage({ emit: 'tick', count: 5000 });
    const ticks = (): unknown[] =>
      other.told.filter(({ handled, node }) => handled === 'tick' && node === nodeId).map(({ data }) => data);
    await eventually(() => ticks().length).toBe(5000);
    expect(ticks()).toEqual(Array.from({ length: 5000 }, (_, i) => i));
    one.worker.postMessage({});
    await eventually(() => other.told).toContainEqual({ left: 'one' });
    other.worker.postMessage({});
    await Promise.all([one, other].map(({ worker }) => worker.terminate()));
  });

  it('T3 share chains: an answer in one thread belongs to the question of another', async () => {
    const channel = newChannel();
    const { worker } = await thread(channel, 'thread');
    const { bus } = node(channel, 'main');
    await eventually(() => bus.nodes.map(({ source }) => source)).toEqual(['thread']);
    const answers: unknown[] = [];
    bus.on('answer', (event, { node: from }) =>
      answers.push([event.data, event.correlationId, event.causationId, from]),
    );
    const { event } = bus.emit('question');
    await eventually(() => answers).toEqual([['thread', event.id, event.id, bus.nodes[0]?.id]]);
    await worker.terminate();
  });

  it('T1 do not keep their process alive', async () => {
    const running = promisify(execFile)(process.execPath, ['--input-type=module'], { timeout: 15_000 });
    running.child.stdin?.end(await bundled(new URL('./broadcast-channel/process.test.fixture.ts', import.meta.url)));
    expect((await running).stdout.trim()).toBe('open');
  });
});
