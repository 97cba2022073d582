import type { Inspector, NodeInfo } from '../inspection.js';
import { busRecord, type SenderParts } from './bus-record.js';
import type { Link } from './link.js';

/** Most nodes remembered at a time: one that crashed never says goodbye. */
export const MOST_NODES = 1000;

/** What presence is made of. */
export interface PresenceParts extends SenderParts {
  /** Sequence of the last record this node sent. */
  readonly sent: () => number;
  /** Sequence of the last record meant for other nodes. */
  readonly sequence: () => number;
  readonly inspector: () => Inspector | null;
}

/** Which other nodes there are: each says hello when it comes, is welcomed by the others, and says bye when it goes. */
export class Presence {
  readonly #parts: PresenceParts;
  readonly #nodes = new Map<string, NodeInfo>();
  /** Goes on where it stopped: a new one would walk past all that were taken out before. */
  readonly #oldest = this.#nodes.keys();

  constructor(parts: PresenceParts) {
    this.#parts = parts;
  }

  get nodes(): readonly NodeInfo[] {
    return [...this.#nodes.values()];
  }

  /** `$hello` asks who is there, `$welcome` answers, `$bye` takes leave. */
  say(type: '$hello' | '$welcome' | '$bye', link: Link): void {
    // A farewell follows also what will not be sent any more.
    const seq = type === '$bye' ? this.#parts.sequence() : this.#parts.sent();
    const record = busRecord(this.#parts, type, seq, undefined);
    // Nobody waits for a greeting, and a transport that cannot send one will say so of the next event.
    link.send([{ record, refused: () => {} }]);
  }

  /**
   * Notes that a node is there; true when it is news. An event may be a plugin's, so its `source` names the node only until
   * the node greets.
   */
  met(node: string, source: string, link: Link, greets: boolean): boolean {
    const known = this.#nodes.get(node);
    if (known !== undefined) {
      if (greets && known.source !== source) this.#nodes.set(node, Object.freeze({ ...known, source }));
      return false;
    }
    if (this.#nodes.size >= MOST_NODES) this.left(this.#oldest.next().value as string);
    const info = Object.freeze({ id: node, source, transport: link.transport.name, since: this.#parts.clock.now() });
    this.#nodes.set(node, info);
    this.#parts.inspector()?.tell({ kind: 'nodeJoined', node: info });
    return true;
  }

  left(node: string): void {
    const info = this.#nodes.get(node);
    if (info === undefined) return;
    this.#nodes.delete(node);
    this.#parts.inspector()?.tell({ kind: 'nodeLeft', node: info });
  }
}
