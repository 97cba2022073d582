import type { HandlerInfo, InspectedEvent, Inspection } from '../../index.js';
import { type Advice, type RuleName, TypeNotes } from './advice.js';
import { Chains } from './chains.js';
import { DataShapes } from './data-shapes.js';
import { TypeNames } from './type-names.js';
import { Unheard } from './unheard.js';

/** Beyond so many new types are not looked at: they hold ids, and would take memory without end. */
const MAX_TYPES = 1_000;

/** What is looked at where something happens, and what is known by then. */
export class Practices {
  readonly #report: (advice: Advice) => unknown;
  readonly #isIgnored: (type: string) => boolean;
  readonly #off: readonly RuleName[];
  /** Undefined for a type that is ignored. */
  readonly #types = new Map<string, TypeNotes | undefined>();
  /** What is to be said when all has been looked at: what `report` throws is not the data's fault. */
  readonly #advice: Advice[] = [];
  #isFull: boolean;
  readonly #names: TypeNames;
  readonly #shapes: DataShapes;
  readonly #chains: Chains | undefined;
  readonly #unheard: Unheard;

  constructor(report: (advice: Advice) => unknown, isIgnored: (type: string) => boolean, off: readonly RuleName[]) {
    this.#report = report;
    this.#isIgnored = isIgnored;
    this.#off = off;
    this.#isFull = off.includes('too-many-types');
    const advise = this.#advise.bind(this);
    this.#names = new TypeNames(advise);
    this.#shapes = new DataShapes(advise);
    this.#chains = off.includes('broken-chain') ? undefined : new Chains(advise);
    this.#unheard = new Unheard(advise);
  }

  /** Returns a promise where it has to be seen whether that rejects. */
  observe(inspection: Inspection): unknown {
    try {
      this.#look(inspection);
    } catch {
      // A getter or a proxy that throws: what cannot be read is not looked at.
    }
    return this.#advice.length === 0 ? undefined : this.#tell();
  }

  #look(inspection: Inspection): void {
    this.#unheard.review(inspection.at);
    switch (inspection.kind) {
      case 'emitted':
        this.#emitted(inspection.event, inspection.node === undefined);
        break;
      case 'handlerStarted':
        this.#chains?.started(inspection.event, inspection.handler);
        break;
      case 'handlerSettled':
        this.#chains?.settled(inspection.event, inspection.handler);
        break;
      case 'settled':
        if (inspection.status === 'delivered') {
          const notes = this.#types.get(inspection.event.type);
          if (notes !== undefined) this.#unheard.settled(notes, inspection.event, inspection.delivered, inspection.at);
        }
        break;
      case 'stored':
      case 'sent': {
        const notes = this.#types.get(inspection.event.type);
        if (notes?.isHeard === false) this.#unheard.heard(notes);
        break;
      }
      case 'subscribed':
        this.#subscribed(inspection.handler);
    }
  }

  #tell(): Promise<unknown> {
    const returned: unknown[] = [];
    for (let next = this.#advice.shift(); next !== undefined; next = this.#advice.shift())
      returned.push(this.#report(next));
    return Promise.all(returned);
  }

  #emitted(event: InspectedEvent, isOwn: boolean): void {
    const notes = this.#types.get(event.type) ?? this.#begin(event);
    if (notes === undefined) return;
    if (!notes.isNamed) {
      notes.isNamed = true;
      this.#names.check(notes, event);
    }
    if (isOwn) this.#chains?.emitted(notes, event);
    else if (event.metadata['encrypted'] === true) return;
    this.#shapes.check(notes, event);
  }

  /** Undefined for a type that is not looked at. */
  #begin(event: InspectedEvent): TypeNotes | undefined {
    const { type } = event;
    const isOver = this.#types.size === MAX_TYPES;
    if (this.#types.has(type) || (isOver && this.#isFull)) return undefined;
    const notes = type.startsWith('$') || this.#isIgnored(type) ? undefined : new TypeNotes(type);
    if (!isOver) this.#types.set(type, notes);
    else if (notes !== undefined) {
      this.#isFull = true;
      const fact = 'There are more than 1,000 types, and further ones are not looked at';
      this.#advise('too-many-types', notes, event, fact, 'Put ids, and what else differs, into the data');
      return undefined;
    }
    for (const rule of this.#off) notes?.done.add(rule);
    return notes;
  }

  #subscribed({ patterns }: HandlerInfo): void {
    for (const pattern of patterns) {
      if (pattern.includes('*') || pattern.startsWith('$') || this.#isIgnored(pattern)) continue;
      this.#names.know(pattern);
      this.#unheard.know(pattern);
    }
  }

  #advise(
    rule: RuleName,
    notes: TypeNotes,
    event: InspectedEvent,
    fact: string,
    remedy: string,
    handler?: HandlerInfo,
  ): void {
    if (notes.done.has(rule)) return;
    notes.done.add(rule);
    const message = `[crosstown] ${fact}. ${remedy}${remedy.endsWith('?') ? '' : '.'}`;
    this.#advice.push({ rule, type: notes.type, message, event, handler });
  }
}
