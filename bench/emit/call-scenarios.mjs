// Calls that are more than an emit, beside what other libraries have for the same: a question and its answer, waiting
// for the next event, and events one after the other.
import { on, once } from 'node:events';
import { awaitedReadingOf } from './clock.mjs';

/** @typedef {import('./scenarios.mjs').Scenario} Scenario */

/**
 * @typedef {object} Calls
 * @property {(emitter: any, type: string, answer: (data: any) => unknown) => unknown} [answer]
 * @property {(emitter: any, type: string, data: unknown) => PromiseLike<unknown>} [ask]
 * @property {(emitter: any, type: string) => PromiseLike<unknown>} [next]
 * @property {(emitter: any, type: string) => AsyncIterator<unknown>} [all]
 */

const QUESTION = 'user.get';
const TYPE = 'price.changed';
const BURST = 100;
const payload = { n: 1 };
let replies = 0;

/** @type {Calls} */
const ours = {
  answer: (bus, type, answer) => bus.respond(type, (/** @type {{ data: unknown }} */ { data }) => answer(data)),
  ask: (bus, type, data) => bus.request(type, data),
  next: (bus, type) => bus.waitFor(type),
  all: (bus, type) => bus.stream(type),
};

/** @type {Readonly<Record<string, Calls>>} */
const peers = {
  // By hand: a type of its own for each answer. No time limit, and nobody notices that there is no responder.
  mitt: {
    answer: (emitter, type, answer) =>
      emitter.on(type, async (/** @type {any} */ { data, reply }) => emitter.emit(reply, await answer(data))),
    ask: (emitter, type, data) =>
      new Promise((resolve) => {
        const reply = `reply.${replies++}`;
        const heard = (/** @type {unknown} */ answer) => {
          emitter.off(reply, heard);
          resolve(answer);
        };
        emitter.on(reply, heard);
        emitter.emit(type, { data, reply });
      }),
  },
  eventemitter2: {
    answer: (emitter, type, answer) => emitter.on(type, answer),
    ask: (emitter, type, data) => emitter.emitAsync(type, data),
    next: (emitter, type) => emitter.waitFor(type),
  },
  emittery: {
    next: (emitter, type) => emitter.once(type),
    all: (emitter, type) => emitter.events(type),
  },
  node: {
    next: (emitter, type) => once(emitter, type),
    all: (emitter, type) => on(emitter, type),
  },
};

/** @type {Scenario} */
const roundTrip = (adapter, library) => {
  const { answer, ask } = /** @type {Required<Calls>} */ (peers[library] ?? ours);
  const emitter = adapter.create();
  answer(emitter, QUESTION, async ({ n }) => n + 1);
  return awaitedReadingOf(async (rounds) => {
    for (let i = 0; i < rounds; i++) await ask(emitter, QUESTION, payload);
  });
};

/** @type {Scenario} */
const waiting = (adapter, library) => {
  const { next } = /** @type {Required<Calls>} */ (peers[library] ?? ours);
  const emitter = adapter.create();
  return awaitedReadingOf(async (rounds) => {
    for (let i = 0; i < rounds; i++) {
      const event = next(emitter, TYPE);
      emitter.emit(TYPE, payload);
      await event;
    }
  });
};

/** Bursts that are read to their end before the next. @type {Scenario} */
const streaming = (adapter, library) => {
  const { all } = /** @type {Required<Calls>} */ (peers[library] ?? ours);
  const emitter = adapter.create();
  const events = all(emitter, TYPE);
  return awaitedReadingOf(async (rounds) => {
    for (let i = 0; i < rounds; i++) {
      emitter.emit(TYPE, payload);
      if (i % BURST === BURST - 1) for (let read = 0; read < BURST; read++) await events.next();
    }
    for (let read = 0; read < rounds % BURST; read++) await events.next();
  });
};

/** @type {Readonly<Record<string, Scenario>>} */
export const callScenarios = { 'round-trip': roundTrip, waiting, streaming };
