import { useEffect, useMemo, useSyncExternalStore } from 'react';
import type { RequestOptions } from '../index.js';
import { useByValue } from './by-value.js';
import { useBusFor } from './event-bus-provider.js';
import { Question, type RequestState } from './question.js';

/** {@link RequestOptions}, for a component, which aborts by itself. */
export interface UseRequestOptions extends Omit<RequestOptions, 'signal'> {
  /** Asks only while true; by default when there is data. */
  readonly enabled?: boolean;
}

/**
 * Requests an answer when the component is mounted, and again when the type, the data, the bus or an option is another by
 * value; without data it waits for some. What is not plain in the data, like a Map, is compared by identity.
 *
 * @throws ProviderMissingError; all else is the `error` of what it returns
 * @example
 * const user = useRequest('user.get', id === undefined ? undefined : { id }, { timeoutMs: 1_000 });
 * if (user.status === 'error') return <button onClick={user.refetch}>Try again</button>;
 */
export function useRequest(type: string, data: unknown, options: UseRequestOptions = {}): RequestState<unknown> {
  const bus = useBusFor('useRequest');
  const { enabled = data !== undefined, ...request } = options;
  const asked = useByValue({ type, data, request, enabled });
  const { mount, subscribe, snapshot } = useMemo(
    () => new Question((signal) => bus.request(asked.type, asked.data, { ...asked.request, signal }), asked.enabled),
    [bus, asked],
  );
  useEffect(mount, [mount]);
  return useSyncExternalStore(subscribe, snapshot, snapshot);
}
