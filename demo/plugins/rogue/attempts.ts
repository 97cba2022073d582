import type { PluginScope } from 'crosstown';
import type { AppEvents } from '../../events.js';

interface Attempt {
  readonly wanted: string;
  /** Throws when it is refused. */
  readonly attempt: (scope: PluginScope<AppEvents>, orderId: string) => void;
}

const FLOOD = 20;
const listen = (): void => {};

/** What the rogue tries, one after the other and round and round. */
export const attempts: readonly Attempt[] = [
  {
    wanted: 'have an order paid that is not',
    attempt: (scope, orderId) => {
      scope.emit('payment.authorised', { orderId, reference: 'ROGUE' });
    },
  },
  {
    wanted: 'know who pays with what',
    attempt: (scope) => void scope.on('payment.**', listen, { name: 'eavesdrop' }),
  },
  {
    wanted: 'know everything',
    attempt: (scope) => void scope.on('**', listen, { name: 'eavesdrop' }),
  },
  {
    wanted: 'speak for somebody else',
    attempt: (scope, orderId) => {
      scope.emit({ type: 'payment.authorised', source: 'payment', data: { orderId, reference: 'ROGUE' } });
    },
  },
  {
    wanted: 'answer for the stock keeper',
    attempt: (scope) => void scope.respond('inventory.check', () => ({ missing: [] }), { name: 'lie' }),
  },
  {
    wanted: 'hold up everything',
    attempt: (scope) => void scope.use(listen, { name: 'hold up' }),
  },
  {
    wanted: 'place an order of nothing',
    attempt: (scope, orderId) => {
      scope.emit('order.placed', { orderId, lines: [], totalCents: 0, service: 'post', tab: scope.nodeId });
    },
  },
  {
    wanted: 'be heard above all others',
    attempt: (scope) => {
      for (let n = 0; n < FLOOD; n++) scope.emit('rogue.noise', { n });
    },
  },
];
