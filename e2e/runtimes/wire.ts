import type { EventRecord, Transport, TransportHost } from 'crosstown';

/** Two transports that reach each other, for runtimes without one: what is sent arrives in a microtask, as JSON. */
export function wirePair(): readonly [Transport, Transport] {
  const hosts: (TransportHost | undefined)[] = [];
  const end = (me: number): Transport => ({
    name: 'wire',
    caps: { order: true, ack: false, replay: false, carries: 'json', maxBytes: 10_000 },
    open: (host) => {
      hosts[me] = host;
      host.state('open');
    },
    publish: (records) => {
      const text = JSON.stringify(records);
      queueMicrotask(() => hosts[1 - me]?.receive(JSON.parse(text) as EventRecord[]));
    },
    close: () => {
      hosts[me] = undefined;
    },
  });
  return [end(0), end(1)];
}
