import { type Message, readMessage } from '../protocol.js';

/** The name that nodes and panels of one application meet under, unless they are given another. */
export function defaultChannel(application: string): string {
  return `crosstown-devtools:${application}`;
}

/** What a user of a channel does when something happens to it. */
export interface ChannelEvents {
  readonly onMessage: (message: Message) => void;
  /** The channel is open, for the first time or again. */
  readonly onOpen: (send: (message: Message) => void) => void;
  /** The channel closes now: the last chance to say something. */
  readonly onClose: (send: (message: Message) => void) => void;
}

/**
 * A way to every other page and worker of the same origin that knows the name. It closes while its page is left, as
 * a page that hears a message then cannot be returned to, and opens again when the page is.
 */
export class DevtoolsChannel {
  readonly #name: string;
  readonly #events: ChannelEvents;
  #channel: BroadcastChannel | undefined;

  constructor(name: string, events: ChannelEvents) {
    this.#name = name;
    this.#events = events;
    if (!('BroadcastChannel' in globalThis)) return;
    globalThis.addEventListener?.('pagehide', this.#leave);
    globalThis.addEventListener?.('pageshow', this.#enter);
    this.#enter();
  }

  readonly send = (message: Message): void => this.#channel?.postMessage(message);

  close(): void {
    globalThis.removeEventListener?.('pagehide', this.#leave);
    globalThis.removeEventListener?.('pageshow', this.#enter);
    this.#leave();
  }

  readonly #enter = (): void => {
    if (this.#channel !== undefined) return;
    const channel = new BroadcastChannel(this.#name);
    // Watching keeps no process alive; only Node has this method.
    (channel as { unref?(): void }).unref?.();
    channel.onmessage = ({ data }) => {
      const message = readMessage(data);
      if (message !== undefined) this.#events.onMessage(message);
    };
    this.#channel = channel;
    this.#events.onOpen(this.send);
  };

  readonly #leave = (): void => {
    if (this.#channel === undefined) return;
    this.#events.onClose(this.send);
    this.#channel.close();
    this.#channel = undefined;
  };
}

/** Runs a function later, or again and again, without keeping a process alive. */
export function later(run: () => void, delayMs: number, repeat = false): () => void {
  const timer: unknown = repeat ? setInterval(run, delayMs) : setTimeout(run, delayMs);
  (timer as { unref?(): void }).unref?.();
  return () => clearTimeout(timer as number);
}
