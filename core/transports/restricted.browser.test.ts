import { afterEach, expect, it } from 'vitest';
import { createEventBus, type EventBus, type Failure, PermissionError } from '../index.js';
import contextUrl from './message-port/context.test.fixture.ts?worker&url';
import { messagePort } from './message-port.js';
import { restricted } from './restricted.js';

/** Patient enough for a machine that is busy with other things. */
const eventually = <T>(read: () => T): ReturnType<typeof expect.poll<T>> => expect.poll(read, { timeout: 15_000 });

const cleanUps: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp();
});

/** What a page that is not trusted might do: it speaks to the port by hand, as no bus would, and tells what it hears. */
function attack(): void {
  const tell = (heard: unknown): void => window.parent.postMessage({ heard }, '*');
  let made = 0;
  const record = (seq: number, fields: object): object => {
    const id = `forged-${++made}`;
    const common = { v: 1, id, type: 'ad.shown', timestamp: Date.now(), source: 'ads', correlationId: id, data: id };
    return { ...common, metadata: {}, priority: 0, node: 'frame', seq, ...fields };
  };
  const greet = (): void => window.parent.postMessage({ crosstown: 1, hello: 'zz' }, '*');
  window.addEventListener('message', ({ data }: MessageEvent<{ crosstown?: 1; hello?: string }>) => {
    if (data?.crosstown !== 1) return;
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = ({ data: message }) => {
      if (typeof message === 'object') tell(message.rows.map((row: unknown[]) => [row[1], row[3]]));
    };
    window.parent.postMessage({ crosstown: 1, hello: 'zz', to: data.hello, port: port2 }, '*', [port2]);
    port1.postMessage([
      record(0, { type: '$hello' }),
      record(1, { type: 'ad.shown', data: 'allowed' }),
      record(2, { type: 'order.paid' }),
      record(3, { source: 'payment' }),
      record(4, { source: 'page' }),
      record(5, { node: 'another-tab' }),
      record(6, { node: 'another-tab', type: '$bye' }),
      record(7, { type: 'price.of', request: true }),
      record(8, { type: '$reply', causationId: 'guessed', data: { ok: true, value: 'forged' } }),
      record(4, { type: 'ad.shown', data: 'allowed, too' }),
    ]);
    for (const reach of [() => window.parent.document.title, () => indexedDB.open('crosstown')]) {
      try {
        tell(['reached', String(reach())]);
      } catch (error) {
        tell(['reached', (error as Error).name]);
      }
    }
  });
  greet();
}

function sandboxed(code: () => void): { readonly contentWindow: Window; readonly heard: unknown[] } {
  const frame = document.createElement('iframe');
  frame.setAttribute('sandbox', 'allow-scripts');
  const heard: unknown[] = [];
  const listener = ({ data, source }: MessageEvent<{ heard?: unknown }>): void => {
    if (source === frame.contentWindow && data?.heard !== undefined) heard.push(data.heard);
  };
  window.addEventListener('message', listener);
  frame.srcdoc = `<script>(${code})()</script>`;
  document.body.append(frame);
  cleanUps.push(() => {
    window.removeEventListener('message', listener);
    frame.remove();
  });
  return { contentWindow: frame.contentWindow as Window, heard };
}

function node(transport: ReturnType<typeof restricted>): { bus: EventBus; heard: unknown[]; failures: Failure[] } {
  const [heard, failures]: [unknown[], Failure[]] = [[], []];
  const bus = createEventBus({
    source: 'page',
    transports: [transport],
    onError: (failure: Failure) => failures.push(failure),
  });
  bus.on('**', ({ type, data }, { node: from }) => from !== bus.nodeId && heard.push([type, data]));
  cleanUps.push(() => bus.close());
  return { bus, heard, failures };
}

it('T10 holds a page in a sandboxed frame to what it may do, though it forges what it likes', async () => {
  const frame = sandboxed(attack);
  const permissions = { emit: 'ad.*', on: 'page.*' };
  const port = messagePort({ window: frame.contentWindow, origin: 'null' });
  const { bus, heard, failures } = node(restricted(port, { source: 'ads', permissions }));
  await eventually(() => heard).toEqual([
    ['ad.shown', 'allowed'],
    ['ad.shown', 'allowed, too'],
  ]);
  expect(bus.nodes.map(({ id, source }) => [id, source])).toEqual([['frame@ads', 'ads']]);
  expect(bus.stats()).toMatchObject({ received: 2, dropped: 7 });
  expect(failures).toMatchObject([{ stage: 'transport', error: expect.any(PermissionError) }]);
  bus.emit('card.entered', 'secret');
  bus.emit('page.shown', 'open');
  await eventually(() => frame.heard.flat(2)).toContain('open');
  expect(frame.heard.flat(2)).not.toContain('secret');
  const reached = ['reached', 'SecurityError'];
  expect(frame.heard.filter((one) => Array.isArray(one) && one[0] === 'reached')).toEqual([reached, reached]);
});

it('T10 lets a bus in a worker do what it may, and hear nothing else', async () => {
  const script = `${new URL(contextUrl, location.href)}&${new URLSearchParams({ source: 'plugin' })}`;
  const worker = new Worker(script, { type: 'module' });
  cleanUps.push(() => worker.terminate());
  const permissions = { emit: 'answer', on: ['question', 'burst'], respond: 'ticks' };
  const { bus, heard, failures } = node(restricted(messagePort({ port: worker }), { source: 'plugin', permissions }));
  await eventually(() => bus.nodes.map(({ source }) => source)).toEqual(['plugin']);
  bus.emit('tick', 'not for it');
  bus.emit('question');
  await eventually(() => heard).toEqual([['answer', 'plugin']]);
  expect(await bus.request('ticks', undefined, { timeoutMs: 15_000 })).toEqual([]);
  expect(failures).toEqual([]);
  bus.emit('burst', 3);
  await eventually(() => bus.stats().dropped).toBe(3);
  expect(failures).toMatchObject([{ error: expect.any(PermissionError) }]);
  worker.terminate();
  await eventually(() => bus.nodes).toEqual([]);
});
