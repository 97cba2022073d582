import { type BusEvent, definePlugin, type PluginScope } from 'crosstown';
import type { AppEvents } from '../../events.js';
import { follow } from '../../follow.js';
import { requests, StockLedger, stockFacts } from './ledger.js';

/** So long it takes to fetch one piece from its shelf. */
const FETCH_MS = 400;

/**
 * Keeps the stock. Every tab brings a stock keeper in a worker of its own and one of them is on duty for all tabs, so
 * that two of them never sell the same chair: whoever holds the lock. When its tab goes, the browser frees the lock,
 * and the next keeper builds the ledger from the stored events and answers what was left unanswered.
 */
export const inventory = definePlugin<AppEvents>({
  name: 'inventory',
  version: '1.0.0',
  permissions: {
    on: [...requests, ...stockFacts, 'shop.opened'],
    emit: ['inventory.**', 'shop.failed'],
    respond: 'inventory.check',
  },
  setup(scope) {
    const { signal } = scope;
    const duty = (): Promise<void> => {
      keepStock(scope);
      return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    };
    navigator.locks.request('shop: stock keeper', { signal }, duty).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
  },
});

function keepStock(scope: PluginScope<AppEvents>): void {
  const ledger = new StockLedger();
  /** Requests of the past that have no answer yet, by id. */
  const open = new Map<string, () => void>();
  let onDuty = false;

  const answer = (request: Parameters<StockLedger['decide']>[0] & BusEvent): void => {
    for (const fact of ledger.decide(request)) {
      ledger.record(fact);
      scope.emit(fact.type, fact.data, { cause: request });
    }
    scope.emit('inventory.levels.changed', { levels: ledger.levels }, { cause: request });
  };
  const take = (request: Parameters<typeof answer>[0]): void => {
    if (request.type === 'inventory.goods.requested') {
      const pieces = request.data.lines.reduce((sum, { quantity }) => sum + quantity, 0);
      scope.clock.setTimeout(() => answer(request), pieces * FETCH_MS);
    } else answer(request);
  };
  const tellLevels = (cause?: BusEvent): void => {
    if (onDuty) scope.emit('inventory.levels.changed', { levels: ledger.levels }, { cause });
  };

  follow(
    scope,
    [...requests, ...stockFacts],
    (event, delivery) => {
      switch (event.type) {
        case 'cart.item.added':
        case 'cart.item.removed':
        case 'inventory.hold.requested':
        case 'inventory.hold.cancelled':
        case 'inventory.goods.requested':
          if (onDuty) take(event);
          else open.set(event.id, () => take(event));
          return;
        default:
          if (delivery?.node === scope.nodeId) return;
          ledger.record(event);
          if (event.causationId !== undefined) open.delete(event.causationId);
      }
    },
    {
      name: 'answer',
      caughtUp: () => {
        onDuty = true;
        scope.respond('inventory.check', ({ data }) => ({ missing: ledger.missing(data.lines) }), { name: 'check' });
        for (const answerNow of open.values()) answerNow();
        open.clear();
        tellLevels();
      },
    },
  );
  scope.on('shop.opened', (event) => tellLevels(event), { name: 'show levels' });
}
