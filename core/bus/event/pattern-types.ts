import type { BusEvent } from './event.js';

/** An event map: an interface whose keys are event types and whose values are their data. */
export type EventMap<M> = { [K in keyof M]: unknown };

/** The map of a bus that was given none: every type, with data of any shape. */
export type AnyEvents = Record<string, unknown>;

/** The event types a map names. */
export type EventType<M> = keyof M & string;

/**
 * Declares, in an event map, a type that is asked with `request`: `'user.get': Replies<{ id: string }, User>`. It names
 * the data and the answer; no value of it exists.
 */
export interface Replies<D, R> {
  readonly '~data': D;
  readonly '~reply': R;
}

/** The data of an event whose map says `T`. */
export type DataOf<T> = T extends Replies<infer D, unknown> ? D : T;

/** The answer to a request whose map says `T`; `unknown` where the map does not say. */
export type ReplyOf<T> = T extends Replies<unknown, infer R> ? R : unknown;

type IsLoose<M> = string extends keyof M ? true : false;

/**
 * `P` with each run of wildcards as any text: what every match looks like. Asked of all types first, as it costs the
 * compiler least; two wildcards in a row would ask for a character between them.
 */
type Outline<P extends string> = P extends `${infer Head}**.**${infer Rest}`
  ? Outline<`${Head}**${Rest}`>
  : P extends `${infer Head}*.*${infer Rest}`
    ? Outline<`${Head}*${Rest}`>
    : P extends `${infer Head}.**.${infer Rest}`
      ? `${Outline<Head>}.${string}${Outline<Rest>}`
      : P extends `**.${infer Rest}`
        ? `${string}${Outline<Rest>}`
        : P extends `${infer Head}.**`
          ? `${Outline<Head>}${string}`
          : P extends `${infer Head}*${infer Rest}`
            ? `${Head}${string}${Outline<Rest>}`
            : P;

/** Whether pattern `P` matches type `K`, segment by segment (rule P1). */
type Matches<P extends string, K extends string> = P extends '**'
  ? true
  : P extends `**.${infer Rest}`
    ? Matches<Rest, K> extends true
      ? true
      : K extends `${string}.${infer Tail}`
        ? Matches<P, Tail>
        : false
    : P extends `${infer Head}.${infer Rest}`
      ? K extends `${infer First}.${infer Tail}`
        ? Head extends '*' | First
          ? Matches<Rest, Tail>
          : false
        : Head extends '*' | K
          ? MatchesNothing<Rest>
          : false
      : K extends `${string}.${string}`
        ? false
        : P extends '*' | K
          ? true
          : false;

/** Whether pattern `P` matches no segment at all. */
type MatchesNothing<P extends string> = P extends '**'
  ? true
  : P extends `**.${infer Rest}`
    ? MatchesNothing<Rest>
    : false;

/** The types of `K` that pattern `P` matches. */
type MatchingTypes<P extends string, K extends string> = P extends '*' | '**' ? K : Exactly<P, Extract<K, Outline<P>>>;

type Exactly<P extends string, K extends string> = K extends K ? (Matches<P, K> extends true ? K : never) : never;

/** What `on` takes: a type of the map, or any text with a wildcard in it. */
export type Pattern<M> = IsLoose<M> extends true ? string : EventType<M> | `${string}*${string}`;

type EventsOf<M, K extends string> = K extends K ? BusEvent<K, K extends keyof M ? DataOf<M[K]> : unknown> : never;

/** The event, or union of events, that a handler of pattern `P` is given (rule P3). */
export type EventOf<M, P extends string> = P extends `${string}*${string}`
  ? IsLoose<M> extends true
    ? BusEvent
    : EventsOf<M, MatchingTypes<P, EventType<M>>>
  : EventsOf<M, P>;

/** Data of the event `K`, optional where its type admits `undefined`. */
export type DataArguments<T, O> =
  undefined extends DataOf<T> ? [data?: DataOf<T>, options?: O] : [data: DataOf<T>, options?: O];
