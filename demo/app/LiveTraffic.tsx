import { type ReactElement, useState } from 'react';
import type { TrafficSettings } from '../shop.js';
import { Icon } from './Icon.js';
import { useShop, useView } from './shop-context.js';
import { rateAt, useReplay } from './use-replay.js';

const MOST_KINDS = 4;
const numbers = new Intl.NumberFormat('en');

/** Puts the shop under load: webhooks that GitHub sent, replayed as fast as the slider says. */
export function LiveTraffic({
  onSettings,
}: {
  readonly onSettings: (settings: TrafficSettings) => void;
}): ReactElement {
  const { traffic } = useShop();
  const [position, setPosition] = useState(54);
  const rate = rateAt(position);
  const { running, achieved, toggle } = useReplay(rate);
  const github = useView('audit.summary.changed')?.github;
  const most = github?.kinds[0]?.count ?? 1;
  return (
    <>
      <button type="button" className="tool" popoverTarget="traffic" data-running={running}>
        <Icon name="pulse" />
        <span className="tool-name">{running ? `${numbers.format(achieved)}/s` : 'Live traffic'}</span>
      </button>
      <section id="traffic" className="pop" popover="auto" aria-labelledby="traffic-heading">
        <h2 id="traffic-heading">Live traffic</h2>
        <p className="hint">Real webhook bodies, as GitHub sends them, on this tab’s bus.</p>
        <div className="slider">
          <label htmlFor="traffic-rate">Events a second</label>
          <output htmlFor="traffic-rate">{numbers.format(rate)}</output>
          <input
            id="traffic-rate"
            type="range"
            min="0"
            max="100"
            value={position}
            aria-valuetext={`${numbers.format(rate)} events a second`}
            onChange={(event) => setPosition(event.target.valueAsNumber)}
          />
        </div>
        <div className="traffic-run">
          <button type="button" className="button" onClick={toggle}>
            {running ? 'Stop' : 'Start'}
          </button>
          <p className="achieved">
            <strong>{running ? numbers.format(achieved) : '–'}</strong> a second reached
            <small>{numbers.format(github?.deliveries ?? 0)} in all</small>
          </p>
        </div>
        {github !== undefined && github.deliveries > 0 && (
          <>
            <ul className="kinds" aria-label="Most frequent kinds">
              {github.kinds.slice(0, MOST_KINDS).map(({ kind, count }) => (
                <li key={kind}>
                  <span>{kind.replaceAll('_', ' ')}</span>
                  <span className="bar" style={{ inlineSize: `${(count / most) * 100}%` }} />
                  <span>{numbers.format(count)}</span>
                </li>
              ))}
            </ul>
            <p className="hint">
              {numbers.format(github.commits)} commits by {numbers.format(github.people)} people,{' '}
              {numbers.format(github.opened)} opened, {numbers.format(github.closed)} closed,{' '}
              {numbers.format(github.alerts)} alerts.
            </p>
          </>
        )}
        <fieldset className="options">
          <legend className="hidden">Beyond this tab</legend>
          <label>
            <input
              type="checkbox"
              checked={traffic.store}
              onChange={(event) => onSettings({ ...traffic, store: event.target.checked })}
            />
            Also store it, about 10 kB each
          </label>
          <label>
            <input
              type="checkbox"
              checked={traffic.send}
              onChange={(event) => onSettings({ ...traffic, send: event.target.checked })}
            />
            Also send it to other tabs
          </label>
        </fieldset>
      </section>
    </>
  );
}
