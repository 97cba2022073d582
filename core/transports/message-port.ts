import { InvalidOptionError, type Transport } from '../index.js';
import type { MessagePortEnd } from './message-port/end.js';
import { PortTransport } from './message-port/transport.js';

export type { PortLike, ServiceWorkerContainerLike, ServiceWorkerScopeLike } from './message-port/door.js';
export type { MessagePortEnd, PortEnd, ServiceWorkerEnd, WindowEnd } from './message-port/end.js';

/** How much may be sent; every option may be left out. */
export interface MessagePortOptions {
  /** Largest record in bytes, counted roughly; 1 MiB by default. */
  readonly maxBytes?: number;
  /** How many records may wait for another side that is busy; more are refused. 10,000 by default. */
  readonly backlog?: number;
}

/** {@link MessagePortOptions} of a hub. */
export interface MessagePortsOptions extends MessagePortOptions {
  /** Whether what comes from one is handed on to all others; otherwise only the hub's own bus hears it. False by default. */
  readonly relay?: boolean;
}

/** A transport to many others, which may come and go. */
export interface MessagePorts extends Transport {
  /** Talks to another one from now on, until the function it returns is called. */
  add(end: MessagePortEnd): () => void;
}

/**
 * Carries events to one other node: a worker, a frame, a popup, a shared or service worker, or a thread of Node. Values
 * cross by structured clone. Either side may start first, and a worker or page that was loaded again is met again. It is
 * open when the other side has answered.
 *
 * It keeps no process of Node alive; a thread that is to live for its bus alone calls `parentPort.ref()`.
 *
 * @throws InvalidOptionError
 * @example
 * const bus = createEventBus({ transports: [messagePort({ port: new Worker(url, { type: 'module' }) })] });
 * const inThatWorker = createEventBus({ transports: [messagePort({ port: self })] });
 * const framed = createEventBus({
 *   transports: [messagePort({ window: iframe.contentWindow, origin: 'https://shop.example' })],
 * });
 */
export function messagePort(options: MessagePortEnd & MessagePortOptions): Transport {
  const transport = messagePorts({ ...options, relay: false });
  transport.add(options);
  return transport;
}

/**
 * Carries events between one node and many others, like a shared worker and its pages, or a page and its frames. With
 * `relay` these hear each other, too, and the hub is a broker.
 *
 * @throws InvalidOptionError
 * @example
 * const hub = messagePorts({ relay: true });
 * const bus = createEventBus({ transports: [hub] });
 * bus.on('**', () => {}); // the first subscription opens it
 * self.onconnect = ({ ports: [port] }) => hub.add({ port }); // in a shared worker
 */
export function messagePorts({
  maxBytes = 1_048_576,
  backlog = 10_000,
  relay = false,
}: MessagePortsOptions = {}): MessagePorts {
  if (!(maxBytes > 0)) throw new InvalidOptionError('maxBytes', maxBytes, 'a number of bytes above 0');
  if (!(backlog >= 0)) throw new InvalidOptionError('backlog', backlog, 'a number of records, 0 or more');
  return new PortTransport({ maxBytes, backlog, relay });
}
