import { same } from '../assert.js';
import type { RuntimeCase } from '../case.js';
import { watchQuiet } from '../quiet.js';

export const quietCases: readonly RuntimeCase[] = [
  {
    name: 'making buses, stores, transports, codecs and middleware, and subscribing to a bus without any, asks nothing of the runtime',
    async run({
      crosstown: { createEventBus },
      'crosstown/stores/memory': { memoryStore },
      'crosstown/stores/indexeddb': { indexedDbStore },
      'crosstown/transports/broadcast-channel': { broadcastChannel },
      'crosstown/codecs/aes-gcm': { aesGcm, keyring, storedKeyring },
      'crosstown/middleware/rate-limit': { rateLimit },
      'crosstown/middleware/logger': { logger },
      'crosstown/testing': { createTestEventBus },
    }) {
      const used = await watchQuiet(() => {
        const bus = createEventBus({ source: 'quiet' });
        const off = bus.on('a.*', () => {}, { priority: 1, filter: () => true, signal: new AbortController().signal });
        bus.once(['a', 'b.**'], () => {});
        bus.respond('question', () => 1);
        bus.stream('a.*');
        bus.use(rateLimit({ limit: 1, windowMs: 1 }));
        bus.use(logger());
        bus.stats();
        off();
        createEventBus({ store: memoryStore(), transports: [broadcastChannel({ channel: 'quiet' })] });
        createEventBus({ store: indexedDbStore({ name: 'quiet' }), retry: { attempts: 3 }, queue: { concurrency: 1 } });
        aesGcm({ keys: keyring({ current: 'k1', keys: { k1: new Uint8Array(32) } }) });
        createEventBus({ codecs: [aesGcm({ keys: storedKeyring({ name: 'quiet' }) })] });
        createTestEventBus();
      });
      same(used, [], 'what was used');
    },
  },
];
