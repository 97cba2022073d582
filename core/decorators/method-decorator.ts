import type { BusEvent, DataOf, Delivery, EventOf, Pattern, PluginScope, ReplyOf } from '../index.js';

/** What a class must be for its methods to be decorated; {@link Plugin} is. */
export interface Decoratable {
  readonly name: string;
  setup(scope: never): unknown;
}

/** The event map of a plugin. */
type EventsOf<T> = T extends { setup(scope: PluginScope<infer M, infer _C>): unknown } ? M : never;

/** What a method must be to handle pattern `P` with a filter of `E`; a text, which no method is, where that cannot be. */
export type HandlerMethod<T, P extends string, E> = [P] extends [Pattern<EventsOf<T>>]
  ? EventOf<EventsOf<T>, P> extends E
    ? (this: T, event: EventOf<EventsOf<T>, P>, delivery: Delivery<EventsOf<T>>) => unknown
    : 'the filter does not take the events of the pattern'
  : `the plugin has no event "${Exclude<P, Pattern<EventsOf<T>>>}"`;

/** What a method must be to answer requests of type `K`. */
export type ResponderMethod<T, K extends string, E> = K extends keyof EventsOf<T>
  ? BusEvent<K, DataOf<EventsOf<T>[K]>> extends E
    ? (
        this: T,
        event: BusEvent<K, DataOf<EventsOf<T>[K]>>,
        delivery: Delivery<EventsOf<T>>,
      ) => ReplyOf<EventsOf<T>[K]> | PromiseLike<ReplyOf<EventsOf<T>[K]>>
    : 'the filter does not take the events of the type'
  : `the plugin has no event "${K}"`;

/** A method that is given events which a filter of `E` can take. */
export type FilteredMethod<T, E> = (this: T, event: E, delivery: never) => unknown;
