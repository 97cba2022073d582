import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';
import { build } from 'vite';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createEventBus, type EventBus, type Failure, type Inspection, type Transport } from '../index.js';
import { transportConformance } from '../testing/transport-conformance.js';
import { type MessagePortEnd, type MessagePortOptions, messagePort, messagePorts } from './message-port.js';

/** Patient enough for a machine that is busy with other things. */
const eventually = <T>(read: () => T): ReturnType<typeof expect.poll<T>> => expect.poll(read, { timeout: 15_000 });

const cleanUps: (() => unknown)[] = [];

afterEach(async () => {
  vi.unstubAllGlobals();
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

interface Node {
  readonly bus: EventBus;
  /** Data of the events of other nodes. */
  readonly heard: unknown[];
  readonly failures: Failure[];
  readonly seen: Inspection[];
}

/** A bus on a transport, what it hears and what goes wrong; closed after the test. */
function node(transport: Transport, source = 'here'): Node {
  const [heard, failures, seen]: [unknown[], Failure[], Inspection[]] = [[], [], []];
  const onError = (failure: Failure): number => failures.push(failure);
  const bus = createEventBus({ source, transports: [transport], onError });
  bus.inspect((one) => void seen.push(one));
  bus.on('**', (event, { node: from }) => from !== bus.nodeId && heard.push(event.data));
  cleanUps.push(() => bus.close());
  return { bus, heard, failures, seen };
}

function channel(): MessageChannel {
  const made = new MessageChannel();
  cleanUps.push(() => {
    made.port1.close();
    made.port2.close();
  });
  return made;
}

/** Two buses that have met over a channel. */
async function pair(options: MessagePortOptions = {}): Promise<readonly [Node, Node]> {
  const { port1, port2 } = channel();
  const nodes = [node(messagePort({ port: port1, ...options }), 'one'), node(messagePort({ port: port2 }), 'other')];
  for (const { bus } of nodes) await eventually(() => bus.nodes.length).toBe(1);
  return nodes as unknown as readonly [Node, Node];
}

const messagesOf = (failures: readonly Failure[]): string[] => failures.map(({ error }) => (error as Error).message);

const dropped = (seen: readonly Inspection[]): unknown[] =>
  seen.flatMap((one) => (one.kind === 'dropped' ? [one.reason] : []));

const upTo = (count: number, from = 0): number[] => Array.from({ length: count }, (_, n) => from + n);

/** Whoever can write to the other end of a channel, by hand: it is met by `answer`, and reads all of `messages`. */
async function stranger(options: MessagePortOptions = {}) {
  const { port1, port2 } = channel();
  const here = node(messagePort({ port: port1, ...options }));
  const greetings: { hello: string; to?: string; port?: MessagePort }[] = [];
  port2.onmessage = ({ data }): void => void greetings.push(data);
  await eventually(() => greetings.length).toBe(1);
  const meet = (hello = '~'): { port: MessagePort; messages: unknown[] } => {
    const made = channel();
    const messages: unknown[] = [];
    made.port1.onmessage = ({ data }): void => void messages.push(data);
    const offer = { crosstown: 1, hello, to: greetings[0]?.hello, port: made.port2 };
    port2.postMessage(offer, [made.port2]);
    return { port: made.port1, messages };
  };
  return { ...here, door: port2, greetings, meet };
}

const row = (seq: number, data: unknown): unknown[] => [`id-${seq}`, 'tick', 1, data, seq];
/** Data of the ticks that were sent to somebody. */
const ticksOf = (messages: readonly unknown[]): unknown[] =>
  messages
    .flatMap((one) => (one as { rows?: unknown[][] } | null)?.rows ?? [])
    .flatMap(([, type, , data]) => (type === 'tick' ? [data] : []));

const batch = (...rows: unknown[]) => ({ crosstown: 1, node: 'n', source: 's', rows });

async function bundled(name: string): Promise<string> {
  const built = await build({
    configFile: false,
    logLevel: 'error',
    build: {
      write: false,
      minify: false,
      target: 'es2022',
      lib: {
        entry: fileURLToPath(new URL(`./message-port/${name}.test.fixture.ts`, import.meta.url)),
        formats: ['es'],
      },
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

describe('the two ends of a message channel', () => {
  const createPair = () => {
    const { port1, port2 } = new MessageChannel();
    return [messagePort({ port: port1 }), messagePort({ port: port2 })] as const;
  };
  for (const { name, run } of transportConformance(createPair)) it(name, run);

  it('T9 are open when the other side has answered, whoever came first', async () => {
    const { port1, port2 } = channel();
    const one = node(messagePort({ port: port1 }), 'one');
    one.bus.emit('tick', 'nobody hears');
    await one.bus.idle();
    const other = node(messagePort({ port: port2 }), 'other');
    await eventually(() => [one, other].map(({ bus }) => bus.nodes.map(({ source }) => source))).toEqual([
      ['other'],
      ['one'],
    ]);
    one.bus.emit('tick', 'now');
    await eventually(() => other.heard).toEqual(['now']);
    expect([...one.failures, ...other.failures]).toEqual([]);
    expect(dropped([...one.seen, ...other.seen])).toEqual([]);
  });

  it('T9 carry 100,000 events in order, each once', async () => {
    const [one, other] = await pair();
    for (let n = 0; n < 100_000; n += 1000) {
      for (const data of upTo(1000, n)) one.bus.emit('tick', data);
      await one.bus.idle();
      // No more than may wait: the other side shares this thread.
      await eventually(() => other.heard.length).toBeGreaterThan(n - 5000);
    }
    await eventually(() => other.heard.length).toBe(100_000);
    expect(other.heard.every((data, n) => data === n)).toBe(true);
    expect([...one.failures, ...other.failures]).toEqual([]);
  });

  it('T9 know that the other one is gone when its port closes without a bye', async () => {
    const { port, meet, bus } = { ...(await stranger()), port: undefined };
    const { port: theirs, messages } = meet();
    await eventually(() => messages.length).toBeGreaterThan(1);
    theirs.postMessage(batch(row(1, 'a')));
    theirs.postMessage({ ...batch(row(1, 'b')), node: 'm' });
    await eventually(() => bus.nodes.map(({ id }) => id)).toEqual(['n', 'm']);
    theirs.close();
    await eventually(() => bus.nodes).toEqual([]);
    expect([port, bus.stats().dropped]).toEqual([undefined, 0]);
  });

  it('T9 meet who comes to the same end later, in place of who was there', async () => {
    const { meet, bus, heard, door, greetings } = await stranger();
    const first = meet('~a');
    first.port.postMessage(batch(row(1, 'a')));
    await eventually(() => heard).toEqual(['a']);
    door.postMessage({ crosstown: 1, hello: '~b' });
    await eventually(() => greetings.length).toBe(2);
    const second = meet('~b');
    await eventually(() => second.messages[0]).toBe(greetings[0]?.hello);
    expect(bus.nodes).toEqual([]);
    second.port.postMessage({ ...batch(row(1, 'b')), node: 'm' });
    first.port.postMessage(batch(row(2, 'too late')));
    await eventually(() => heard).toEqual(['a', 'b']);
    expect(bus.nodes.map(({ id }) => id)).toEqual(['m']);
  });

  it('T9 talk to nobody who got the port and does not know the word of whom it was for', async () => {
    const { door, greetings, bus, heard, failures } = await stranger();
    door.postMessage({ crosstown: 1, hello: '!' });
    await eventually(() => greetings.length).toBe(2);
    const port = greetings[1]?.port as MessagePort;
    const messages: unknown[] = [];
    port.onmessage = ({ data }): void => void messages.push(data);
    const closed = new Promise((resolve) => port.addEventListener('close', resolve));
    port.postMessage(batch(row(1, 'forged')));
    await closed;
    bus.emit('tick');
    await bus.idle();
    expect([heard, messages, failures, bus.nodes]).toEqual([[], [], [], []]);
  });

  it('T5 leave to strangers what is theirs, and count garbage of their own as any', async () => {
    const { door, meet, bus, heard, failures, greetings } = await stranger();
    const theirs = [
      ...[null, undefined, 0, 'webpackHotUpdate', { type: 'react-devtools' }, [1], new Map()],
      ...[{ crosstown: 2, hello: 'x' }, { crosstown: 1, hello: 7 }, { crosstown: 1 }, { hello: '~' }],
      ...[{ crosstown: 1, hello: '~', port: 5 }, batch(row(1, 'at the door'))],
    ];
    for (const message of theirs) door.postMessage(message);
    const { port, messages } = meet();
    await eventually(() => messages.length).toBe(2);
    expect(greetings.length).toBe(2);
    expect(bus.stats().dropped).toBe(0);
    const garbage = [undefined, null, true, 1n, 'text', {}, { crosstown: 1, rows: 'abc' }, new Date(), new Error('x')];
    const credits = [1e6, -1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, Number.MAX_SAFE_INTEGER, 2];
    for (const message of [...garbage, ...credits]) port.postMessage(message);
    port.postMessage(batch(row(1, 'well')));
    await eventually(() => heard).toEqual(['well']);
    // Half a message cannot have been taken, but takes nothing from anybody either.
    expect(bus.stats().dropped).toBe(garbage.length + credits.length - 1);
    expect(failures).toEqual([]);
  });

  it('T5 report what cannot be decoded, and let it count as taken', async () => {
    const { meet, failures } = await stranger();
    const listened = vi.spyOn(MessagePort.prototype, 'onmessageerror', 'set');
    const { messages } = meet();
    await eventually(() => messages.length).toBe(2);
    const [[hear] = []] = listened.mock.calls as unknown as [[() => void]];
    listened.mockRestore();
    for (let n = 0; n < 16; n++) hear?.();
    expect(failures).toHaveLength(16);
    expect(failures[0]).toMatchObject({ stage: 'transport', error: { operation: 'read a message' } });
    await eventually(() => messages.at(-1)).toBe(16);
  });
});

describe('a side that takes nothing for a while', () => {
  it('T9 finds a bounded number of messages, while others wait, and what is too many is refused', async () => {
    const { meet, bus, failures, seen } = await stranger({ backlog: 100 });
    const { port, messages } = meet();
    await eventually(() => messages.length).toBe(2);
    for (const n of upTo(200)) {
      bus.emit('tick', n);
      await Promise.resolve();
      await Promise.resolve();
    }
    await bus.idle();
    const ticks = (): unknown[] => ticksOf(messages);
    // Of the 32 that may be under way the hello is one.
    await eventually(ticks).toEqual(upTo(31, 0));
    expect(seen.filter(({ kind }) => kind === 'sent')).toHaveLength(31);
    expect(dropped(seen)).toEqual(Array(69).fill('transport-failed'));
    expect(messagesOf(failures)[0]).toContain('100 records wait for a port whose other side takes none');
    // A million cannot have been taken, and what was taken before is not given twice.
    for (const credit of [1e6, -5, 0]) port.postMessage(credit);
    port.postMessage(16);
    await eventually(() => ticks().length).toBe(47);
    port.postMessage(16);
    port.postMessage(48);
    await eventually(() => ticks().length).toBe(79);
    for (const taken of [80, 112, 132]) port.postMessage(taken);
    await eventually(ticks).toEqual(upTo(131));
    await eventually(() => seen.filter(({ kind }) => kind === 'sent').length).toBe(131);
    bus.emit('tick', 'again');
    await eventually(() => ticks().at(-1)).toBe('again');
  });

  it('T4 gets what was published as it was then, and refuses what cannot be copied', async () => {
    const { meet, bus, failures } = await stranger();
    const { port, messages } = meet();
    await eventually(() => messages.length).toBe(2);
    for (const n of upTo(31)) {
      bus.emit('fill', n);
      await bus.idle();
    }
    const data = { n: 1 };
    bus.emit('tick', data);
    bus.emit('tick', { deep: [() => {}] });
    await bus.idle();
    data.n = 2;
    port.postMessage(16);
    await eventually(() => messages.length).toBe(34);
    expect(ticksOf(messages)).toEqual([{ n: 1 }]);
    expect(messagesOf(failures)).toEqual([expect.stringContaining('data.deep[0] is a function')]);
  });

  it('T9 gets all that waits when the bus closes, bye last', async () => {
    const { meet, bus, failures } = await stranger();
    const { messages } = meet();
    await eventually(() => messages.length).toBe(2);
    for (const n of upTo(60)) {
      bus.emit('tick', n);
      await bus.idle();
    }
    await bus.close();
    await eventually(() => messages.at(-1)).toBe(false);
    const types = messages.flatMap((one) =>
      ((one as { rows?: unknown[][] } | null)?.rows ?? []).map(([, type]) => type),
    );
    expect(types).toEqual(['$hello', ...Array(60).fill('tick'), '$bye']);
    expect(failures).toEqual([]);
  });

  it('T9 leaves what waits to nobody when it goes: each is refused', async () => {
    const { meet, bus, failures, seen } = await stranger();
    const { port, messages } = meet();
    await eventually(() => messages.length).toBe(2);
    for (const n of upTo(41)) {
      bus.emit('tick', n);
      await bus.idle();
    }
    port.postMessage(false);
    await eventually(() => dropped(seen)).toEqual(Array(10).fill('transport-failed'));
    expect(messagesOf(failures)[0]).toContain('the other side is gone');
    bus.emit('tick');
    await bus.idle();
    expect(dropped(seen)).toHaveLength(10);
  });
});

describe('a hub', () => {
  /** A hub with a node, and nodes that each reach it by a port of their own. */
  async function hubOf(sources: readonly string[], relay: boolean) {
    const transport = messagePorts({ relay, backlog: 50 });
    const hub = node(transport, 'hub');
    const ends = sources.map(() => channel());
    const removals = ends.map(({ port1 }) => transport.add({ port: port1 }));
    const nodes = ends.map(({ port2 }, i) => node(messagePort({ port: port2 }), sources[i]));
    const count = relay ? sources.length : 1;
    for (const { bus } of nodes) await eventually(() => bus.nodes.length).toBe(count);
    await eventually(() => hub.bus.nodes.length).toBe(sources.length);
    return { transport, hub, nodes: nodes as [Node, Node, ...Node[]], removals };
  }

  it('T2 has three hear each other exactly once when it relays', async () => {
    const { hub, nodes } = await hubOf(['a', 'b', 'c'], true);
    for (const { bus } of [hub, ...nodes]) for (const n of upTo(50)) bus.emit('tick', `${bus.source} ${n}`);
    for (const { bus, heard } of [hub, ...nodes]) {
      const others = ['a', 'b', 'c', 'hub'].filter((source) => source !== bus.source);
      await eventually(() => heard.length).toBe(150);
      for (const source of others)
        expect(heard.filter((data) => `${data}`.startsWith(`${source} `))).toEqual(
          upTo(50).map((n) => `${source} ${n}`),
        );
      expect(bus.stats().dropped).toBe(0);
    }
    expect([hub, ...nodes].flatMap(({ failures }) => failures)).toEqual([]);
  });

  it('T2 keeps to itself what it hears when it does not', async () => {
    const { hub, nodes } = await hubOf(['a', 'b'], false);
    const [a, b] = nodes;
    a.bus.emit('tick', 'of a');
    await eventually(() => hub.heard).toEqual(['of a']);
    hub.bus.emit('tick', 'of the hub');
    await eventually(() => [a.heard, b.heard]).toEqual([['of the hub'], ['of the hub']]);
    expect(b.bus.nodes.map(({ source }) => source)).toEqual(['hub']);
  });

  it('T7 tells the others of one that leaves, or is removed', async () => {
    const { hub, nodes, removals } = await hubOf(['a', 'b', 'c'], true);
    const [a, b, c] = nodes as [Node, Node, Node];
    await a.bus.close();
    await eventually(() => b.bus.nodes.map(({ source }) => source).sort()).toEqual(['c', 'hub']);
    removals[1]?.();
    await eventually(() => c.bus.nodes.map(({ source }) => source)).toEqual(['hub']);
    await eventually(() => b.bus.nodes).toEqual([]);
    expect(hub.bus.nodes.map(({ source }) => source)).toEqual(['c']);
  });

  it('T2 does not pass a record round for ever where hubs form a ring', async () => {
    const hubs = ['a', 'b', 'c'].map((source) => {
      const transport = messagePorts({ relay: true });
      return { transport, ...node(transport, source) };
    });
    for (const [i, { transport }] of hubs.entries()) {
      const { port1, port2 } = channel();
      transport.add({ port: port1 });
      hubs[(i + 1) % 3]?.transport.add({ port: port2 });
    }
    for (const { bus } of hubs) await eventually(() => bus.nodes.length).toBe(2);
    hubs[0]?.bus.emit('tick', 'round');
    for (const { heard } of hubs.slice(1)) await eventually(() => heard).toEqual(['round']);
    const count = (): number => hubs.reduce((sum, { bus }) => sum + bus.stats().dropped, 0);
    let before = -1;
    await eventually(() => {
      const settled = count() === before;
      before = count();
      return settled;
    }).toBe(true);
    expect(count()).toBeLessThan(20);
  });

  it('T9 goes on with the others when one takes nothing, and says so', async () => {
    const { transport, hub, nodes } = await hubOf(['a', 'b'], true);
    const made = channel();
    const greetings: { hello: string }[] = [];
    made.port2.onmessage = ({ data }): void => void greetings.push(data);
    transport.add({ port: made.port1 });
    await eventually(() => greetings.length).toBe(1);
    const slow = channel();
    made.port2.postMessage({ crosstown: 1, hello: '~', to: greetings[0]?.hello, port: slow.port2 }, [slow.port2]);
    await eventually(() => hub.seen.length).toBeGreaterThan(0);
    const [a, b] = nodes;
    for (const n of upTo(200)) {
      a.bus.emit('tick', n);
      await a.bus.idle();
      if (n % 20 === 0) await eventually(() => b.heard.length).toBeGreaterThan(n - 20);
    }
    await eventually(() => b.heard).toEqual(upTo(200));
    expect(hub.heard).toEqual(upTo(200));
    // What was handed on is reported once for all that finds no room.
    expect(messagesOf(hub.failures)).toEqual([expect.stringContaining('takes none')]);
    hub.bus.emit('tick', 'own');
    await eventually(() => [a.heard, b.heard.at(-1)]).toEqual([['own'], 'own']);
    await eventually(() => dropped(hub.seen)).toEqual(['transport-failed']);
  });
});

describe('a page that is left', () => {
  it('T7 says bye before its ports close, and meets the other side again when it is back', async () => {
    const page = new EventTarget();
    vi.stubGlobal('window', page);
    const turn = (type: string): boolean => page.dispatchEvent(Object.assign(new Event(type), { persisted: true }));
    const { port1, port2 } = channel();
    const here = node(messagePort({ port: port1 }), 'here');
    vi.unstubAllGlobals();
    const there = node(messagePort({ port: port2 }), 'there');
    await eventually(() => there.bus.nodes.length).toBe(1);
    turn('pagehide');
    await eventually(() => there.bus.nodes.length).toBe(0);
    there.bus.emit('tick', 'meanwhile');
    await there.bus.idle();
    turn('pageshow');
    await eventually(() => there.bus.nodes.length).toBe(1);
    there.bus.emit('tick', 'again');
    await eventually(() => here.heard).toEqual(['again']);
    expect([...here.failures, ...there.failures]).toEqual([]);
  });
});

describe('another window', () => {
  it('T9 is heard when window and origin are both right, and answered there by name', async () => {
    const page = new EventTarget();
    vi.stubGlobal('window', page);
    const posted: unknown[] = [];
    const target = {
      postMessage: ({ hello, to }: { hello: string; to?: string }, origin: string) =>
        posted.push([typeof hello, to, origin]),
    };
    Object.assign(target, { window: target });
    const origin = ['https://shop.example', 'null'];
    node(messagePort({ window: target as unknown as Window, origin }));
    // It greets each origin; one without a name can be greeted only like this.
    await eventually(() => posted).toEqual([
      ['string', undefined, 'https://shop.example'],
      ['string', undefined, '*'],
    ]);
    posted.length = 0;
    const say = (source: unknown, from: string): boolean =>
      page.dispatchEvent(
        Object.assign(new Event('message'), { source, origin: from, data: { crosstown: 1, hello: '!' } }),
      );
    for (const source of [null, undefined, page, { ...target }]) say(source, 'https://shop.example');
    for (const from of ['', 'https://shop.example.evil', 'http://shop.example', '*', 'https://evil.example'])
      say(target, from);
    expect(posted).toEqual([]);
    say(target, 'https://shop.example');
    expect(posted).toEqual([['string', '!', 'https://shop.example']]);
  });

  it('T9 goes on when the end that brought two together is given away', async () => {
    const { port1, port2 } = channel();
    const [here, there] = [node(messagePort({ port: port1 })), node(messagePort({ port: port2 }))];
    for (const { bus } of [here, there]) await eventually(() => bus.nodes.length).toBe(1);
    const elsewhere = channel();
    elsewhere.port1.postMessage(port1, [port1]);
    here.bus.emit('tick', 'still');
    await eventually(() => there.heard).toEqual(['still']);
    expect([...here.failures, ...there.failures]).toEqual([]);
  });
});

describe('options', () => {
  const origin = 'https://shop.example';
  const target = (): Window => {
    const made = { postMessage: () => {} } as unknown as { window: unknown };
    made.window = made;
    return made as unknown as Window;
  };

  it.each<[string, () => MessagePortEnd, string]>([
    ['no port', () => ({ port: undefined as never }), 'port is undefined'],
    ['something without messages', () => ({ port: {} as never }), 'port is'],
    ['a window as port', () => ({ port: target() as never }), '{ window, origin }'],
    ['a frame outside of the document', () => ({ window: null as never, origin }), 'window is null'],
    ['every origin', () => ({ window: target(), origin: '*' }), 'origin is "*"'],
    ['an origin with a path', () => ({ window: target(), origin: `${origin}/` }), 'origin is'],
    ['an origin with capitals', () => ({ window: target(), origin: 'https://Shop.example' }), 'origin is'],
    ['one bad origin of two', () => ({ window: target(), origin: [origin, 'shop.example'] }), '"shop.example"'],
    ['no origin', () => ({ window: target(), origin: [] }), 'origin is'],
    ['no word about origins', () => ({ window: target() }) as never, 'origin is undefined'],
  ])('T9 refuses %s', (_, end, message) => {
    expect(() => messagePort(end())).toThrow(message);
    expect(() => messagePorts().add(end())).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }));
  });

  it('T6 promises order, and nothing that ports do not have', () => {
    const caps = { order: true, ack: false, replay: false, carries: 'structured-clone' };
    expect(messagePorts().caps).toEqual({ ...caps, maxBytes: 1_048_576 });
    expect(messagePorts({ maxBytes: 10 }).caps.maxBytes).toBe(10);
    for (const maxBytes of [0, Number.NaN]) expect(() => messagePorts({ maxBytes })).toThrow('maxBytes is');
    for (const backlog of [-1, Number.NaN]) expect(() => messagePorts({ backlog })).toThrow('backlog is');
  });

  it('T1 does nothing before its bus is used', () => {
    const { port1 } = channel();
    const listened = vi.spyOn(port1, 'addEventListener');
    const bus = createEventBus({ transports: [messagePort({ port: port1 })] });
    expect(listened).not.toHaveBeenCalled();
    bus.emit('tick');
    cleanUps.push(() => bus.close());
    expect(listened).toHaveBeenCalledTimes(1);
  });
});

describe('threads of one process', () => {
  const script = bundled('thread');

  async function thread(options: MessagePortOptions = {}) {
    const gate = new SharedArrayBuffer(4);
    const url = new URL(`data:text/javascript,${encodeURIComponent(await script)}`);
    const worker = new Worker(url, { workerData: { gate } });
    const errors: unknown[] = [];
    worker.on('error', (error) => errors.push(error));
    cleanUps.push(() => worker.terminate());
    const here = node(messagePort({ port: worker, ...options }));
    await eventually(() => here.bus.nodes.map(({ source }) => source)).toEqual(['thread']);
    const release = (): void => {
      Atomics.store(new Int32Array(gate), 0, 1);
      Atomics.notify(new Int32Array(gate), 0);
    };
    return { ...here, worker, release, errors };
  }

  it('T3 hear each other in order, and one lives for its bus', async () => {
    const { bus, failures } = await thread();
    for (const n of upTo(5000)) bus.emit('tick', n);
    expect(await bus.request('ticks')).toEqual(upTo(5000));
    bus.emit('stop');
    await eventually(() => bus.nodes).toEqual([]);
    expect(failures).toEqual([]);
  });

  it('T9 keep what a blocked one cannot take on this side, and then go on without a gap', async () => {
    const { bus, seen, failures, release } = await thread({ backlog: 1000 });
    bus.emit('block', 60_000);
    await bus.idle();
    for (const n of upTo(500)) {
      bus.emit('tick', n);
      await new Promise(setImmediate);
    }
    const sent = (): number => seen.filter(({ kind }) => kind === 'sent').length;
    expect(sent()).toBeLessThanOrEqual(33);
    release();
    await eventually(sent).toBe(501);
    expect(await bus.request('ticks')).toEqual(upTo(500));
    expect([failures, dropped(seen)]).toEqual([[], []]);
  });

  it.each(['terminated', 'over by itself'])('T9 know that one was %s, whatever was under way', async (how) => {
    const { bus, seen, worker, errors } = await thread({ backlog: 1000 });
    if (how === 'terminated') {
      bus.emit('block', 60_000);
      for (const n of upTo(100)) {
        bus.emit('tick', n);
        await new Promise(setImmediate);
      }
      await worker.terminate();
    } else bus.emit('throw');
    await eventually(() => bus.nodes).toEqual([]);
    if (how === 'terminated') {
      const sent = seen.filter(({ kind }) => kind === 'sent').length;
      await eventually(() => sent + dropped(seen).length).toBe(101);
    } else await eventually(() => errors.length).toBe(1);
    expect((await bus.emit('tick')).delivered).toBe(1);
  });

  it('T1 do not keep their process alive', async () => {
    const running = promisify(execFile)(process.execPath, ['--input-type=module'], { timeout: 15_000 });
    running.child.stdin?.end(await bundled('process'));
    expect((await running).stdout.trim()).toBe('met');
  });
});
