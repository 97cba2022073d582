import type { ReactElement } from 'react';
import { Icon } from './Icon.js';
import { useRogue } from './use-rogue.js';

const numbers = new Intl.NumberFormat('en');

/** Lets a plugin loose that tries what it may not do, and shows what the bus makes of it. */
export function RoguePlugin(): ReactElement {
  const { running, refusals, toggle } = useRogue();
  const count = numbers.format(refusals.count);
  return (
    <>
      <button type="button" className="tool" popoverTarget="rogue" data-running={running} data-rogue>
        <Icon name="mask" />
        {running ? (
          <span className="tool-name">
            {count}
            <span className="tool-more"> refused</span>
          </span>
        ) : (
          <span className="tool-name">Rogue plugin</span>
        )}
      </button>
      <section id="rogue" className="pop" popover="auto" aria-labelledby="rogue-heading">
        <h2 id="rogue-heading">Rogue plugin</h2>
        <p className="hint">
          Forges payments, listens in, answers for others and floods the bus: it tries. The shop goes on selling.
        </p>
        <label className="switch">
          <input type="checkbox" role="switch" aria-checked={running} checked={running} onChange={toggle} />
          Let it loose
        </label>
        {refusals.count > 0 && (
          <>
            <p className="refused-count">
              <strong>{count}</strong> refused{running ? ' so far' : ', and nothing of it is left'}
            </p>
            <ol className="refusals" aria-label="Refused">
              {refusals.latest.map(({ id, wanted, because, times }) => (
                <li key={id}>
                  <span>
                    rogue wanted to <b>{wanted}</b>
                    {times > 1 && ` × ${times}`}
                  </span>
                  <small>refused: {because}</small>
                </li>
              ))}
            </ol>
          </>
        )}
      </section>
    </>
  );
}
