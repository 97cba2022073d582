import type { NodeInfo } from '../../core/index.js';
import { Names } from './names.js';

/** Where a node runs. */
export type Realm = 'tab' | 'worker' | 'service worker' | 'process';

/** A node as the panel shows it. */
export interface PanelNode {
  /** 0 is the node the panel watches. */
  readonly index: number;
  readonly id: string;
  /** The `source` of its bus; empty until it is known. */
  readonly source: string;
  readonly realm: Realm | undefined;
  readonly hasLeft: boolean;
}

/** The nodes the panel has heard of. */
export class Nodes {
  readonly #names: Names;
  readonly #details = new Map<string, Partial<Pick<PanelNode, 'source' | 'realm' | 'hasLeft'>>>();

  constructor(own: string) {
    this.#names = new Names(own);
  }

  get all(): readonly PanelNode[] {
    return Array.from({ length: this.#names.size }, (_, index) => this.at(index));
  }

  indexOf(id: string): number {
    return this.#names.indexOf(id);
  }

  at(index: number): PanelNode {
    const id = this.#names.at(index);
    const { source = '', realm, hasLeft = false } = this.#details.get(id) ?? {};
    return { index, id, source, realm, hasLeft };
  }

  describe(id: string, details: { readonly source?: string; readonly realm?: Realm }): void {
    this.#names.indexOf(id);
    this.#details.set(id, { ...this.#details.get(id), ...details });
  }

  joined({ id, source }: NodeInfo): void {
    this.#names.indexOf(id);
    this.#details.set(id, { ...this.#details.get(id), source, hasLeft: false });
  }

  left({ id }: NodeInfo): void {
    this.#details.set(id, { ...this.#details.get(id), hasLeft: true });
  }
}

/** Where this code runs. */
export function ownRealm(): Realm {
  if ('document' in globalThis) return 'tab';
  if ('ServiceWorkerGlobalScope' in globalThis) return 'service worker';
  return 'WorkerGlobalScope' in globalThis ? 'worker' : 'process';
}
