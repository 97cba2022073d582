// What is measured. A scenario prepares one library and returns a function that takes one reading.
import { callScenarios } from './call-scenarios.mjs';
import { awaitedReadingOf, heapBytes, readingOf, stopwatch } from './clock.mjs';
import { featureScenarios } from './feature-scenarios.mjs';
import { asyncDataHandler, asyncEventHandler, dataHandlers, eventHandlers } from './handlers.mjs';

/** @typedef {import('./adapters.mjs').Adapter} Adapter */
/** @typedef {(adapter: Adapter, library: string) => () => number | Promise<number>} Scenario */

/** @param {Adapter} adapter @param {number} index @returns {(argument: any) => unknown} */
function handler(adapter, index) {
  const makers = adapter.gives === 'event' ? eventHandlers : dataHandlers;
  return /** @type {() => (argument: any) => unknown} */ (makers[index % makers.length])();
}

const payloads = Array.from({ length: 16 }, (_, n) => ({ n }));

/** @param {number} handlers @returns {Scenario} */
const emitTo = (handlers) => (adapter) => {
  const emitter = adapter.create();
  for (let i = 0; i < handlers; i++) adapter.on(emitter, 'order.placed', handler(adapter, i));
  for (let i = 0; i < 20; i++) adapter.on(emitter, `other.${i}`, handler(adapter, i));
  return readingOf((rounds) => {
    for (let i = 0; i < rounds; i++) emitter.emit('order.placed', payloads[i & 15]);
  });
};

/** @param {number} handlers @returns {Scenario} */
const awaitedEmitTo = (handlers) => (adapter) => {
  const emitter = adapter.create();
  const make = adapter.gives === 'event' ? asyncEventHandler : asyncDataHandler;
  for (let i = 0; i < handlers; i++) adapter.on(emitter, 'order.placed', make());
  return awaitedReadingOf(async (rounds) => {
    for (let i = 0; i < rounds; i++) await emitter.emit('order.placed', payloads[i & 15]);
  });
};

/** @type {Scenario} */
const thousandTypes = (adapter) => {
  const emitter = adapter.create();
  const types = Array.from({ length: 1000 }, (_, i) => `area${i % 10}.action${i}`);
  types.forEach((type, i) => {
    adapter.on(emitter, type, handler(adapter, i));
  });
  return readingOf((rounds) => {
    for (let i = 0; i < rounds; i++) emitter.emit(types[i % 1000], payloads[i & 15]);
  });
};

/** @type {Scenario} */
const noSubscriber = (adapter) => {
  const emitter = adapter.create();
  for (let i = 0; i < 20; i++) adapter.on(emitter, `other.${i}`, handler(adapter, i));
  return readingOf((rounds) => {
    for (let i = 0; i < rounds; i++) emitter.emit('order.placed', payloads[i & 15]);
  });
};

/** @typedef {(area: number) => readonly string[]} PatternsOfArea ten patterns, for one of ten areas */

/** Every form a pattern can have; a type meets two of the 100 on average. @type {PatternsOfArea} */
const everyForm = (area) => [
  `area${area}.**`,
  `area${area}.**.action3`,
  `area${area}.entity19.**`,
  `*.entity${area}.action4`,
  `**.entity${area}.action2`,
  ...[0, 1].map((action) => `area${area}.*.action${action}`),
  ...[0, 1, 2].map((entity) => `area${area}.entity${entity}.*`),
];

/** What searches a tree of patterns fastest: `**` at the end alone; two of the 100 again. @type {PatternsOfArea} */
const easyForms = (area) => [
  `area${area}.**`,
  ...[0, 1, 2, 3].map((action) => `area${area}.*.action${action}`),
  ...[0, 1, 2, 3, 4].map((entity) => `area${area}.entity${entity}.*`),
];

/** 1,000 types of three segments and 100 patterns. @param {PatternsOfArea} patternsOf @returns {Scenario} */
const hundredPatterns = (patternsOf) => (adapter) => {
  const emitter = adapter.create();
  const areas = Array.from({ length: 10 }, (_, area) => area);
  const types = areas.flatMap((area) =>
    Array.from({ length: 100 }, (_, i) => `area${area}.entity${i % 20}.action${Math.floor(i / 20)}`),
  );
  areas.flatMap(patternsOf).forEach((pattern, i) => {
    adapter.on(emitter, pattern, handler(adapter, i));
  });
  return readingOf((rounds) => {
    for (let i = 0; i < rounds; i++) emitter.emit(types[i % 1000], payloads[i & 15]);
  });
};

const REPLIES = 20_000;

