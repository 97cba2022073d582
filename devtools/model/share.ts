import type { EventBus } from '../../core/index.js';
import { PROTOCOL_VERSION } from '../protocol.js';
import { DevtoolsChannel, defaultChannel, later } from './devtools-channel.js';
import { ownRealm } from './nodes.js';
import { Outbox } from './outbox.js';

/** How long rows are collected before they are sent. */
const BATCH_MS = 100;
/** How long a panel that says nothing more is believed to watch: longer than a hidden page's timers are held back. */
export const LEASE_MS = 150_000;

/** The part of a bus that is told of. */
export type SharedBus = Pick<EventBus, 'covers' | 'inspect' | 'name' | 'nodeId' | 'source'>;

/** Tells the panels of other nodes what this one's handlers do; while none of them watches, it does nothing at all. */
class Share {
  readonly #bus: SharedBus;
  readonly #channel: DevtoolsChannel;
  readonly #outbox: Outbox;
  /** Panels that watch, by their node, and until when they are believed to. */
  readonly #watchers = new Map<string, number>();
  #stopInspecting: (() => void) | undefined;
  #cancelFlush: (() => void) | undefined;

  constructor(bus: SharedBus, name: string) {
    this.#bus = bus;
    this.#outbox = new Outbox((type) => bus.covers(type));
    const { nodeId } = bus;
    this.#channel = new DevtoolsChannel(name, {
      onOpen: (send) => send({ v: PROTOCOL_VERSION, kind: 'hello', node: nodeId }),
      onMessage: ({ kind, node }) => {
        if (node === nodeId) return;
        if (kind === 'watch') this.#watched(node);
        else if (kind === 'unwatch') this.#unwatched(node);
      },
      onClose: () => this.#rest(),
    });
  }

  stop(): void {
    this.#channel.close();
  }

  #watched(node: string): void {
    const isNew = !this.#watchers.has(node);
    this.#watchers.set(node, Date.now() + LEASE_MS);
    this.#stopInspecting ??= this.#bus.inspect((told) => {
      this.#outbox.add(told);
      if (!this.#outbox.isEmpty) this.#cancelFlush ??= later(() => this.#flush(), BATCH_MS);
    });
    // Even an empty batch says who is here.
    if (isNew) this.#send();
  }

  #unwatched(node: string): void {
    this.#watchers.delete(node);
    if (this.#watchers.size === 0) this.#rest();
  }

  #rest(): void {
    this.#watchers.clear();
    this.#stopInspecting?.();
    this.#stopInspecting = undefined;
    this.#cancelFlush?.();
    this.#cancelFlush = undefined;
    this.#outbox.take();
  }

  #flush(): void {
    this.#cancelFlush = undefined;
    for (const [node, until] of this.#watchers) if (until < Date.now()) this.#unwatched(node);
    if (this.#watchers.size > 0) this.#send();
  }

  #send(): void {
    const { nodeId: node, source } = this.#bus;
    const rows = this.#outbox.take();
    this.#channel.send({ v: PROTOCOL_VERSION, kind: 'batch', node, source, realm: ownRealm(), ...rows });
  }
}

interface Shared {
  readonly share: Share;
  holders: number;
}

const shares = new WeakMap<object, Map<string, Shared>>();

/** Shares a bus until the returned function is called; a bus that is shared twice tells everything once. */
export function shareBus(bus: SharedBus, channel: string = defaultChannel(bus.name)): () => void {
  const ofBus = shares.get(bus) ?? new Map<string, Shared>();
  shares.set(bus, ofBus);
  const shared = ofBus.get(channel) ?? { share: new Share(bus, channel), holders: 0 };
  ofBus.set(channel, shared);
  shared.holders++;
  let held = true;
  return () => {
    if (!held) return;
    held = false;
    if (--shared.holders > 0) return;
    ofBus.delete(channel);
    shared.share.stop();
  };
}
