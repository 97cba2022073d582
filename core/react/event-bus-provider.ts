import { type Context, createContext, createElement, type ReactElement, type ReactNode, useContext } from 'react';
import type { AnyEvents, EventMap, EventScope } from '../index.js';
import { ProviderMissingError } from './provider-missing-error.js';

/** Properties of {@link EventBusProvider}. */
export interface EventBusProviderProps<M extends EventMap<M> = AnyEvents> {
  /** The bus of the components below, or the scope of the plugin they belong to. */
  readonly bus: EventScope<M>;
  readonly children?: ReactNode;
}

const BusContext: Context<EventScope | undefined> = createContext<EventScope | undefined>(undefined);

/**
 * Gives the components below it their bus; a plugin's user interface is given the scope of the plugin, and can do what
 * that may. The innermost counts.
 *
 * @example
 * import { createEventBus } from 'crosstown';
 * import { EventBusProvider } from 'crosstown/react';
 *
 * const bus = createEventBus();
 * export const App = () => <EventBusProvider bus={bus}>…</EventBusProvider>;
 */
export function EventBusProvider<M extends EventMap<M> = AnyEvents>({
  bus,
  children,
}: EventBusProviderProps<M>): ReactElement {
  return createElement(BusContext.Provider, { value: bus as unknown as EventScope }, children);
}

/** The bus of the component that calls `hook`. @throws ProviderMissingError */
export function useBusFor(hook: string): EventScope {
  const bus = useContext(BusContext);
  if (bus === undefined) throw new ProviderMissingError(hook);
  return bus;
}

/**
 * The bus that the nearest provider gives, or the scope.
 *
 * @throws ProviderMissingError
 * @example
 * const { nodeId } = useEventBus();
 */
export function useEventBus(): EventScope {
  return useBusFor('useEventBus');
}
