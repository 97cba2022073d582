import type { HandlerInfo, InspectedEvent } from '../../index.js';
import { type Advise, quote, type TypeNotes } from './advice.js';

/** They are the bus's own, emitted when a handler installs a plugin or closes the bus. */
const lifecycle = /^(?:system|plugin)\.(?:started|shutdown|loaded|unloaded)$/;

/**
 * Tells events that a handler emits as if nothing had led to them. Certain are those between the start and the end of a
 * call that ends before anything else can run: the call was synchronous, and what is emitted within it is its doing.
 */
export class Chains {
  readonly #advise: Advise;
  /** The call that may be under way now. */
  #event: InspectedEvent | undefined;
  #handler: HandlerInfo | undefined;
  /** What was emitted since it has started. */
  readonly #roots = new Map<TypeNotes, InspectedEvent>();
  #isWaiting = false;

  constructor(advise: Advise) {
    this.#advise = advise;
  }

  started(event: InspectedEvent, handler: HandlerInfo): void {
    this.#event = event;
    this.#handler = handler;
    if (this.#roots.size > 0) this.#roots.clear();
    if (this.#isWaiting) return;
    this.#isWaiting = true;
    // What a promise of the call does comes later than this: the call is then nobody's any more.
    queueMicrotask(() => {
      this.#isWaiting = false;
      this.#end();
    });
  }

  emitted(notes: TypeNotes, event: InspectedEvent): void {
    if (this.#event === undefined || event.causationId !== undefined || this.#roots.has(notes)) return;
    if (!notes.done.has('broken-chain') && !lifecycle.test(notes.type)) this.#roots.set(notes, event);
  }

  settled(event: InspectedEvent, handler: HandlerInfo): void {
    if (this.#event !== event || this.#handler !== handler) return;
    const roots = this.#roots.size > 0 ? [...this.#roots] : [];
    this.#end();
    for (const [notes, root] of roots) this.#judge(notes, root, event, handler);
  }

  #judge(notes: TypeNotes, root: InspectedEvent, cause: InspectedEvent, handler: HandlerInfo): void {
    // A batch has a cause for each of its items, and who names a chain, as `correlate` does, has thought of it.
    if (isBatch(root.data) || root.correlationId !== root.id) notes.done.add('broken-chain');
    else
      this.#advise(
        'broken-chain',
        notes,
        root,
        `The handler ${quote(handler.name)} of ${quote(cause.type)} emits ${quote(notes.type)} without its cause`,
        "Emit it by the handler's second argument, with delivery.emit",
        handler,
      );
  }

  #end(): void {
    this.#event = undefined;
    this.#handler = undefined;
    this.#roots.clear();
  }
}

/** What `createBatcher` emits. */
function isBatch(data: unknown): boolean {
  return typeof data === 'object' && data !== null && Array.isArray((data as { items?: unknown }).items);
}
