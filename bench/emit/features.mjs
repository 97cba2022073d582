// What is measured to say what each feature costs: emitting to one handler, `plain` and with one thing more.
import { eventHandlers } from './handlers.mjs';

/** @typedef {import('crosstown').EventBus} EventBus */
/** @typedef {import('crosstown').EventHandler<any, any>} EventHandler */

/**
 * What features are made of that is not in every build of the library: handed in, as this file is read before there is one.
 * @typedef {object} Parts
 * @property {typeof import('crosstown/stores/memory').memoryStore} memoryStore
 * @property {typeof import('crosstown/middleware/logger').logger} logger
 * @property {typeof import('crosstown/middleware/rate-limit').rateLimit} rateLimit
 */

/**
 * @typedef {object} Feature
 * @property {(parts: Parts) => import('crosstown').BusOptions} [bus] how the bus is made
 * @property {() => import('crosstown').OnOptions} [on] how the handler is subscribed
 * @property {EventHandler} [handler] the handler, instead of one that adds up a number
 * @property {(bus: EventBus, parts: Parts) => unknown} [also] what else is done before
 * @property {import('crosstown').EmitOptions} [emit] what is said of every event
 */

/**
 * `turn`: emitted in one turn. `batches`: of 128, then what follows from them is awaited. `awaited`: each, with an
 * asynchronous handler.
 * @typedef {'turn' | 'batches' | 'awaited'} Shape
 */

/**
 * @typedef {object} Table
 * @property {Shape} shape
 * @property {boolean} [unused] it is there, but not for this event: that costs nothing
 * @property {Readonly<Record<string, Feature>>} features by what the table calls them
 */

export const TYPE = 'order.placed';

const [, heard = () => {}] = eventHandlers.map((make) => /** @type {EventHandler} */ (make()));
const nothing = () => {};
const retry = { attempts: 3 };
const batches = { batch: { size: 128, maxWaitMs: 1_000 } };
const failure = new Error('of a handler');

/** @type {import('crosstown').Clock} */
const clock = { now: () => 0, precise: () => 0, setTimeout, clearTimeout: nothing };

/** @type {import('crosstown').StandardSchema} */
const anything = { '~standard': { version: 1, vendor: 'bench', validate: (value) => ({ value }) } };

/** A way out whose far end is not counted: what is measured is the work of the bus. @returns {import('crosstown').Transport} */
const deadEnd = () => ({
  name: 'dead-end',
  caps: { order: true, ack: false, replay: false, carries: 'structured-clone', maxBytes: Number.POSITIVE_INFINITY },
  open: async (host) => host.state('open'),
  publish: nothing,
  close: async () => {},
});

/** @param {import('crosstown').OnOptions} options @returns {(bus: EventBus) => unknown} */
const elsewhere = (options) => (bus) => bus.on('user.created', heard, options);

/** @param {EventBus} bus */
const passOn = (bus) => bus.use((_, next) => next());

