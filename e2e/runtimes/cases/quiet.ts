import { same } from '../assert.js';
import type { RuntimeCase } from '../case.js';
import { watchQuiet } from '../quiet.js';

export const quietCases: readonly RuntimeCase[] = [
  {
    name: 'making a bus, a store and a transport, and subscribing to a bus of its own, asks nothing of the runtime',
    async run({
      crosstown: { createEventBus },
      'crosstown/stores/memory': { memoryStore },
      'crosstown/stores/indexeddb': { indexedDbStore },
      'crosstown/transports/broadcast-channel': { broadcastChannel },
    }) {
      const used = await watchQuiet(() => {
        const bus = createEventBus({ source: 'quiet' });
        const off = bus.on('a.*', () => {}, { priority: 1, filter: () => true, signal: new AbortController().signal });
        bus.once(['a', 'b.**'], () => {});
        bus.stats();
        off();
        createEventBus({ store: memoryStore(), transports: [broadcastChannel({ channel: 'quiet' })] });
        createEventBus({ store: indexedDbStore({ name: 'quiet' }) });
      });
      same(used, [], 'what was used');
    },
  },
];
