import type { ConformanceCase } from 'crosstown/testing';
import type { Need, RuntimeCase } from '../case.js';
import type { Package } from '../package.js';

/** What the package says every store and every transport must do, asked of its own, as a user would ask it of theirs. */
export function conformanceCases({
  'crosstown/testing': { eventStoreConformance, transportConformance },
  'crosstown/stores/memory': { memoryStore },
  'crosstown/stores/indexeddb': { indexedDbStore },
  'crosstown/transports/broadcast-channel': { broadcastChannel },
  'crosstown/transports/message-port': { messagePort },
}: Package): readonly RuntimeCase[] {
  const channels = transportConformance(() => {
    const channel = crypto.randomUUID();
    return [broadcastChannel({ channel }), broadcastChannel({ channel })];
  });
  const ports = transportConformance(() => {
    const { port1, port2 } = new MessageChannel();
    return [messagePort({ port: port1 }), messagePort({ port: port2 })];
  });
  return [
    ...asked(
      'memoryStore',
      [],
      eventStoreConformance((log) => memoryStore({ name: log })),
    ),
    ...asked(
      'indexedDbStore',
      ['IndexedDB'],
      eventStoreConformance((log) => indexedDbStore({ name: log })),
    ),
    ...asked('broadcastChannel', ['BroadcastChannel'], channels),
    ...asked('messagePort', ['MessageChannel'], ports),
  ];
}

function asked(of: string, needs: readonly Need[], cases: readonly ConformanceCase[]): readonly RuntimeCase[] {
  return cases.map(({ name, run }) => ({
    name: `${of}: ${name}`,
    needs: ['timers', 'randomness', ...needs],
    async run() {
      await run();
      // Deno forgets a channel that is opened before the last one of the process has quite closed.
      if (needs.includes('BroadcastChannel')) await new Promise((resolve) => setTimeout(resolve, 5));
    },
  }));
}
