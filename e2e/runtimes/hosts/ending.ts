import { createEventBus } from 'crosstown';
import { memoryStore } from 'crosstown/stores/memory';
import { broadcastChannel } from 'crosstown/transports/broadcast-channel';

// Everything in a bus that waits, and nothing else to do: the process must end by itself, and soon.
const bus = createEventBus({ store: memoryStore(), transports: [broadcastChannel({ channel: 'ending' })] });
bus.on('never', () => new Promise(() => {}));
bus.on('**', () => {}, { signal: new AbortController().signal });
bus.emit('never', 1);
bus.on('slow', () => new Promise(() => {}), { timeoutMs: 120_000 });
bus.on('flaky', () => Promise.reject(new Error('not yet')), { retry: { attempts: 2, delayMs: 120_000 } });
for (const type of ['slow', 'flaky']) bus.emit(type, 1);
for (const waiting of [
  bus.idle({ timeoutMs: 120_000 }),
  bus.waitFor('nothing', { timeoutMs: 120_000 }),
  bus.request('nobody.knows', 1, { timeoutMs: 120_000 }),
  bus.stream('nothing').next(),
]) {
  waiting.catch(() => {});
}
console.log('the end');
