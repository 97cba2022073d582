import { afterEach, describe, expect, it, vi } from 'vitest';
import { createEventBus, type EventBus, type OnOptions } from '../../index.js';
import { broadcastChannel } from '../../transports/broadcast-channel.js';
import { newName, newStore } from './database.test.kit.js';

interface Events {
  job: number;
  noise: string;
}

const buses: EventBus<Events>[] = [];
const workers: Worker[] = [];
afterEach(async () => {
  for (const worker of workers.splice(0)) worker.terminate();
  await Promise.all(buses.splice(0).map((bus) => bus.close()));
});

function newBus(name: string): EventBus<Events> {
  const bus = createEventBus<Events>({ name, store: newStore(name), transports: [broadcastChannel()] });
  buses.push(bus);
  return bus;
}

function collect(bus: EventBus<Events>, options: OnOptions): number[] {
  const data: number[] = [];
  bus.on('job', (event) => void data.push(event.data), options);
  return data;
}

/** A node of the group in a thread of its own; what it was given, in order. */
async function startMember(name: string) {
  const worker = new Worker(new URL('member.test.worker.ts', import.meta.url), { type: 'module', name });
  workers.push(worker);
  const given: number[] = [];
  const onDuty = new Promise<void>((resolve) => {
    worker.onmessage = ({ data }: MessageEvent<number | 'on duty'>) => {
      if (data === 'on duty') resolve();
      else given.push(data);
    };
  });
  return { worker, given, onDuty };
}

const numbers = (from: number, to: number): readonly number[] => Array.from({ length: to - from }, (_, i) => from + i);

async function emitAll(bus: EventBus<Events>, all: readonly number[]): Promise<void> {
  await Promise.all(all.map((n) => bus.emit('job', n).persisted));
}

describe('durable subscriptions in IndexedDB', () => {
  it('S6 go on where they were, in order, however many nodes have written', async () => {
    const name = newName();
    const [one, other] = [newBus(name), newBus(name)];
    const data = collect(one, { durable: 'mailer' });
    await one.idle();
    await Promise.all([emitAll(one, numbers(0, 500)), emitAll(other, numbers(1000, 1500))]);
    await vi.waitFor(() => expect(data.length).toBe(1000), { timeout: 10_000 });
    expect(data.filter((n) => n < 1000)).toEqual(numbers(0, 500));
    expect(data.filter((n) => n >= 1000)).toEqual(numbers(1000, 1500));
    await one.close();
    await emitAll(other, numbers(2000, 2100));
    const next = collect(newBus(name), { durable: 'mailer' });
    await vi.waitFor(() => expect(next).toEqual(numbers(2000, 2100)), { timeout: 10_000 });
  });

  it('S6 read a long log from its beginning, in order', async () => {
    const name = newName();
    const writer = newBus(name);
    for (let start = 0; start < 20_000; start += 5_000) await emitAll(writer, numbers(start, start + 5_000));
    let next = 0;
    let inOrder = true;
    writer.on(
      'job',
      ({ data }) => {
        if (data !== next++) inOrder = false;
      },
      { durable: 'reader', from: 'all' },
    );
    await vi.waitFor(() => expect(next).toBe(20_000), { timeout: 20_000, interval: 50 });
    expect(inOrder).toBe(true);
  });

  it('S7 have the next node of a group go on when the thread of the one on duty is killed', async () => {
    const name = newName();
    const bus = newBus(name);
    const member = await startMember(name);
    await member.onDuty;
    const data = collect(bus, { group: 'workers', from: 'all' });
    await emitAll(bus, numbers(0, 200));
    await vi.waitFor(() => expect(member.given.length).toBeGreaterThan(20), { timeout: 10_000, interval: 5 });
    expect(data).toEqual([]);
    member.worker.terminate();
    await vi.waitFor(() => expect(data.at(-1)).toBe(199), { timeout: 10_000 });
    const [first = 0] = data;
    expect(data).toEqual(numbers(first, 200));
    // None is lost; what its cursor had not told yet is handled twice.
    expect(first).toBeLessThanOrEqual(member.given.length);
    expect(member.given.length - first).toBeLessThanOrEqual(101);
  });

  it('S7 let nobody else work while the one on duty does', async () => {
    const name = newName();
    const members = [newBus(name), newBus(name), newBus(name)].map((bus) => ({
      bus,
      data: collect(bus, { group: 'workers' }),
    }));
    await vi.waitFor(() => {
      const onDuty = members.filter(({ bus }) => bus.stats().durable[0]?.onDuty === true);
      expect(onDuty.length).toBe(1);
    });
    for (const [i, { bus }] of members.entries()) await emitAll(bus, numbers(100 * i, 100 * i + 50));
    await vi.waitFor(() => expect(members.flatMap(({ data }) => data).length).toBe(150), { timeout: 10_000 });
    expect(members.filter(({ data }) => data.length > 0).length).toBe(1);
  });

  it('S6 catch up with what no message told of', async () => {
    const name = newName();
    const reader = newBus(name);
    const data = collect(reader, { catchUp: true });
    await reader.idle();
    // A bus without a transport tells nobody.
    const silent = createEventBus<Events>({ store: newStore(name) });
    buses.push(silent);
    await emitAll(silent, [1, 2, 3]);
    await vi.waitFor(() => expect(data).toEqual([1, 2, 3]), { timeout: 5_000 });
  });
});
