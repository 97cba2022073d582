import {
  type EventRecord,
  InvalidOptionError,
  locateCloneFault,
  type Transport,
  type TransportCaps,
  TransportError,
  type TransportHost,
} from '../index.js';
import { packBatch, unpackBatch } from './batch/batch.js';

/** Which channel, and how much a record may weigh; every option may be left out. */
export interface BroadcastChannelOptions {
  /** Nodes of one origin, or threads of one process, on the same channel hear each other; the bus's `name` by default. */
  readonly channel?: string;
  /** Largest record in bytes, counted roughly; 1 MiB by default. */
  readonly maxBytes?: number;
}

/**
 * Carries events between the tabs, frames and workers of one origin, or the threads of one Node process, by
 * BroadcastChannel (HTML Standard, §9.5). Values cross by structured clone. It opens with the first use of its bus,
 * lets a page that is left go into the back/forward cache, and never keeps a process alive.
 *
 * @throws InvalidOptionError; the bus gets a TransportError where BroadcastChannel does not exist
 * @example
 * import { createEventBus } from 'crosstown';
 * import { broadcastChannel } from 'crosstown/transports/broadcast-channel';
 *
 * const bus = createEventBus({ name: 'shop', transports: [broadcastChannel()] });
 * bus.on('cart.*', (event) => console.log(event.type)); // here, in other tabs and in workers
 */
export function broadcastChannel({ channel, maxBytes = 1_048_576 }: BroadcastChannelOptions = {}): Transport {
  if (channel !== undefined && (typeof channel !== 'string' || channel === '')) {
    throw new InvalidOptionError('channel', channel, 'a name, or none for the name of the bus');
  }
  if (!(maxBytes > 0)) throw new InvalidOptionError('maxBytes', maxBytes, 'a number of bytes above 0');
  return new BroadcastChannelTransport(channel, maxBytes);
}

class BroadcastChannelTransport implements Transport {
  readonly name = 'broadcast-channel';
  readonly caps: TransportCaps;
  readonly #channelName: string | undefined;
  readonly #closed = new AbortController();
  #host: TransportHost | undefined;
  #channel: BroadcastChannel | undefined;

  constructor(channel: string | undefined, maxBytes: number) {
    this.#channelName = channel;
    this.caps = Object.freeze({ order: true, ack: false, replay: false, carries: 'structured-clone', maxBytes });
  }

  open(host: TransportHost): void {
    if (this.#closed.signal.aborted || this.#host !== undefined) {
      throw this.#failed('open', 'Make one transport for each bus', new Error('it was opened or closed before'));
    }
    this.#host = host;
    this.#connect(host);
    // Workers and Node have no window, and nobody leaves them.
    if (typeof window !== 'undefined') this.#followPage(window, host);
  }

  publish(records: readonly EventRecord[]): void {
    const channel = this.#channel;
    if (channel === undefined) throw this.#failed('send', 'Send while it is open', new Error('it is not open'));
    try {
      channel.postMessage(packBatch(records));
    } catch (error) {
      // An open channel refuses nothing but values, and a getter among them may throw anything.
      throw locateCloneFault(records, error);
    }
  }

  close(): void {
    this.#closed.abort();
    this.#disconnect();
  }

  #connect(host: TransportHost): void {
    if (typeof BroadcastChannel === 'undefined') {
      throw this.#failed('open', 'Use another transport here', new Error('BroadcastChannel does not exist here'));
    }
    const channel = new BroadcastChannel(this.#channelName ?? host.name);
    channel.onmessage = (message: MessageEvent<unknown>): void => host.receive(unpackBatch(message.data));
    channel.onmessageerror = (): void => {
      host.fault(this.#failed('read a message', 'Look for a value that only its sender can read'));
    };
    unref(channel);
    this.#channel = channel;
    host.state('open');
  }

  #disconnect(): void {
    const channel = this.#channel;
    if (channel === undefined) return;
    this.#channel = undefined;
    channel.onmessage = null;
    channel.onmessageerror = null;
    channel.close();
  }

  /** A page with an open channel is thrown out of the back/forward cache by the first message that arrives. */
  #followPage(page: Window, host: TransportHost): void {
    const { signal } = this.#closed;
    const leave = (): void => {
      if (this.#channel === undefined) return;
      host.state('closing');
      this.#disconnect();
      host.state('closed');
    };
    const comeBack = ({ persisted }: PageTransitionEvent): void => {
      if (!persisted || this.#channel !== undefined) return;
      try {
        this.#connect(host);
      } catch (error) {
        host.fault(error);
      }
    };
    page.addEventListener('pagehide', leave, { signal });
    page.addEventListener('pageshow', comeBack, { signal });
  }

  #failed(operation: string, remedy: string, cause?: unknown): TransportError {
    return new TransportError(this.name, operation, remedy, cause);
  }
}

/** In Node and Deno an open channel would keep the process alive. */
function unref(channel: object): void {
  if ('unref' in channel && typeof channel.unref === 'function') return void channel.unref();
  // Deno has no name for it, only the symbol by which its own node:worker_threads finds it.
  const symbols = Object.getOwnPropertySymbols(Object.getPrototypeOf(channel));
  const ref = symbols.find(({ description }) => description === 'refBroadcastChannel');
  if (ref !== undefined) (channel as Record<symbol, (keep: boolean) => void>)[ref]?.(false);
}
