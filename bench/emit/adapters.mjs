// What the libraries do differently: how one is made, subscribed to and unsubscribed from. `emit(type, data)` is the
// same in all of them and is called without anything in between.
import { EventEmitter } from 'node:events';
import { createEventBus } from 'crosstown';
import Emittery from 'emittery';
import EventEmitter2 from 'eventemitter2';
import EventEmitter3 from 'eventemitter3';
import mitt from 'mitt';
import { createNanoEvents } from 'nanoevents';

/** @typedef {(argument: any) => unknown} Handler */
/** @typedef {{ emit(type: string, data: unknown): unknown }} Emitter */

/**
 * @typedef {object} Adapter
 * @property {'event' | 'data'} gives what handlers are called with
 * @property {(options?: any) => any} create
 * @property {(emitter: any, type: string, handler: Handler) => unknown} on returns what `off` needs
 * @property {(emitter: any, type: string, handler: Handler, token: any) => void} off
 */

/** @type {Pick<Adapter, 'gives' | 'on' | 'off'>} */
const crosstown = {
  gives: 'event',
  on: (bus, type, handler) => bus.on(type, handler),
  off: (_bus, _type, _handler, off) => off(),
};

/** @type {Pick<Adapter, 'gives' | 'on' | 'off'>} */
const nodeStyle = {
  gives: 'data',
  on: (emitter, type, handler) => emitter.on(type, handler),
  off: (emitter, type, handler) => emitter.off(type, handler),
};

/** A clock that costs nothing: what is left is the work of the bus itself. */
const zeroClock = { now: () => 0, precise: () => 0, setTimeout, clearTimeout: () => {} };

/** @type {Readonly<Record<string, Adapter>>} */
const adapters = {
  crosstown: { ...crosstown, create: createEventBus },
  'crosstown-zero-clock': { ...crosstown, create: () => createEventBus({ clock: zeroClock }) },
  mitt: { ...nodeStyle, create: () => mitt() },
  eventemitter3: { ...nodeStyle, create: () => new EventEmitter3() },
  eventemitter2: {
    ...nodeStyle,
    create: () => new EventEmitter2({ wildcard: true, delimiter: '.', maxListeners: 0 }),
  },
  emittery: { ...nodeStyle, create: () => new Emittery() },
  node: { ...nodeStyle, create: () => new EventEmitter() },
  nanoevents: {
    gives: 'data',
    create: () => createNanoEvents(),
    on: (emitter, type, handler) => emitter.on(type, handler),
    off: (_emitter, _type, _handler, off) => off(),
  },
};

/**
 * @param {string} library one of the above, or the path of a module: another build of ours, or one that exports `adapter`
 * @returns {Promise<Adapter>}
 */
export async function loadAdapter(library) {
  const known = adapters[library];
  if (known !== undefined) return known;
  const { adapter, createEventBus: create } = await import(library);
  return adapter ?? { ...crosstown, create };
}
