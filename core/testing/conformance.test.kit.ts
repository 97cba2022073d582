import type { EventStore } from '../index.js';
import { indexedDbStore } from '../stores/indexeddb.js';
import { memoryStore } from '../stores/memory.js';
import { broadcastChannel } from '../transports/broadcast-channel.js';
import { messagePort } from '../transports/message-port.js';
import { restricted } from '../transports/restricted.js';
import type { ConformanceCase } from './conformance-case.js';
import { eventStoreConformance } from './store-conformance.js';
import { transportConformance } from './transport-conformance.js';

/** The cases of every store and transport there is, by the file it is in. */
export const suites: Readonly<Record<string, readonly ConformanceCase[]>> = {
  'stores/memory': eventStoreConformance((log) => memoryStore({ name: log })),
  'stores/memory, given to several buses': sharedMemoryCases(),
  'stores/indexeddb': indexedDbCases(),
  'transports/broadcast-channel': transportConformance(() => {
    const channel = crypto.randomUUID();
    return [broadcastChannel({ channel }), broadcastChannel({ channel })] as const;
  }),
  'transports/message-port': transportConformance(() => {
    const { port1, port2 } = new MessageChannel();
    return [messagePort({ port: port1 }), messagePort({ port: port2 })];
  }),
  'transports/restricted': restrictedCases(),
};

/** All that a transport must do, towards a node that may do anything; but here that node is called otherwise. */
function restrictedCases(): readonly ConformanceCase[] {
  const permissions = { emit: '**', on: '**', request: '**', respond: '**' };
  const cases = transportConformance(() => {
    const { port1, port2 } = new MessageChannel();
    const guard = restricted(messagePort({ port: port1 }), { source: ['other', 'one', 'app'], permissions });
    return [guard, messagePort({ port: port2 })];
  });
  return cases.filter(({ name }) => name !== 'T7 lets two buses meet, and part');
}

function sharedMemoryCases(): readonly ConformanceCase[] {
  const logs = new Map<string, EventStore>();
  const cases = eventStoreConformance((log) => {
    const store = logs.get(log) ?? memoryStore({ name: log, shared: true });
    logs.set(log, store);
    return store;
  });
  // Whom it is closed by it cannot know, so it stays open for the others.
  return cases.filter(({ name }) => !name.includes('once it is closed'));
}

/** Each case deletes its databases. */
function indexedDbCases(): readonly ConformanceCase[] {
  const made = new Set<string>();
  const cases = eventStoreConformance((log) => {
    made.add(log);
    return indexedDbStore({ name: log });
  });
  return cases.map(({ name, run }) => ({
    name,
    run: async () => {
      try {
        await run();
      } finally {
        for (const log of made) indexedDB.deleteDatabase(log);
        made.clear();
      }
    },
  }));
}
