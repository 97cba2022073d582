import { type ReactElement, useEffect, useState } from 'react';
import type { Line } from '../events.js';
import { useShop } from './shop-context.js';

/** Asks the stock keeper, who answers from a worker: a request is an event, and whoever responds may be anywhere. */
export function StockCheck({ lines }: { readonly lines: readonly Line[] }): ReactElement {
  const { bus } = useShop();
  const [answer, setAnswer] = useState('Asking the stock keeper…');
  useEffect(() => {
    const leaving = new AbortController();
    const { signal } = leaving;
    const ask = async (): Promise<string> => {
      const { missing } = await bus.request('inventory.check', { lines }, { timeoutMs: 3_000, signal });
      return missing.length === 0
        ? 'The stock keeper has all of it reserved for you.'
        : 'Not all of it is reserved yet.';
    };
    void ask()
      .catch(() => 'The stock keeper does not answer.')
      .then((words) => signal.aborted || setAnswer(words));
    return () => leaving.abort();
  }, [bus, lines]);
  return (
    <p className="hint" role="status">
      {answer}
    </p>
  );
}
