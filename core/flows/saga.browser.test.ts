import { afterEach, describe, expect, it, vi } from 'vitest';
import { createEventBus, type EventBus } from '../index.js';
import { newName, newStore } from '../stores/indexeddb/database.test.kit.js';
import { broadcastChannel } from '../transports/broadcast-channel.js';
import { checkout, type ShopEvents } from './saga/checkout.test.kit.js';

const buses: EventBus<ShopEvents>[] = [];
const workers: Worker[] = [];
afterEach(async () => {
  for (const worker of workers.splice(0)) worker.terminate();
  await Promise.all(buses.splice(0).map((bus) => bus.close()));
});

function newBus(name: string): EventBus<ShopEvents> {
  const bus = createEventBus<ShopEvents>({ name, store: newStore(name), transports: [broadcastChannel()] });
  buses.push(bus);
  return bus;
}

/** A node in a thread of its own, and the steps it says it has sent. */
async function startNode(name: string) {
  const worker = new Worker(new URL('./saga/shop.test.worker.ts', import.meta.url), { type: 'module', name });
  workers.push(worker);
  const commands: string[] = [];
  await new Promise<void>((resolve, reject) => {
    worker.onerror = (error) => reject(new Error(error.message));
    worker.onmessage = ({ data }: MessageEvent<string>) => {
      if (data === 'on duty') resolve();
      else if (data.startsWith('failed')) reject(new Error(data));
      else commands.push(data);
    };
  });
  return { commands, kill: () => worker.terminate() };
}

/** All commands in the log. */
async function commandsIn(bus: EventBus<ShopEvents>): Promise<readonly string[]> {
  const keys: string[] = [];
  for await (const { event } of bus.history()) {
    const key = event.metadata['idempotencyKey'];
    if (typeof key === 'string') keys.push(`${event.type} ${key.split(':').slice(2).join(':')}`);
  }
  return keys;
}

const soon = { timeout: 15_000, interval: 20 };

/** The first worker waits for the server to make its modules. */
const LONGEST_MS = 60_000;

describe('a saga in a browser', () => {
  it(
    'W1 goes on in a page when the worker that worked is killed between payment and stock',
    async () => {
      const name = newName();
      const page = newBus(name);
      const worker = await startNode(name);
      const saga = checkout();
      await page.install(saga);
      const { event, persisted } = page.emit('order.placed', { total: 5 });
      await persisted;
      await vi.waitFor(() => expect(worker.commands).toEqual(['pay 1']), soon);
      worker.kill();
      await page.emit({ type: 'pay.done', data: { tx: 't' }, correlationId: event.id }).persisted;
      await vi.waitFor(async () => expect(await commandsIn(page)).toEqual(['pay.do pay:1', 'stock.do stock:1']), soon);
      await page.emit({ type: 'stock.failed', data: undefined, correlationId: event.id }).persisted;
      await vi.waitFor(async () => expect(await commandsIn(page)).toContain('pay.undo pay:undo:1'), soon);
      await page.emit({ type: 'pay.undone', data: undefined, correlationId: event.id }).persisted;
      await vi.waitFor(
        async () =>
          expect((await saga.instances()).map(({ id, state }) => [id, state])).toEqual([[event.id, 'failed']]),
        soon,
      );
    },
    LONGEST_MS,
  );

  it(
    'W1 goes on in a worker that comes later, with the answer that came while nobody was there',
    async () => {
      const name = newName();
      const page = newBus(name);
      const first = await startNode(name);
      const { event } = page.emit('order.placed', { total: 5 });
      await vi.waitFor(() => expect(first.commands).toEqual(['pay 1']), soon);
      first.kill();
      await page.emit({ type: 'pay.done', data: { tx: 't' }, correlationId: event.id }).persisted;
      const second = await startNode(name);
      await vi.waitFor(() => expect(second.commands).toEqual(['stock 1']), soon);
      await page.emit({ type: 'stock.done', data: undefined, correlationId: event.id }).persisted;
      await vi.waitFor(() => expect(second.commands).toEqual(['stock 1', 'mail 1']), soon);
      await page.emit({ type: 'mail.done', data: undefined, correlationId: event.id }).persisted;
      await vi.waitFor(async () => expect(await commandsIn(page)).toContain('order.done completed'), soon);
      expect(await commandsIn(page)).toEqual([
        'pay.do pay:1',
        'stock.do stock:1',
        'mail.do mail:1',
        'order.done completed',
      ]);
    },
    LONGEST_MS,
  );
});
