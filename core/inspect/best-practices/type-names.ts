import type { InspectedEvent } from '../../index.js';
import { type Advise, quote, type TypeNotes } from './advice.js';

/** They say nothing wherever they stand, and at the end. */
const vague = /^(?:something|things?|stuff|misc|whatever|happened)$/;
const vagueAtTheEnd = /^(?:events?|occurrence)$/;

/** Of these, that they changed says too little: so much of them can. */
const unspecific =
  /^(?:user|account|customer|client|order|product|item|object|record|entity|model|data|state)s?\.changed?$/;

/** The types that are looked at, and as many that are only waited for. */
const MAX_NAMES = 2_000;

const good = 'like "user.profile.updated"';

/** Tells names that are vague, or not in the style of the others. */
export class TypeNames {
  readonly #advise: Advise;
  /** By what is left without case and separators, the name that was first. */
  readonly #names = new Map<string, string>();
  /** How words within a segment are joined, and the type that was first to do so. */
  #style: { readonly joint: string; readonly type: string } | undefined;

  constructor(advise: Advise) {
    this.#advise = advise;
  }

  /** A type that somebody waits for, whether or not it is ever emitted. */
  know(type: string): string {
    const bare = bareOf(type);
    const first = this.#names.get(bare);
    if (first !== undefined) return first;
    if (this.#names.size < MAX_NAMES) this.#names.set(bare, type);
    return type;
  }

  check(notes: TypeNotes, event: InspectedEvent): void {
    const { type } = notes;
    const vagueFact = vaguenessOf(type, (event.data ?? undefined) !== undefined);
    if (vagueFact !== undefined)
      this.#advise('vague-type', notes, event, vagueFact, `Say what it is about and what happened to that, ${good}`);
    const style = this.#styleFault(type);
    if (style !== undefined) this.#advise('type-style', notes, event, ...style);
  }

  #styleFault(type: string): readonly [fact: string, remedy: string] | undefined {
    const quoted = quote(type);
    const first = this.know(type);
    if (first !== type)
      return [`${quoted} differs from ${quote(first)} only by case or separators`, 'Use one of the two'];
    const isOne = !type.includes('.');
    if (isOne && wordsOf(type).length > 1)
      return [`The type ${quoted} does not part its words by dots`, `Write ${quote(wordsOf(type).join('.'))}`];
    if (/(?:^|\.)\p{Lu}/u.test(type))
      return [`The type ${quoted} has segments that begin with a capital`, `Write ${quote(lowered(type))}`];
    const joint = jointOf(type);
    if (joint === undefined) return undefined;
    this.#style ??= { joint, type };
    if (this.#style.joint === joint) return undefined;
    return [
      `The type ${quoted} joins words by ${joint}, and ${quote(this.#style.type)} by ${this.#style.joint}`,
      'Keep to one way on a bus',
    ];
  }
}

function vaguenessOf(type: string, hasData: boolean): string | undefined {
  const words = wordsOf(type);
  const word = words.find((each, i) => vague.test(each) || (i === words.length - 1 && vagueAtTheEnd.test(each)));
  if (word !== undefined) return `${quote(word)} in the type ${quote(type)} says nothing`;
  if (unspecific.test(type)) return `The type ${quote(type)} does not say what of it has changed`;
  // Without data it is a signal, as `ping` is, and needs no more.
  if (words.length === 1 && hasData) return `The type ${quote(type)} is one word alone`;
  return undefined;
}

/** Lower-case, however they are joined. */
function wordsOf(type: string): readonly string[] {
  return type
    .replace(/([\p{Ll}\p{N}])(\p{Lu})/gu, '$1.$2')
    .toLowerCase()
    .split(/[._:/-]+/)
    .filter((word) => word !== '');
}

function lowered(type: string): string {
  return type
    .split('.')
    .map((segment) => wordsOf(segment).join('-'))
    .join('.');
}

function jointOf(type: string): string | undefined {
  const [joint] = /[_-]|\p{Ll}\p{Lu}/u.exec(type) ?? [];
  return joint === undefined ? undefined : joint.length === 1 ? quote(joint) : 'capitals';
}

/** Separators between two digits stay: `1.11` is not `11.1`. */
function bareOf(type: string): string {
  return type
    .toLowerCase()
    .replace(/(\D)[._-]+/g, '$1')
    .replace(/[._-]+(?=\D)/g, '');
}
