import { type Message, readMessage } from '../protocol.js';

/** The name that nodes and panels of one application meet under, unless they are given another. */
export function defaultChannel(application: string): string {
  return `crosstown-devtools:${application}`;
}

/** A way to every other page and worker of the same origin that knows the name. */
export interface DevtoolsChannel {
  send(message: Message): void;
  close(): void;
}

/** Opens a channel; undefined where there are none. */
export function openChannel(name: string, onMessage: (message: Message) => void): DevtoolsChannel | undefined {
  if (!('BroadcastChannel' in globalThis)) return undefined;
  const channel = new BroadcastChannel(name);
  // Watching keeps no process alive; only Node has this method.
  (channel as { unref?(): void }).unref?.();
  channel.onmessage = ({ data }) => {
    const message = readMessage(data);
    if (message !== undefined) onMessage(message);
  };
  return {
    send: (message) => channel.postMessage(message),
    close: () => channel.close(),
  };
}

/** Runs a function later, or again and again, without keeping a process alive. */
export function later(run: () => void, delayMs: number, repeat = false): () => void {
  const timer: unknown = repeat ? setInterval(run, delayMs) : setTimeout(run, delayMs);
  (timer as { unref?(): void }).unref?.();
  return () => clearTimeout(timer as number);
}
