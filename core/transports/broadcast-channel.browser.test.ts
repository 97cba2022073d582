import { afterEach, describe, expect, it, vi } from 'vitest';
import { createEventBus, type EventBus, type Failure } from '../index.js';
import { transportConformance } from '../testing/transport-conformance.js';
import contextUrl from './broadcast-channel/context.test.fixture.ts?worker&url';
import { broadcastChannel } from './broadcast-channel.js';

/** Patient enough for a machine that is busy with other things. */
const eventually = <T>(read: () => T): ReturnType<typeof expect.poll<T>> => expect.poll(read, { timeout: 15_000 });

const cleanUps: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp();
});

/** A bus in this page; closed after the test. */
function node(channel: string): { bus: EventBus; failures: Failure[] } {
  const failures: Failure[] = [];
  const onError = (failure: Failure): number => failures.push(failure);
  const bus = createEventBus({ source: 'page', transports: [broadcastChannel({ channel })], onError });
  bus.on('**', () => {});
  cleanUps.push(() => bus.close());
  return { bus, failures };
}

const sources = (bus: EventBus): string[] => bus.nodes.map(({ source }) => source).sort();

/** What the buses of other contexts tell, and a way to tell them. */
function control(channel: string): { told: Record<string, unknown>[]; tell: (order: object) => void } {
  const told: Record<string, unknown>[] = [];
  const medium = new BroadcastChannel(`${channel}-control`);
  medium.onmessage = ({ data }: MessageEvent<Record<string, unknown>>): void => void told.push(data);
  cleanUps.push(() => medium.close());
  return { told, tell: (order) => medium.postMessage(order) };
}

const script = (channel: string, source: string): string =>
  `${new URL(contextUrl, location.href)}&${new URLSearchParams({ channel, source })}`;

function startWorker(channel: string): Worker {
  const worker = new Worker(script(channel, 'worker'), { type: 'module' });
  cleanUps.push(() => worker.terminate());
  return worker;
}

function startFrame(channel: string): HTMLIFrameElement {
  const frame = document.createElement('iframe');
  frame.srcdoc = `<script type="module" src="${script(channel, 'frame').replaceAll('&', '&amp;')}"></script>`;
  document.body.append(frame);
  cleanUps.push(() => frame.remove());
  return frame;
}

vi.setConfig({ testTimeout: 30_000 });

describe('a broadcast channel in one page', () => {
  const createPair = () => {
    const channel = crypto.randomUUID();
    return [broadcastChannel({ channel }), broadcastChannel({ channel })] as const;
  };
  for (const { name, run } of transportConformance(createPair)) it(name, run);

  it('T4 refuses what only a page has, by name, and carries what the platform can copy', async () => {
    const channel = crypto.randomUUID();
    const [here, there] = [node(channel), node(channel)];
    const arrived: unknown[] = [];
    there.bus.on('tick', (event) => arrived.push(event.data));
    await eventually(() => here.bus.nodes.length).toBe(1);
    here.bus.emit('tick', { target: document.createElement('button') });
    here.bus.emit('tick', [new URL('https://example.com')]);
    here.bus.emit('tick', { file: new File(['abc'], 'a.txt'), rect: new DOMRect(1, 2, 3, 4) });
    await eventually(() => arrived.length).toBe(1);
    const [{ file, rect }] = arrived as [{ file: File; rect: DOMRect }];
    expect([await file.text(), file.name, rect.width]).toEqual(['abc', 'a.txt', 3]);
    expect(here.failures.map(({ error }) => (error as Error).message)).toEqual([
      expect.stringContaining('"tick" cannot leave this node: data.target is an instance of HTMLButtonElement'),
      expect.stringContaining('"tick" cannot leave this node: data[0] is an instance of URL'),
    ]);
  });
});