/** Subscribe, emit and unsubscribe on a type that never comes back, as a request's reply does. @type {Scenario} */
const replyTopics = (adapter) => {
  const emitter = adapter.create();
  const heard = handler(adapter, 0);
  let next = 0;
  return () => {
    const ms = stopwatch(() => {
      for (const end = next + REPLIES; next < end; next++) {
        const type = `reply.${next}`;
        const token = adapter.on(emitter, type, heard);
        emitter.emit(type, payloads[next & 15]);
        adapter.off(emitter, type, heard, token);
      }
    });
    return (ms * 1e6) / REPLIES;
  };
};

/** Bytes a finished reply leaves behind. @type {Scenario} */
const replyResidue = (adapter) => {
  const emitter = adapter.create();
  const heard = handler(adapter, 0);
  let next = 0;
  return () => {
    const before = heapBytes();
    for (const end = next + REPLIES; next < end; next++) {
      const type = `reply.${next}`;
      const token = adapter.on(emitter, type, heard);
      emitter.emit(type, payloads[next & 15]);
      adapter.off(emitter, type, heard, token);
    }
    return (heapBytes() - before) / REPLIES;
  };
};

/** @param {number} count @returns {Scenario} */
const subscribe = (count) => (adapter) => {
  const handlers = Array.from({ length: count }, (_, i) => handler(adapter, i));
  return () => {
    const emitter = adapter.create();
    const ms = stopwatch(() => {
      for (let i = 0; i < count; i++) adapter.on(emitter, 'order.placed', /** @type {any} */ (handlers[i]));
    });
    return (ms * 1e6) / count;
  };
};

/** @type {Readonly<Record<string, (count: number) => readonly number[]>>} */
const orders = {
  oldest: (count) => Array.from({ length: count }, (_, i) => i),
  newest: (count) => Array.from({ length: count }, (_, i) => count - 1 - i),
  random: shuffled,
};

/** The same order every time: mulberry32 and Fisher-Yates. @param {number} count */
function shuffled(count) {
  const places = Array.from({ length: count }, (_, i) => i);
  let state = 42;
  for (let i = count - 1; i > 0; i--) {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    const j = ((t ^ (t >>> 14)) >>> 0) % (i + 1);
    const held = /** @type {number} */ (places[i]);
    places[i] = /** @type {number} */ (places[j]);
    places[j] = held;
  }
  return places;
}

/** @param {number} count @param {string} order @returns {Scenario} */
const unsubscribe = (count, order) => (adapter) => {
  const handlers = Array.from({ length: count }, (_, i) => handler(adapter, i));
  const places = /** @type {(count: number) => readonly number[]} */ (orders[order])(count);
  return () => {
    const emitter = adapter.create();
    const tokens = handlers.map((one) => adapter.on(emitter, 'order.placed', one));
    const ms = stopwatch(() => {
      for (const place of places) {
        adapter.off(emitter, 'order.placed', /** @type {any} */ (handlers[place]), tokens[place]);
      }
    });
    return (ms * 1e6) / count;
  };
};

const SUBSCRIPTIONS = 100_000;

/** Bytes a subscription costs, one handler for all, its handle kept or not. @param {boolean} keepHandle @returns {Scenario} */
const memory = (keepHandle) => (adapter) => {
  const types = Array.from({ length: 1000 }, (_, i) => `area${i % 10}.action${i}`);
  const heard = handler(adapter, 0);
  return () => {
    const emitter = adapter.create();
    const kept = keepHandle ? new Array(SUBSCRIPTIONS) : undefined;
    const before = heapBytes();
    for (let i = 0; i < SUBSCRIPTIONS; i++) {
      const token = adapter.on(emitter, /** @type {string} */ (types[i % 1000]), heard);
      if (kept !== undefined) kept[i] = token;
    }
    const bytes = (heapBytes() - before) / SUBSCRIPTIONS;
    // The emitter has to outlive the reading.
    emitter.emit(types[0], kept?.length === 0 ? undefined : payloads[0]);
    return bytes;
  };
};

/** @type {Readonly<Record<string, Scenario>>} */
export const scenarios = {
  'one-handler': emitTo(1),
  'one-handler-two-types': emitTo(1),
  'ten-handlers': emitTo(10),
  'thousand-types': thousandTypes,
  'no-subscriber': noSubscriber,
  'hundred-patterns': hundredPatterns(everyForm),
  'hundred-easy-patterns': hundredPatterns(easyForms),
  'async-one-handler': awaitedEmitTo(1),
  'async-ten-handlers': awaitedEmitTo(10),
  'reply-topics': replyTopics,
  'reply-residue': replyResidue,
  'subscribe-10k': subscribe(10_000),
  ...Object.fromEntries(
    Object.keys(orders).flatMap((order) => [
      [`unsubscribe-10k-${order}`, unsubscribe(10_000, order)],
      [`unsubscribe-40k-${order}`, unsubscribe(40_000, order)],
    ]),
  ),
  memory: memory(false),
  'memory-with-handles': memory(true),
  ...callScenarios,
  ...featureScenarios,
};
