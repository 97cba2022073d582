/** Sends to the one who was heard. */
export type Answer = (message: object, transfer?: MessagePort[]) => void;

/** Where other nodes may be: something that messages can be sent through, and where strangers send theirs, too. */
export interface Door {
  /** Whether several nodes can be behind it at a time; otherwise one that comes takes the place of the one before. */
  readonly many: boolean;
  /** Whether who is behind it goes when it has nothing to do, and comes when it is called. */
  readonly sleeps: boolean;
  call(message: object): void | Promise<void>;
  listen(hear: (message: unknown, answer: Answer) => void, signal: AbortSignal): void;
}

/** What has messages: a MessagePort, a Worker, the global scope of a worker, or what Node has in place of these. */
export interface PortLike {
  postMessage(message: unknown, transfer: never): void;
}

interface WebPort {
  postMessage: Answer;
  addEventListener: MessagePort['addEventListener'];
  start?(): void;
  hasRef?(): boolean;
  unref?(): void;
}

/** A Worker of node:worker_threads. */
interface NodeWorker {
  postMessage: Answer;
  on(event: 'message', listener: (message: unknown) => void): void;
  off(event: 'message', listener: (message: unknown) => void): void;
}

export function portDoor(end: PortLike): Door {
  const port = end as unknown as WebPort | NodeWorker;
  const answer: Answer = (message, transfer = []) => port.postMessage(message, transfer);
  return {
    many: false,
    sleeps: false,
    call: (message) => answer(message),
    listen(hear, signal): void {
      if (!('addEventListener' in port)) {
        const listener = (message: unknown): void => hear(message, answer);
        port.on('message', listener);
        signal.addEventListener('abort', () => port.off('message', listener));
        return;
      }
      // In Node a listener keeps the process alive: only where somebody else wanted that already it may.
      const isFree = port.hasRef?.() === false;
      port.addEventListener('message', ({ data }) => hear(data, answer), { signal });
      port.start?.();
      if (isFree) port.unref?.();
    },
  };
}

/** A frame, a popup, or the window that opened or holds this one. What comes from another window or origin is not heard. */
export function windowDoor(target: Window, origins: readonly string[] | ((origin: string) => boolean)): Door {
  const [trusts, known] =
    typeof origins === 'function' ? [origins, ['*']] : [(origin: string) => origins.includes(origin), origins];
  const post = (message: object, origin: string, transfer: MessagePort[] = []): void =>
    // An opaque origin has no name that a message could be addressed to.
    target.postMessage(message, origin === 'null' ? '*' : origin, transfer);
  return {
    many: false,
    sleeps: false,
    call(message): void {
      for (const origin of known) post(message, origin);
    },
    listen(hear, signal): void {
      const listener = (event: MessageEvent<unknown>): void => {
        const { source, origin } = event;
        if (source !== target || !trusts(origin)) return;
        hear(event.data, (message, transfer) => post(message, origin, transfer));
      };
      window.addEventListener('message', listener, { signal });
    },
  };
}

/** What a service worker and its pages send each other has a source to answer to. */
interface FromClient extends Event {
  readonly data: unknown;
  readonly source: { postMessage: Answer } | null;
}

interface Listens {
  addEventListener(type: 'message', listener: (event: never) => void, options: { signal: AbortSignal }): void;
}

/** The global scope of a service worker, as far as it is needed. */
export interface ServiceWorkerScopeLike extends Listens {
  readonly clients: {
    matchAll(options: {
      includeUncontrolled: true;
    }): Promise<readonly { postMessage(message: unknown, transfer: never): void }[]>;
  };
}

/** `navigator.serviceWorker`, as far as it is needed. */
export interface ServiceWorkerContainerLike extends Listens {
  readonly ready: Promise<{ readonly active: { postMessage(message: unknown, transfer: never): void } | null }>;
  startMessages(): void;
}

/** From a page to its service worker, or from there to all pages. */
export function serviceWorkerDoor(end: ServiceWorkerContainerLike | ServiceWorkerScopeLike): Door {
  const others = async (): Promise<readonly (PortLike | null)[]> =>
    'ready' in end ? [(await end.ready).active] : end.clients.matchAll({ includeUncontrolled: true });
  return {
    many: true,
    sleeps: 'ready' in end,
    async call(message): Promise<void> {
      for (const other of await others()) (other as { postMessage: Answer } | null)?.postMessage(message);
    },
    listen(hear, signal): void {
      const listener = ({ data, source }: FromClient): void =>
        hear(data, (message, transfer = []) => source?.postMessage(message, transfer));
      end.addEventListener('message', listener, { signal });
      if ('ready' in end) end.startMessages();
    },
  };
}
