import type { ReactElement } from 'react';
import type { CheckoutProgress, CheckoutStep } from '../events.js';
import { Icon } from './Icon.js';

const names: Readonly<Record<CheckoutStep, readonly [string, string]>> = {
  reserve: ['Reserve stock', 'inventory, in a worker'],
  price: ['Price the order', 'pricing'],
  pay: ['Take the payment', 'payment'],
  confirm: ['Confirm', 'checkout'],
};
const states = { waiting: 'waiting', running: 'under way', done: 'done', failed: 'failed' } as const;

/** The steps of an order, who takes each, and how long it took. */
export function CheckoutSteps({ progress }: { readonly progress: CheckoutProgress }): ReactElement {
  return (
    <ol className="steps" aria-label={`Steps of order ${progress.orderId}`}>
      {progress.steps.map(({ step, state, durationMs }) => (
        <li key={step} data-state={state}>
          <span className="step-mark">
            {state === 'done' && <Icon name="check" />}
            {state === 'failed' && <Icon name="close" />}
          </span>
          <span className="step-name">
            {names[step][0]}
            <small>{names[step][1]}</small>
          </span>
          <span className="step-time">
            {durationMs === undefined ? states[state] : durationMs < 1 ? '< 1 ms' : `${Math.round(durationMs)} ms`}
          </span>
        </li>
      ))}
    </ol>
  );
}
