import { InvalidOptionError, type Transport } from '../index.js';
import {
  type Door,
  type PortLike,
  portDoor,
  type ServiceWorkerContainerLike,
  type ServiceWorkerScopeLike,
  serviceWorkerDoor,
  windowDoor,
} from './message-port/door.js';
import { PortTransport } from './message-port/transport.js';

export type { PortLike, ServiceWorkerContainerLike, ServiceWorkerScopeLike } from './message-port/door.js';

/** A MessagePort, a Worker, or the global scope of a dedicated worker; in Node a Worker or `parentPort`. */
export interface PortEnd {
  readonly port: PortLike;
}

/** Another window: a frame's `contentWindow`, what `window.open` returned, or `parent` or `opener`. */
export interface WindowEnd {
  readonly window: Window;
  /**
   * Who may be in that window: origins as `event.origin` has them, like `https://shop.example`, `null` for a sandboxed
   * frame; or a function that says whether an origin is trusted.
   */
  readonly origin: string | readonly string[] | ((origin: string) => boolean);
}

/** In a page `navigator.serviceWorker`, in a service worker its global scope, which stands for all of its pages. */
export interface ServiceWorkerEnd {
  readonly serviceWorker: ServiceWorkerContainerLike | ServiceWorkerScopeLike;
}

/** Where another node is. */
export type MessagePortEnd = PortEnd | WindowEnd | ServiceWorkerEnd;

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
  const transport = transportOf({ ...options, relay: false });
  transport.add(doorTo(options));
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
export function messagePorts(options: MessagePortsOptions = {}): MessagePorts {
  const transport = transportOf(options);
  const { name, caps } = transport;
  return {
    name,
    caps,
    add: (end) => transport.add(doorTo(end)),
    open: (host) => transport.open(host),
    publish: (records) => transport.publish(records),
    close: () => transport.close(),
  };
}

function transportOf({ maxBytes = 1_048_576, backlog = 10_000, relay = false }: MessagePortsOptions): PortTransport {
  if (!(maxBytes > 0)) throw new InvalidOptionError('maxBytes', maxBytes, 'a number of bytes above 0');
  if (!(backlog >= 0)) throw new InvalidOptionError('backlog', backlog, 'a number of records, 0 or more');
  return new PortTransport({ maxBytes, backlog, relay });
}

function doorTo(end: MessagePortEnd): Door {
  if ('window' in end) return windowDoor(windowOf(end.window), originsOf(end.origin));
  if ('serviceWorker' in end) return serviceWorkerDoor(end.serviceWorker);
  const { port } = end;
  if (typeof port?.postMessage !== 'function') {
    throw new InvalidOptionError('port', port, 'something with messages, like a MessagePort or a Worker');
  }
  if (isWindow(port))
    throw new InvalidOptionError('port', 'a window', 'to { window, origin }, so that origins are checked');
  return portDoor(port);
}

function windowOf(target: unknown): Window {
  if (isWindow(target)) return target;
  throw new InvalidOptionError('window', target, 'a window; a frame has one when it is in the document');
}

/** The few properties that a window of another origin shows lead back to it. */
function isWindow(value: unknown): value is Window {
  return typeof value === 'object' && value !== null && (value as Partial<Window>).window === value;
}

/** An origin as the platform writes it: without a path, without capitals. */
const ORIGIN = /^(null|[a-z][a-z\d+.-]*:\/\/[^\s/?#*A-Z]+)$/;

function originsOf(origin: WindowEnd['origin']): readonly string[] | ((origin: string) => boolean) {
  if (typeof origin === 'function') return origin;
  const origins = typeof origin === 'string' ? [origin] : [...(origin ?? [])];
  const bad = origins.find((one) => !ORIGIN.test(one));
  if (bad === undefined && origins.length > 0) return origins;
  const remedy = 'origins that you trust, like "https://shop.example", or a function that says whether it trusts one';
  throw new InvalidOptionError('origin', bad ?? origin, remedy);
}
