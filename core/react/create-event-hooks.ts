import type { ReactElement } from 'react';
import type {
  AnyEvents,
  DataOf,
  EventHandler,
  EventMap,
  EventOf,
  EventScope,
  EventType,
  Pattern,
  ReplyOf,
} from '../index.js';
import { EventBusProvider, type EventBusProviderProps, useEventBus } from './event-bus-provider.js';
import type { RequestState } from './question.js';
import { useEmit } from './use-emit.js';
import { type UseEventOptions, useEvent } from './use-event.js';
import {
  type UseEventHistoryOptions,
  type UseLatestEventOptions,
  useEventHistory,
  useLatestEvent,
} from './use-event-history.js';
import { type UseRequestOptions, useRequest } from './use-request.js';

/**
 * Nothing, where a bus with the map `O` has all events of `M`. `EventScope<M>` alone does not ask for that: the compiler
 * takes a bus of any map for one.
 */
type Fits<O, M> = string extends keyof M
  ? unknown
  : [O] extends [M]
    ? unknown
    : { readonly bus: { readonly 'the bus lacks events of the map of the hooks': M } };

/** The hooks, and the provider, of buses with an event map. */
export interface EventHooks<M extends EventMap<M> = AnyEvents> {
  /** {@link EventBusProvider} */
  EventBusProvider<O extends EventMap<O> = M>(props: EventBusProviderProps<O> & Fits<O, M>): ReactElement;
  /** {@link useEventBus} */
  useEventBus(): EventScope<M>;
  /** {@link useEvent} */
  useEvent<const P extends Pattern<M>>(
    pattern: P | readonly P[],
    handler: EventHandler<EventOf<M, P>, M>,
    options?: UseEventOptions<EventOf<M, P>>,
  ): void;
  /** {@link useEmit} */
  useEmit(): EventScope<M>['emit'];
  /** {@link useLatestEvent} */
  useLatestEvent<const P extends Pattern<M>>(
    pattern: P | readonly P[],
    options?: UseLatestEventOptions,
  ): EventOf<M, P> | undefined;
  /** {@link useEventHistory} */
  useEventHistory<const P extends Pattern<M>>(
    pattern: P | readonly P[],
    options?: UseEventHistoryOptions,
  ): readonly EventOf<M, P>[];
  /** {@link useRequest} */
  useRequest<K extends EventType<M>>(
    type: K,
    data: DataOf<M[K]> | undefined,
    options?: UseRequestOptions,
  ): RequestState<ReplyOf<M[K]>>;
}

const hooks = Object.freeze({
  EventBusProvider,
  useEventBus,
  useEvent,
  useEmit,
  useLatestEvent,
  useEventHistory,
  useRequest,
});

/**
 * All hooks and the provider, typed by an event map: call it once, and export what it returns. They are the same
 * functions for every map; the provider of the map sees to it that the bus fits.
 *
 * @example
 * interface AppEvents { 'user.created': { userId: string } }
 * export const { EventBusProvider, useEvent, useEmit } = createEventHooks<AppEvents>();
 */
export function createEventHooks<M extends EventMap<M> = AnyEvents>(): EventHooks<M> {
  return hooks as unknown as EventHooks<M>;
}
