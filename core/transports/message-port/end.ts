import { InvalidOptionError } from '../../index.js';
import {
  type Door,
  type PortLike,
  portDoor,
  type ServiceWorkerContainerLike,
  type ServiceWorkerScopeLike,
  serviceWorkerDoor,
  windowDoor,
} from './door.js';

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

/** @throws InvalidOptionError where nobody can be, or nobody who could be trusted */
export function doorTo(end: MessagePortEnd): Door {
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
