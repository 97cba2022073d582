import { createEventBus } from 'crosstown';
import { memoryStore } from 'crosstown/stores/memory';
import { broadcastChannel } from 'crosstown/transports/broadcast-channel';

// Everything in a bus that waits, and nothing else to do: the process must end by itself, and soon.
const bus = createEventBus({ store: memoryStore(), transports: [broadcastChannel({ channel: 'ending' })] });
bus.on('never', () => new Promise(() => {}));
bus.on('**', () => {}, { signal: new AbortController().signal });
bus.emit('never', 1);
bus.idle({ timeoutMs: 120_000 }).catch(() => {});
console.log('the end');
