import type { InspectedEvent } from '../../index.js';
import { type Advise, quote, type TypeNotes } from './advice.js';
import { isMisspelling } from './misspelling.js';

/** How long a store or transport has to say that it has an event. */
const PATIENCE_MS = 1_000;
const MAX_KNOWN = 1_000;

interface Suspect {
  readonly event: InspectedEvent;
  readonly meant: string;
  readonly at: number;
}

/** Tells types that nobody hears, when there is one that somebody hears and that is written almost the same. */
export class Unheard {
  readonly #advise: Advise;
  /** Types that somebody waits for, or has got. */
  readonly #known = new Set<string>();
  readonly #suspects = new Map<TypeNotes, Suspect>();

  constructor(advise: Advise) {
    this.#advise = advise;
  }

  know(type: string): void {
    if (this.#known.size < MAX_KNOWN) this.#known.add(type);
  }

  heard(notes: TypeNotes): void {
    notes.isHeard = true;
    this.#suspects.delete(notes);
  }

  settled(notes: TypeNotes, event: InspectedEvent, delivered: number, at: number): void {
    if (notes.isHeard) return;
    if (delivered > 0) {
      this.know(notes.type);
      this.heard(notes);
    } else if (!notes.done.has('unheard-type') && !this.#suspects.has(notes)) {
      for (const meant of this.#known) {
        if (!isMisspelling(notes.type, meant)) continue;
        this.#suspects.set(notes, { event, meant, at });
        return;
      }
      notes.done.add('unheard-type');
    }
  }

  /** Time has gone on. */
  review(now: number): void {
    for (const [notes, { event, meant, at }] of this.#suspects) {
      if (now - at < PATIENCE_MS) return;
      this.#suspects.delete(notes);
      this.#advise('unheard-type', notes, event, `Nobody gets ${quote(notes.type)}`, `Did you mean ${quote(meant)}?`);
    }
  }
}
