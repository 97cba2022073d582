import { createEventBus, type Transport } from '../../index.js';
import { transportConformance } from '../../testing/transport-conformance.js';
import { messagePort, messagePorts, type PortLike } from '../message-port.js';

/** A bus in a worker, shared worker or frame: the query says which, and its source. It answers questions and lists ticks. */
const query = new URL(import.meta.url).searchParams;
const source = query.get('source') ?? '';
const relay = query.has('relay');

interface Scope {
  onconnect?: (event: MessageEvent) => void;
}

function transport(): Transport {
  if (typeof window !== 'undefined') return messagePort({ window: window.parent, origin: self.origin });
  if (!('onconnect' in self)) return messagePort({ port: self as PortLike });
  const hub = messagePorts({ relay });
  (self as Scope).onconnect = ({ ports: [port] }): void => void (port && hub.add({ port }));
  return hub;
}

const bus = createEventBus({ source, transports: [transport()] });
const ticks: unknown[] = [];
bus.on('tick', ({ data }) => void ticks.push(data));
bus.on('question', (_, delivery) => void delivery.emit('answer', source));
bus.respond('ticks', () => ticks);
bus.on('burst', ({ data }) => {
  for (let n = 0; n < Number(data); n++) bus.emit('tick', n);
});
bus.on('stop', () => bus.close());
bus.on('block', ({ data }) => {
  for (const end = performance.now() + Number(data); performance.now() < end; );
});
bus.respond('conformance', async () => {
  const outcomes: string[] = [];
  const cases = transportConformance(() => {
    const { port1, port2 } = new MessageChannel();
    return [messagePort({ port: port1 }), messagePort({ port: port2 })];
  });
  for (const { name, run } of cases) {
    const outcome = await run().then(() => 'passed', String);
    outcomes.push(`${name}: ${outcome}`);
  }
  return outcomes;
});