describe('a page, its worker and its frame', () => {
  it('T7 meet, and know of it when one is closed', async () => {
    const channel = crypto.randomUUID();
    const { tell } = control(channel);
    const { bus } = node(channel);
    startWorker(channel);
    startFrame(channel);
    await eventually(() => sources(bus)).toEqual(['frame', 'worker']);
    tell({ to: 'worker', close: true });
    await eventually(() => sources(bus)).toEqual(['frame']);
    tell({ to: 'frame', close: true });
    await eventually(() => sources(bus)).toEqual([]);
  });

  it('T3 hear each event once, in order, with its chain', async () => {
    const channel = crypto.randomUUID();
    const { told } = control(channel);
    const { bus, failures } = node(channel);
    startWorker(channel);
    startFrame(channel);
    await eventually(() => sources(bus)).toEqual(['frame', 'worker']);
    const answers: unknown[] = [];
    bus.on('answer', ({ data, correlationId }, delivery) => answers.push([data, correlationId, delivery.node]));
    const { event } = bus.emit('question');
    const idOf = (source: string): unknown => bus.nodes.find((one) => one.source === source)?.id;
    const expected = ['frame', 'worker'].map((source) => [source, event.id, idOf(source)]);
    await eventually(() => answers.toSorted()).toEqual(expected.toSorted());
    for (let n = 0; n < 5000; n++) {
      bus.emit('tick', n);
      if (n % 700 === 0) await new Promise((resolve) => setTimeout(resolve));
    }
    bus.emit('tick', 'last');
    const counts = [...Array.from({ length: 5000 }, (_, n) => n), 'last'];
    for (const source of ['worker', 'frame']) {
      const found = (): unknown => told.find((said) => said['source'] === source && 'ticks' in said)?.['ticks'];
      await eventually(found).toEqual(counts);
    }
    expect(failures).toEqual([]);
    expect(told.filter((said) => 'failed' in said)).toEqual([]);
  });

  it('T7 know that a frame is gone when it is removed: its page says bye', async () => {
    const channel = crypto.randomUUID();
    const { bus } = node(channel);
    const frame = startFrame(channel);
    await eventually(() => sources(bus)).toEqual(['frame']);
    frame.remove();
    await eventually(() => sources(bus)).toEqual([]);
  });

  it('T7 part when a page is left for the cache, and meet again when it comes back', async () => {
    const channel = crypto.randomUUID();
    const { told, tell } = control(channel);
    const { bus } = node(channel);
    const { contentWindow: page } = startFrame(channel);
    await eventually(() => sources(bus)).toEqual(['frame']);
    page?.dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }));
    await eventually(() => sources(bus)).toEqual([]);
    bus.emit('missed');
    await bus.idle();
    page?.dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }));
    await eventually(() => sources(bus)).toEqual(['frame']);
    const heard: unknown[] = [];
    bus.on('back', (event) => heard.push(event.data));
    tell({ to: 'frame', emit: 'back' });
    bus.emit('noticed');
    await eventually(() => heard).toEqual([1, 2, 3]);
    await eventually(() => told.map((said) => said['handled'])).toContain('noticed');
    expect(told.map((said) => said['handled'])).not.toContain('missed');
  });
});

describe('a message that its receiver cannot decode', () => {
  it('T1 is reported, and the bus goes on', async () => {
    const channel = crypto.randomUUID();
    const { told } = control(channel);
    const { bus } = node(channel);
    // A shared worker is in another cluster of agents, which media cannot enter, nor, where they can, compiled programs.
    const shared = new SharedWorker(script(channel, 'shared'), { type: 'module' });
    shared.port.start();
    await eventually(() => sources(bus)).toEqual(['shared']);
    const medium = new BroadcastChannel(channel);
    cleanUps.push(() => medium.close());
    const format = { format: 'f32', sampleRate: 8000, numberOfFrames: 1, numberOfChannels: 1 } as const;
    medium.postMessage(new AudioData({ ...format, timestamp: 0, data: new Float32Array(1) }));
    medium.postMessage(new WebAssembly.Module(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0])));
    await eventually(() => told.map((said) => said['failed'])).toContainEqual(
      expect.stringContaining('read a message'),
    );
    bus.emit('after');
    await eventually(() => told.map((said) => said['handled'])).toContain('after');
  });
});
