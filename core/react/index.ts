'use client';
/**
 * React hooks for a bus: subscribe, emit, render from events, and ask. React 18 or later; nothing is subscribed on a
 * server or while rendering.
 *
 * @module
 * @example
 * import { createEventHooks } from 'crosstown/react';
 *
 * interface AppEvents { 'cart.added': { sku: string } }
 * export const { EventBusProvider, useEvent, useEmit, useLatestEvent } = createEventHooks<AppEvents>();
 */
export { createEventHooks, type EventHooks } from './create-event-hooks.js';
export { EventBusProvider, type EventBusProviderProps, useEventBus } from './event-bus-provider.js';
export { ProviderMissingError } from './provider-missing-error.js';
export type { RequestState } from './question.js';
export { useEmit } from './use-emit.js';
export { type UseEventOptions, useEvent } from './use-event.js';
export {
  type UseEventHistoryOptions,
  type UseLatestEventOptions,
  useEventHistory,
  useLatestEvent,
} from './use-event-history.js';
export { type UseRequestOptions, useRequest } from './use-request.js';
