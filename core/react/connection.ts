import { useEffect, useInsertionEffect, useLayoutEffect } from 'react';

/** What a component has open while it is on the page. */
export class Connection {
  /** Whether the component is mounted with it; one that React only hides still is. */
  isMounted = false;
  /** Whether a boundary shows its fallback over it. */
  isHidden = false;
  readonly #open: () => () => void;
  #close: (() => void) | undefined;

  constructor(open: () => () => void) {
    this.#open = open;
  }

  readonly connect = (): void => {
    this.#close ??= this.#open();
  };

  readonly disconnect = (): void => {
    const close = this.#close;
    this.#close = undefined;
    close?.();
  };
}

// On a server React runs no effects, and React 18 warns of this one there.
const useVisibleEffect = typeof window === 'undefined' ? useEffect : useLayoutEffect;

/**
 * Keeps a connection open from before the first effect of the commit that shows the component, as an effect may emit,
 * until the commit that removes it.
 *
 * Three effects, as no single one ends when it should. Layout effects end also when a boundary shows its fallback over
 * what suspends, and events are not to be missed meanwhile; passive effects do not, but run a while after a removal, when
 * handlers are not to be called any more. The insertion effect ends in a removal alone, and is run before the others.
 */
export function useConnection(connection: Connection): void {
  useInsertionEffect(() => {
    connection.isMounted = true;
    return () => {
      connection.isMounted = false;
      // Its layout effect, which ended when it was hidden, does not end again.
      if (connection.isHidden) connection.disconnect();
    };
  }, [connection]);
  useVisibleEffect(() => {
    connection.isHidden = false;
    connection.connect();
    return () => {
      connection.isHidden = connection.isMounted;
      if (!connection.isMounted) connection.disconnect();
    };
  }, [connection]);
  // What an Activity hides, and what strict mode mounts twice.
  useEffect(() => connection.disconnect, [connection]);
}
