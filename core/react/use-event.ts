import { useInsertionEffect, useMemo, useRef } from 'react';
import type { BusEvent, EventHandler, EventScope, OnOptions, RetryOptions } from '../index.js';
import { useByValue } from './by-value.js';
import { Connection, useConnection } from './connection.js';
import { useBusFor } from './event-bus-provider.js';

/** {@link OnOptions}, for a component. */
export interface UseEventOptions<E = BusEvent> extends OnOptions<E> {
  /** Subscribes only while true, the default. */
  readonly enabled?: boolean;
}

/** What the component was last committed with: called, but no reason to subscribe again. */
interface Latest {
  readonly handler: EventHandler<BusEvent>;
  readonly options: UseEventOptions;
}

/**
 * Calls the newest `handler` for every event that matches while the component is mounted; subscribes again only when the
 * pattern, the bus or an option is another by value.
 *
 * @throws ProviderMissingError; to the nearest error boundary as `on` does: InvalidPatternError, PermissionError
 * @example
 * useEvent('user.*', (event) => setNames((names) => [...names, event.type]), { priority: 100 });
 */
export function useEvent(
  pattern: string | readonly string[],
  handler: EventHandler<BusEvent>,
  options: UseEventOptions = {},
): void {
  const bus = useBusFor('useEvent');
  const latest = useRef<Latest>({ handler, options });
  // Before any effect of the commit, which may emit.
  useInsertionEffect(() => {
    latest.current = { handler, options };
  });
  const { enabled = true, filter, retry, ...rest } = options;
  const { retryIf, ...plainRetry } = retry ?? { attempts: 1 };
  const wanted = useByValue({
    enabled,
    pattern,
    rest,
    filters: filter !== undefined,
    retry: retry && plainRetry,
    retriesIf: retryIf !== undefined,
  });
  const connection = useMemo(() => {
    const on: OnOptions = {
      ...wanted.rest,
      ...(wanted.filters && { filter: (event: BusEvent) => latest.current.options.filter?.(event) ?? true }),
      ...(wanted.retry && { retry: newestRetry(wanted.retry, wanted.retriesIf, latest) }),
    };
    return new Connection(() => (wanted.enabled ? subscribe(bus, wanted.pattern, latest, on) : () => {}));
  }, [bus, wanted]);
  useConnection(connection);
}

function newestRetry(plain: RetryOptions, asks: boolean, latest: { readonly current: Latest }): RetryOptions {
  if (!asks) return plain;
  return { ...plain, retryIf: (error, attempt) => latest.current.options.retry?.retryIf?.(error, attempt) ?? true };
}

function subscribe(
  bus: EventScope,
  pattern: string | readonly string[],
  latest: { readonly current: Latest },
  options: OnOptions,
): () => void {
  const call: EventHandler<BusEvent> = (event, delivery) => latest.current.handler(event, delivery);
  // Failures and devtools name a handler after its function.
  Object.defineProperty(call, 'name', { value: latest.current.handler.name });
  return bus.on(pattern, call, options);
}
