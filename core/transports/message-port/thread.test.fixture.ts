import { parentPort, workerData } from 'node:worker_threads';
import { createEventBus } from '../../index.js';
import { messagePort, type PortLike } from '../message-port.js';

/** A bus in a thread of its own, which lives for it: counts what it handles, answers, and does not move for a while. */
const port = parentPort as unknown as PortLike & { ref(): void };
const bus = createEventBus({ source: 'thread', transports: [messagePort({ port })] });
const ticks: unknown[] = [];
bus.on('tick', ({ data }) => void ticks.push(data));
bus.respond('ticks', () => ticks);
bus.on('block', ({ data }) => {
  Atomics.wait(new Int32Array((workerData as { gate: SharedArrayBuffer }).gate), 0, 0, Number(data));
});
bus.on('throw', () => {
  setTimeout(() => {
    throw new Error('this thread is over');
  });
});
bus.on('stop', () => void bus.close());
port.ref();
