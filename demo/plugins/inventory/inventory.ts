import type { BusEvent, EventBus } from 'crosstown';
import type { AppEvents } from '../../events.js';
import { follow } from '../../follow.js';
import { requests, StockLedger, stockFacts } from './ledger.js';

/**
 * Keeps the stock. Every tab brings a stock keeper in a worker of its own and one of them is on duty for all tabs, so
 * that two of them never sell the same chair: whoever holds the lock. When its tab goes, the browser frees the lock,
 * and the next keeper builds the ledger from the stored events and answers what was left unanswered.
 */
export function inventory(bus: EventBus<AppEvents>): () => void {
  const leaving = new AbortController();
  const { signal } = leaving;
  const duty = async (): Promise<void> => {
    const stop = keepStock(bus);
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    stop();
  };
  navigator.locks.request('shop: stock keeper', { signal }, duty).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
  return () => leaving.abort();
}

function keepStock(bus: EventBus<AppEvents>): () => void {
  const ledger = new StockLedger();
  /** Requests of the past that have no answer yet, by id. */
  const open = new Map<string, () => void>();
  let onDuty = false;
  let stopResponding = (): void => {};

  const answer = (request: Parameters<StockLedger['decide']>[0] & BusEvent): void => {
    for (const fact of ledger.decide(request)) {
      ledger.record(fact);
      bus.emit(fact.type, fact.data, { cause: request });
    }
    bus.emit('inventory.levels.changed', { levels: ledger.levels }, { cause: request });
  };
  const tellLevels = (): void => {
    if (onDuty) bus.emit('inventory.levels.changed', { levels: ledger.levels });
  };

  const stopFollowing = follow(
    bus,
    [...requests, ...stockFacts],
    (event, delivery) => {
      switch (event.type) {
        case 'cart.item.added':
        case 'cart.item.removed':
        case 'checkout.started':
        case 'order.failed':
        case 'order.placed':
          // What ran low on an order of the past was seen to then.
          if (event.type === 'order.placed' && delivery === undefined) return;
          if (onDuty) answer(event);
          else open.set(event.id, () => answer(event));
          return;
        default:
          if (delivery?.node === bus.nodeId) return;
          ledger.record(event);
          if (event.causationId !== undefined) open.delete(event.causationId);
      }
    },
    {
      name: 'inventory: answer',
      caughtUp: () => {
        onDuty = true;
        stopResponding = bus.respond('inventory.check', ({ data }) => ({ missing: ledger.missing(data.lines) }), {
          name: 'inventory: check',
        });
        for (const answerNow of open.values()) answerNow();
        open.clear();
        tellLevels();
      },
    },
  );
  const stopGreeting = bus.on('shop.opened', tellLevels, { name: 'inventory: show levels' });
  return () => {
    stopFollowing();
    stopResponding();
    stopGreeting();
  };
}
