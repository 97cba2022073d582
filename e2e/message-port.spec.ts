import type { Server } from 'node:http';
import { type BrowserContext, expect, type Frame, type Page, test } from '@playwright/test';
import { serveOrigins } from './ports/origins.js';

let server: Server;
/** Two origins of this machine. */
let here: string;
let elsewhere: string;

test.beforeAll(async () => {
  ({ server, here, elsewhere } = await serveOrigins());
});

test.afterAll(() => {
  server.closeAllConnections();
  server.close();
});

/** Evaluates an expression, in a page that may still be loading its modules. */
async function run<T>(where: Page | Frame, expression: string): Promise<T> {
  await where.waitForFunction('typeof start === "function"');
  return where.evaluate(`void (${expression})`) as Promise<T>;
}

const read = <T>(where: Page | Frame, expression: string): Promise<T> => where.evaluate(expression) as Promise<T>;

const nodes =
  (where: Page | Frame): (() => Promise<string[]>) =>
  () =>
    read(where, 'bus.nodes.map(({ source }) => source).sort()');

const heard =
  (where: Page | Frame): (() => Promise<unknown[]>) =>
  () =>
    read(where, 'heard');

async function openPage(context: BrowserContext, origin = here): Promise<Page> {
  const page = await context.newPage();
  await page.goto(`${origin}/page.html`);
  return page;
}

/** A frame in a page, which has the name it is given. */
async function addFrame(page: Page, name: string, origin: string, sandbox = ''): Promise<Frame> {
  await page.evaluate(
    ([id, src, rights]) => {
      const frame = document.createElement('iframe');
      Object.assign(frame, { id, name: id, src });
      if (rights !== '') frame.setAttribute('sandbox', rights as string);
      document.body.append(frame);
    },
    [name, `${origin}/page.html`, sandbox],
  );
  await expect.poll(() => page.frame(name)?.url()).toContain('page.html');
  return page.frame(name) as Frame;
}

/** Puts another page into a frame that has one. */
async function replaceIn(page: Page, name: string, origin: string): Promise<Frame> {
  const url = `${origin}/page.html?next`;
  await page.evaluate(([id, src]) => Object.assign(document.getElementById(`${id}`) ?? {}, { src }), [name, url]);
  await expect.poll(() => page.frame(name)?.url()).toBe(url);
  return page.frame(name) as Frame;
}

const windowOf = (name: string): string => `document.getElementById('${name}').contentWindow`;

const toFrame = (name: string, origin: string): string =>
  `start('page', messagePort({ window: ${windowOf(name)}, origin: '${origin}' }))`;

const toParent = (origin: string): string => `start('frame', messagePort({ window: parent, origin: '${origin}' }))`;

test('T9 a page and its frame of another origin hear each other, and the next page in the frame', async ({
  context,
}) => {
  const page = await openPage(context);
  const frame = await addFrame(page, 'frame', elsewhere);
  await run(page, toFrame('frame', elsewhere));
  await run(frame, toParent(here));
  await expect.poll(nodes(page)).toEqual(['frame']);
  await expect.poll(nodes(frame)).toEqual(['page']);
  await run(page, `bus.emit('tick', 'down')`);
  await run(frame, `bus.emit('tick', 'up')`);
  await expect.poll(heard(frame)).toEqual(['down']);
  await expect.poll(heard(page)).toEqual(['up']);

  await frame.goto(`${elsewhere}/page.html?again`);
  await expect.poll(nodes(page)).toEqual([]);
  await run(frame, toParent(here));
  await expect.poll(nodes(page)).toEqual(['frame']);
  await run(page, `bus.emit('tick', 'again')`);
  await expect.poll(heard(frame)).toEqual(['again']);

  await page.evaluate(() => document.querySelector('iframe')?.remove());
  await expect.poll(nodes(page)).toEqual([]);
});

test('T9 what comes from another origin, or from another window, is not heard', async ({ context }) => {
  const page = await openPage(context);
  await addFrame(page, 'frame', elsewhere);
  const forger = await addFrame(page, 'forger', elsewhere);
  await run(page, `(globalThis.messages = 0, addEventListener('message', () => messages++))`);
  await run(page, toFrame('frame', elsewhere));
  // The right origin, but not the window.
  await run(forger, toParent(here));
  await expect.poll(() => read<number>(page, 'messages')).toBeGreaterThan(0);
  // The right window, but another page in it.
  const wrong = await replaceIn(page, 'frame', here);
  const before = await read<number>(page, 'messages');
  await run(wrong, toParent(here));
  await expect.poll(() => read<number>(page, 'messages')).toBeGreaterThan(before);
  expect(await nodes(page)()).toEqual([]);
  // Both right at last: what was there before has not stood in the way.
  const right = await replaceIn(page, 'frame', elsewhere);
  await run(right, toParent(here));
  await expect.poll(nodes(page)).toEqual(['frame']);
  expect(await nodes(forger)()).toEqual([]);
  expect(await heard(page)()).toEqual([]);
});