/** @type {Readonly<Record<string, Table>>} */
export const tables = {
  'features-event': {
    shape: 'turn',
    features: {
      'a clock that costs nothing': { bus: () => ({ clock }) },
      'metadata given': { emit: { metadata: { tenant: 'a' } } },
      'correlationId given': { emit: { correlationId: 'c' } },
      'ttlMs given': { emit: { ttlMs: 60_000 } },
      'the handler reads timestamp, source and metadata': {
        handler: ({ timestamp, source, metadata }) => void (timestamp + source.length + metadata['n']),
      },
      'the handler reads the id': { handler: (event) => void event.id.length },
      'the handler emits another event, which nobody hears': {
        handler: (_, delivery) => void delivery.emit('order.checked'),
      },
      'the handler throws, with onError': {
        bus: () => ({ onError: nothing }),
        handler: () => {
          throw failure;
        },
      },
      'freeze: true': { bus: () => ({ freeze: true }) },
    },
  },
  'features-handler': {
    shape: 'turn',
    features: {
      'a second handler': { also: (bus) => bus.on(TYPE, heard) },
      'a second handler, for **': { also: (bus) => bus.on('**', heard) },
      'a second handler, through a scope': { also: (bus) => bus.scope({ source: 'plugin' }).on(TYPE, heard) },
      'a second handler, of another priority': { also: (bus) => bus.on(TYPE, heard, { priority: 10 }) },
      'a handler for once, subscribed each time': { handler: nothing, also: (bus) => onceEach(bus) },
      filter: { on: () => ({ filter: () => true }) },
      signal: { on: () => ({ signal: new AbortController().signal }) },
      timeoutMs: { on: () => ({ timeoutMs: 1_000 }) },
      retry: { on: () => ({ retry }) },
      concurrency: { on: () => ({ concurrency: 1 }) },
    },
  },
  'features-async-handler': {
    shape: 'awaited',
    features: {
      filter: { on: () => ({ filter: () => true }) },
      timeoutMs: { on: () => ({ timeoutMs: 1_000 }) },
      retry: { on: () => ({ retry }) },
      concurrency: { on: () => ({ concurrency: 1 }) },
    },
  },
  'features-unused': {
    shape: 'turn',
    unused: true,
    features: {
      'a scope with permissions, for other types': {
        also: (bus) => bus.scope({ source: 'plugin', permissions: { on: 'user.*' } }).on('user.created', heard),
      },
      'a policy that protects other types': { bus: () => ({ protect: { 'card.**': 'card' } }) },
      'a scope that may not hear this type': {
        bus: () => ({ protect: { 'order.**': 'order' } }),
        also: (bus) => bus.scope({ source: 'plugin' }).on('**', heard),
      },
      'filter, of another handler': { also: elsewhere({ filter: () => true }) },
      'once, of another handler': { also: elsewhere({ once: true }) },
      'signal, of another handler': { also: elsewhere({ signal: new AbortController().signal }) },
      'priority, of another handler': { also: elsewhere({ priority: 10 }) },
      'timeoutMs, of another handler': { also: elsewhere({ timeoutMs: 1_000 }) },
      'retry, of another handler': { also: elsewhere({ retry }) },
      'concurrency, of another handler': { also: elsewhere({ concurrency: 1 }) },
      'batch, of another handler': { also: (bus) => bus.on('user.created', nothing, batches) },
      'a pattern that does not match': { also: (bus) => bus.on('user.**', heard) },
      'responder, waitFor and stream, for other types': {
        also: (bus) => [bus.respond('user.get', nothing), bus.waitFor('user.deleted'), bus.stream('user.*')],
      },
      'a middleware and an observer that are gone': { also: (bus) => [passOn(bus)(), bus.inspect(nothing)()] },
      'queue.maxSize': { bus: () => ({ queue: { maxSize: 100 } }) },
      traceSubscriptions: { bus: () => ({ traceSubscriptions: true }) },
    },
  },
  'features-bus': {
    shape: 'batches',
    features: {
      'retry for every handler': { bus: () => ({ retry }) },
      'queue.concurrency': { bus: () => ({ queue: { concurrency: 10 } }) },
      'a middleware': { also: passOn },
      'ten middleware': { also: (bus) => Array.from({ length: 10 }, () => passOn(bus)) },
      rateLimit: { also: (bus, { rateLimit }) => bus.use(rateLimit({ limit: 1_000, windowMs: 0.001 })) },
      'logger, written nowhere': { also: (bus, { logger }) => bus.use(logger({ write: nothing })) },
      'a schema for the type': { bus: () => ({ schemas: { [TYPE]: anything } }) },
      'a schema for another type': { bus: () => ({ schemas: { 'user.created': anything } }) },
      'timing: true': { bus: () => ({ timing: true }) },
      'an observer': { also: (bus) => bus.inspect(nothing) },
    },
  },
  'features-border': {
    shape: 'batches',
    features: {
      'a store in memory': { bus: ({ memoryStore }) => ({ store: memoryStore({ maxEvents: 1_000 }) }) },
      'a store, for another type': { bus: ({ memoryStore }) => ({ store: memoryStore(), persist: 'user.created' }) },
      'a transport': { bus: () => ({ transports: [deadEnd()] }) },
      'a transport, for another type': { bus: () => ({ transports: [deadEnd()], share: 'user.created' }) },
    },
  },
};

/** A handler that subscribes the next one. @param {EventBus} bus */
function onceEach(bus) {
  /** @type {EventHandler} */
  const next = () => void bus.once(TYPE, next);
  next(/** @type {never} */ (undefined), /** @type {never} */ (undefined));
}
