import { useMemo } from 'react';
import type { EventScope } from '../index.js';
import { useBusFor } from './event-bus-provider.js';

/**
 * `emit` of the bus, the same function as long as the bus is the same; for effects and for handlers of elements, as
 * components may be rendered more often than they are shown.
 *
 * @throws ProviderMissingError
 * @example
 * const emit = useEmit();
 * return <button onClick={() => emit('cart.cleared')}>Clear</button>;
 */
export function useEmit(): EventScope['emit'] {
  const bus = useBusFor('useEmit');
  return useMemo(() => bus.emit.bind(bus) as EventScope['emit'], [bus]);
}
