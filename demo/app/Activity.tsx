import { type ReactElement, useEffect, useState } from 'react';
import { useShop, useView } from './shop-context.js';

const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const POLL_MS = 1_000;

/** What the audit wrote down: the shop's last facts, wherever they came from. */
export function Activity(): ReactElement {
  const summary = useView('audit.summary.changed');
  const others = useOthers();
  const entries = summary?.entries ?? [];
  return (
    <footer className="activity">
      <h2>Behind the counter</h2>
      <p className="hint">
        Twelve plugins that know only the bus, each with no more rights than it needs. Connected to{' '}
        {others === 1 ? '1 other node' : `${others} other nodes`}: tabs, and a stock keeper in a worker for each.
      </p>
      {entries.length > 0 && (
        <ol>
          {entries.map(({ id, type, at, here }) => (
            <li key={id}>
              <time dateTime={new Date(at).toISOString()}>{clock.format(at)}</time>
              <code>{type}</code>
              <span>{here ? 'this tab' : 'elsewhere'}</span>
            </li>
          ))}
        </ol>
      )}
    </footer>
  );
}

function useOthers(): number {
  const { bus } = useShop();
  const [others, setOthers] = useState(bus.nodes.length);
  useEffect(() => {
    const timer = setInterval(() => setOthers(bus.nodes.length), POLL_MS);
    return () => clearInterval(timer);
  }, [bus]);
  return others;
}
