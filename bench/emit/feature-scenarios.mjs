import { logger } from 'crosstown/middleware/logger';
import { rateLimit } from 'crosstown/middleware/rate-limit';
import { memoryStore } from 'crosstown/stores/memory';
import { awaitedReadingOf, readingOf } from './clock.mjs';
import { TYPE, tables } from './features.mjs';
import { asyncEventHandler, eventHandlers } from './handlers.mjs';

/** @typedef {import('./features.mjs').Feature} Feature */
/** @typedef {import('./features.mjs').Shape} Shape */
/** @typedef {import('./scenarios.mjs').Scenario} Scenario */

const BATCH = 128;
const parts = { memoryStore, logger, rateLimit };
const payloads = Array.from({ length: 16 }, (_, n) => ({ n }));

/** @param {Shape} shape @param {Feature} feature @returns {Scenario} */
const scenarioOf =
  (shape, { bus: options, on, handler, also, emit }) =>
  (adapter) => {
    /** @type {import('crosstown').EventBus} */
    const bus = adapter.create(options?.(parts));
    const [add] = shape === 'awaited' ? [asyncEventHandler] : eventHandlers;
    bus.on(TYPE, handler ?? /** @type {any} */ (add)(), on?.());
    for (let i = 0; i < 20; i++) bus.on(`other.${i}`, /** @type {any} */ (add)());
    also?.(bus, parts);
    if (shape === 'turn') {
      return readingOf((rounds) => {
        for (let i = 0; i < rounds; i++) bus.emit(TYPE, payloads[i & 15], emit);
      });
    }
    return awaitedReadingOf(async (rounds) => {
      for (let i = 0; i < rounds; i++) {
        const emission = bus.emit(TYPE, payloads[i & 15], emit);
        if (shape === 'awaited') await emission;
        else if (i % BATCH === 0) await Promise.all([emission, emission.persisted]);
      }
      await bus.idle();
    });
  };

/** @type {Readonly<Record<string, Scenario>>} */
export const featureScenarios = Object.fromEntries(
  Object.entries(tables).flatMap(([table, { shape, features }]) =>
    Object.entries({ plain: {}, ...features }).map(([name, feature]) => [
      `${table}: ${name}`,
      scenarioOf(shape, feature),
    ]),
  ),
);