test('T9 a sandboxed frame has the origin "null"', async ({ context }) => {
  const page = await openPage(context);
  const frame = await addFrame(page, 'frame', elsewhere, 'allow-scripts');
  await run(page, toFrame('frame', 'null'));
  await run(frame, toParent(here));
  await expect.poll(nodes(page)).toEqual(['frame']);
  await run(page, `bus.emit('tick', 'down')`);
  await run(frame, `bus.emit('tick', 'up')`);
  await expect.poll(heard(frame)).toEqual(['down']);
  await expect.poll(heard(page)).toEqual(['up']);
});

test('T9 a page and its popup of another origin hear each other until it is closed', async ({ context }) => {
  const page = await openPage(context);
  const opening = page.waitForEvent('popup');
  await run(page, `globalThis.popup = open('${elsewhere}/page.html')`);
  const popup = await opening;
  await run(popup, `start('popup', messagePort({ window: opener, origin: (origin) => origin === '${here}' }))`);
  await run(page, `start('page', messagePort({ window: popup, origin: '${elsewhere}' }))`);
  await expect.poll(nodes(page)).toEqual(['popup']);
  await run(popup, `bus.emit('tick', 'up')`);
  await expect.poll(heard(page)).toEqual(['up']);
  await popup.close({ runBeforeUnload: true });
  await expect.poll(nodes(page)).toEqual([]);
});

test('T2 a page between two frames of other origins is their broker', async ({ context }) => {
  const page = await openPage(context);
  const frames = [await addFrame(page, 'left', elsewhere), await addFrame(page, 'right', elsewhere)] as const;
  await run(page, `(globalThis.hub = messagePorts({ relay: true }), start('page', hub))`);
  for (const name of ['left', 'right'])
    await run(page, `hub.add({ window: ${windowOf(name)}, origin: '${elsewhere}' })`);
  for (const frame of frames) await run(frame, toParent(here));
  for (const frame of frames) await expect.poll(nodes(frame)).toEqual(['frame', 'page']);
  await run(frames[0], `bus.emit('tick', 'from the left')`);
  await expect.poll(heard(frames[1])).toEqual(['from the left']);
  await expect.poll(heard(page)).toEqual(['from the left']);
  expect(await heard(frames[0])()).toEqual([]);
});

test('T7 a shared worker tells of a tab that crashed', async ({ context }) => {
  const connect = `messagePort({ port: new SharedWorker('/worker.js', { type: 'module' }).port })`;
  const [a, b] = [await openPage(context), await openPage(context)];
  await run(a, `start('a', ${connect})`);
  await run(b, `start('b', ${connect})`);
  await expect.poll(nodes(a)).toEqual(['b', 'worker']);
  await run(b, `bus.emit('question', 'b')`);
  await expect.poll(heard(a)).toEqual(['b', 'to b']);
  const devtools = await context.newCDPSession(b);
  const crashed = b.waitForEvent('crash');
  devtools.send('Page.crash').catch(() => {});
  await crashed;
  await expect.poll(nodes(a)).toEqual(['worker']);
});

test('T9 a service worker is a node for its pages, and is woken by an event', async ({ context }) => {
  const [a, b] = [await openPage(context), await openPage(context)];
  await run(a, `navigator.serviceWorker.register('/worker.js', { type: 'module' })`);
  for (const [name, page] of [
    ['a', a],
    ['b', b],
  ] as const)
    await run(page, `start('${name}', messagePort({ serviceWorker: navigator.serviceWorker }))`);
  await expect.poll(nodes(a)).toEqual(['b', 'worker']);
  await expect.poll(nodes(b)).toEqual(['a', 'worker']);
  await run(a, `bus.emit('question', 'a')`);
  await expect.poll(heard(a)).toEqual(['to a']);
  await expect.poll(heard(b)).toEqual(['a', 'to a']);

  const devtools = await context.newCDPSession(a);
  await devtools.send('ServiceWorker.enable');
  await devtools.send('ServiceWorker.stopAllWorkers');
  await expect.poll(nodes(a)).toEqual([]);
  await run(a, `bus.emit('question', 'a again')`);
  await expect.poll(heard(a)).toEqual(['to a', 'to a again']);
  // It calls the other page, too, when it is awake.
  await expect.poll(nodes(b)).toEqual(['a', 'worker']);
  await run(b, `bus.emit('question', 'b')`);
  await expect.poll(heard(a)).toEqual(['to a', 'to a again', 'b', 'to b']);
});
