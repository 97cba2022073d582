import { afterEach, describe, expect, it, vi } from 'vitest';
import { createEventBus, type EventBus, type Failure, type Transport } from '../index.js';
import { transportConformance } from '../testing/transport-conformance.js';
import contextUrl from './message-port/context.test.fixture.ts?worker&url';
import { messagePort } from './message-port.js';

/** Patient enough for a machine that is busy with other things. */
const eventually = <T>(read: () => T): ReturnType<typeof expect.poll<T>> => expect.poll(read, { timeout: 15_000 });

const cleanUps: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp();
});

/** A bus in this page, what it handles of others and what goes wrong; closed after the test. */
function node(transport: Transport, source = 'page'): { bus: EventBus; heard: unknown[]; failures: Failure[] } {
  const [heard, failures]: [unknown[], Failure[]] = [[], []];
  const onError = (failure: Failure): number => failures.push(failure);
  const bus = createEventBus({ source, transports: [transport], onError });
  bus.on('**', (event, { node: from }) => from !== bus.nodeId && heard.push(event.data));
  cleanUps.push(() => bus.close());
  return { bus, heard, failures };
}

const sources = (bus: EventBus): string[] => bus.nodes.map(({ source }) => source).sort();

const script = (source: string, more = ''): string =>
  `${new URL(contextUrl, location.href)}&${new URLSearchParams({ source })}${more}`;

function startWorker(source = 'worker'): Worker {
  const worker = new Worker(script(source), { type: 'module' });
  cleanUps.push(() => worker.terminate());
  return worker;
}

function startFrame(): HTMLIFrameElement & { readonly contentWindow: Window } {
  const frame = document.createElement('iframe');
  frame.srcdoc = `<script type="module" src="${script('frame').replaceAll('&', '&amp;')}"></script>`;
  document.body.append(frame);
  cleanUps.push(() => frame.remove());
  return frame as HTMLIFrameElement & { readonly contentWindow: Window };
}

const sharedPort = (source: string, more: string): MessagePort =>
  new SharedWorker(script(source, more), { type: 'module' }).port;

const upTo = (count: number): number[] => Array.from({ length: count }, (_, n) => n);

vi.setConfig({ testTimeout: 60_000 });

describe('the two ends of a message channel in a page', () => {
  const createPair = () => {
    const { port1, port2 } = new MessageChannel();
    return [messagePort({ port: port1 }), messagePort({ port: port2 })] as const;
  };
  for (const { name, run } of transportConformance(createPair)) it(name, run);
});

describe('a page and its worker', () => {
  it('T3 hear each event once, in order, with its chain, and answer each other', async () => {
    const { bus, heard, failures } = node(messagePort({ port: startWorker() }));
    await eventually(() => sources(bus)).toEqual(['worker']);
    const answers: unknown[] = [];
    bus.on('answer', ({ data, correlationId }, delivery) => answers.push([data, correlationId, delivery.node]));
    const { event } = bus.emit('question');
    await eventually(() => answers).toEqual([['worker', event.id, bus.nodes[0]?.id]]);
    for (const n of upTo(5000)) {
      bus.emit('tick', n);
      if (n % 700 === 0) await new Promise((resolve) => setTimeout(resolve));
    }
    expect(await bus.request('ticks')).toEqual(upTo(5000));
    heard.length = 0;
    bus.emit('burst', 5000);
    await eventually(() => heard.length).toBe(5000);
    expect(heard).toEqual(upTo(5000));
    expect(failures).toEqual([]);
  });

  it('T8 conform in the worker, too', async () => {
    const { bus } = node(messagePort({ port: startWorker() }));
    await eventually(() => sources(bus)).toEqual(['worker']);
    const outcomes = (await bus.request('conformance', undefined, { timeoutMs: 50_000 })) as string[];
    expect(outcomes.length).toBeGreaterThan(15);
    expect(outcomes.filter((outcome) => !outcome.endsWith(': passed'))).toEqual([]);
  });

  it('T7 part when the worker is terminated, whatever is under way', async () => {
    const worker = startWorker();
    const { bus, failures } = node(messagePort({ port: worker, backlog: 100 }));
    await eventually(() => sources(bus)).toEqual(['worker']);
    bus.emit('block', 60_000);
    await bus.idle();
    for (let n = 0; n < 60; n++) {
      bus.emit('tick', n);
      await Promise.resolve();
    }
    worker.terminate();
    await eventually(() => sources(bus)).toEqual([]);
    const gone = failures.map(({ error }) => (error as Error).message);
    expect(gone.length).toBeGreaterThan(0);
    expect(gone).toEqual(gone.map(() => expect.stringContaining('the other side is gone')));
    expect((await bus.emit('tick')).delivered).toBe(1);
  });
});

describe('a page and its frame', () => {
  it('T7 meet, part when the frame is removed, and meet the next page in it', async () => {
    const frame = startFrame();
    const { bus, heard } = node(messagePort({ window: frame.contentWindow, origin: location.origin }));
    await eventually(() => sources(bus)).toEqual(['frame']);
    const before = bus.nodes[0]?.id;
    bus.emit('question');
    await eventually(() => heard).toEqual(['frame']);
    frame.contentWindow.location.reload();
    await eventually(() => sources(bus).length === 1 && bus.nodes[0]?.id !== before).toBe(true);
    bus.emit('question');
    await eventually(() => heard).toEqual(['frame', 'frame']);
    frame.remove();
    await eventually(() => sources(bus)).toEqual([]);
  });
});

describe('a shared worker', () => {
  it('T2 has three pages hear each other once each, when it relays', async () => {
    const name = crypto.randomUUID();
    const pages = ['a', 'b', 'c'].map((source) => node(messagePort({ port: sharedPort(name, '&relay') }), source));
    for (const { bus } of pages) await eventually(() => sources(bus).length).toBe(3);
    for (const { bus } of pages) for (const n of upTo(100)) bus.emit('tick', `${bus.source}${n}`);
    for (const { bus, heard } of pages) {
      await eventually(() => heard.length).toBe(200);
      const others = ['a', 'b', 'c'].filter((source) => source !== bus.source);
      for (const other of others)
        expect(heard.filter((data) => String(data).startsWith(other))).toEqual(upTo(100).map((n) => `${other}${n}`));
    }
    expect(pages.flatMap(({ failures }) => failures)).toEqual([]);
    expect(pages.map(({ bus }) => bus.stats().dropped)).toEqual([0, 0, 0]);
  });

  it('T2 talks with its pages alone, when it does not', async () => {
    const name = crypto.randomUUID();
    const [a, b] = ['a', 'b'].map((source) => node(messagePort({ port: sharedPort(name, '') }), source)) as [
      ReturnType<typeof node>,
      ReturnType<typeof node>,
    ];
    for (const { bus } of [a, b]) await eventually(() => sources(bus)).toEqual([name]);
    a.bus.emit('tick', 'of a');
    // Two ports keep no order between them.
    await vi.waitFor(async () => expect(await b.bus.request('ticks')).toEqual(['of a']), { timeout: 15_000 });
    b.bus.emit('question');
    await eventually(() => [a.heard, b.heard]).toEqual([[name], [name]]);
  });
});
