import type { ReactElement } from 'react';
import type { CheckoutStep, CheckoutStepState, OrderProgress } from '../events.js';
import { Icon } from './Icon.js';

const names: Readonly<Record<CheckoutStep, readonly [string, string]>> = {
  reserve: ['Reserve stock', 'inventory, in a worker'],
  price: ['Price the order', 'pricing'],
  pay: ['Take the payment', 'payment'],
  fetch: ['Fetch the goods', 'inventory, in a worker'],
};
const states: Readonly<Record<CheckoutStepState, string>> = {
  waiting: 'waiting',
  running: 'under way',
  done: 'done',
  failed: 'failed',
  undoing: 'being taken back',
  undone: 'taken back',
  stuck: 'not taken back',
};

/** The steps of an order, who takes each, and how long it took. */
export function CheckoutSteps({ progress }: { readonly progress: OrderProgress }): ReactElement {
  return (
    <ol className="steps" aria-label={`Steps of order ${progress.orderId}`}>
      {progress.steps.map(({ step, state, durationMs }) => (
        <li key={step} data-state={state}>
          <span className="step-mark">
            {state === 'done' && <Icon name="check" />}
            {(state === 'failed' || state === 'stuck') && <Icon name="close" />}
            {state === 'undone' && <Icon name="back" />}
          </span>
          <span className="step-name">
            {names[step][0]}
            <small>{names[step][1]}</small>
          </span>
          <span className="step-time">
            {state === 'done' && durationMs !== undefined ? durationOf(durationMs) : states[state]}
          </span>
        </li>
      ))}
    </ol>
  );
}

function durationOf(ms: number): string {
  return ms < 1 ? '< 1 ms' : `${Math.round(ms)} ms`;
}
