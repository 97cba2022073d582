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
  'crosstown/transports/restricted': { restricted },
}: Package): readonly RuntimeCase[] {
  const channels = transportConformance(() => {
    const channel = crypto.randomUUID();
    return [broadcastChannel({ channel }), broadcastChannel({ channel })];
  });
  const ends: MessagePort[] = [];
  const ports = transportConformance(() => {
    const { port1, port2 } = new MessageChannel();
    ends.push(port1, port2);
    return [messagePort({ port: port1 }), messagePort({ port: port2 })];
  });
  const guarded = transportConformance(() => {
    const { port1, port2 } = new MessageChannel();
    ends.push(port1, port2);
    const permissions = { emit: '**', on: '**', request: '**', respond: '**' };
    const guard = restricted(messagePort({ port: port1 }), { source: ['other', 'one', 'app'], permissions });
    return [guard, messagePort({ port: port2 })];
  });
  // A transport closes no port that it was given, and Deno goes on as long as one is open.
  const closing = (cases: readonly ConformanceCase[]): readonly ConformanceCase[] =>
    cases.map(({ name, run }) => ({
      name,
      run: () => run().finally(() => ends.splice(0).forEach((port) => void port.close())),
    }));
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
    ...asked('messagePort', ['ports over ports'], closing(ports)),
    // The node that is not trusted is called otherwise on this side.
    ...asked(
      'restricted',
      ['ports over ports'],
      closing(guarded).filter(({ name }) => name !== 'T7 lets two buses meet, and part'),
    ),
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
