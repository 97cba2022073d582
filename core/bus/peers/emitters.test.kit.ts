// biome-ignore-all lint/style/noRestrictedImports: the peers themselves are run beside the bus.

import Emittery from 'emittery';
import EventEmitter2 from 'eventemitter2';
import EventEmitter3 from 'eventemitter3';
import mitt from 'mitt';
import { createNanoEvents } from 'nanoevents';
import { type BusEvent, createEventBus } from '../../index.js';

export type Handler = (data: unknown) => unknown;

/** As emittery's types have it, though it takes any. */
type PlainHandler = (data: unknown) => void;

/** One way to use any emitter; each does it as its own users would. */
export interface Emitter {
  /** Returns what unsubscribes by the emitter's own means. */
  on(type: string, handler: Handler): () => void;
  once(type: string, handler: Handler): void;
  off(type: string, handler: Handler): void;
  /** Removes all handlers of a type, or all there are. */
  clear(type?: string): void;
  /** Hears every event. */
  any(handler: (type: string, data: unknown) => unknown): void;
  /** To be awaited: emittery starts handlers later. */
  emit(type: string, data?: unknown): unknown;
}

const makers = {
  mitt(): Emitter {
    const all = new Map();
    const emitter = mitt<Record<string, unknown>>(all);
    return {
      on(type, handler) {
        emitter.on(type, handler);
        return () => emitter.off(type, handler);
      },
      once: () => missing('mitt', 'once'),
      off: (type, handler) => emitter.off(type, handler),
      clear: (type) => (type === undefined ? all.clear() : emitter.off(type)),
      any: (handler) => emitter.on('*', (type, data) => void handler(type, data)),
      emit: (type, data) => emitter.emit(type, data),
    };
  },
  nanoevents(): Emitter {
    const emitter = createNanoEvents();
    return {
      on: (type, handler) => emitter.on(type, handler),
      once: () => missing('nanoevents', 'once'),
      off: () => missing('nanoevents', 'off'),
      clear(type) {
        emitter.events = type === undefined ? {} : { ...emitter.events, [type]: [] };
      },
      any: () => missing('nanoevents', 'any'),
      emit: (type, data) => emitter.emit(type, data),
    };
  },
  eventemitter3(): Emitter {
    const emitter = new EventEmitter3();
    return {
      on(type, handler) {
        emitter.on(type, handler);
        return () => void emitter.off(type, handler);
      },
      once: (type, handler) => void emitter.once(type, handler),
      off: (type, handler) => void emitter.off(type, handler),
      clear: (type) => void emitter.removeAllListeners(type),
      any: () => missing('eventemitter3', 'any'),
      emit: (type, data) => emitter.emit(type, data),
    };
  },
  emittery(): Emitter {
    const emitter = new Emittery<Record<string, unknown>>();
    return {
      on: (type, handler) => emitter.on(type, handler as PlainHandler),
      once: (type, handler) => void emitter.once(type).then(handler),
      off: (type, handler) => emitter.off(type, handler as PlainHandler),
      clear: (type) => (type === undefined ? emitter.clearListeners() : emitter.clearListeners(type)),
      any: (handler) => void emitter.onAny((type, data) => handler(type, data) as undefined),
      emit: (type, data) => emitter.emit(type, data),
    };
  },
  eventemitter2(): Emitter {
    const emitter = new EventEmitter2();
    return {
      on(type, handler) {
        emitter.on(type, handler);
        return () => void emitter.off(type, handler);
      },
      once: (type, handler) => void emitter.once(type, handler),
      off: (type, handler) => void emitter.off(type, handler),
      clear: (type) => void emitter.removeAllListeners(type),
      any: (handler) => void emitter.onAny((type, data) => handler(String(type), data)),
      emit: (type, data) => emitter.emit(type, data),
    };
  },
  crosstown(): Emitter {
    const bus = createEventBus({ onError: () => {} });
    const own = new Map<Handler, (event: BusEvent) => unknown>();
    // The bus knows a function again, as the peers do: the same one for the same handler.
    const taking = (handler: Handler): ((event: BusEvent) => unknown) => {
      const known = own.get(handler) ?? ((event: BusEvent) => handler(event.data));
      own.set(handler, known);
      return known;
    };
    return {
      on: (type, handler) => bus.on(type, taking(handler)),
      once: (type, handler) => void bus.once(type, taking(handler)),
      off: (type, handler) => bus.off(type, taking(handler)),
      clear: (type) => bus.off(type),
      any: (handler) => void bus.on('**', (event) => handler(event.type, event.data)),
      emit: (type, data) => bus.emit(type, data),
    };
  },
};

/** What takes a signal: emittery and the bus. */
export interface Aborting {
  on(type: string, handler: () => void, options: { readonly signal: AbortSignal }): () => void;
  emit(type: string): PromiseLike<unknown>;
}

export function abortingEmitters(): readonly Aborting[] {
  const [emittery, bus] = [new Emittery<Record<string, unknown>>(), createEventBus()];
  return [
    { on: (type, handler, options) => emittery.on(type, handler, options), emit: (type) => emittery.emit(type, null) },
    { on: (type, handler, options) => bus.on(type, handler, options), emit: (type) => bus.emit(type) },
  ];
}

export type Name = keyof typeof makers;

export const names = Object.keys(makers) as Name[];

function missing(name: string, what: string): never {
  throw new Error(`${name} has no ${what}: leave it out of this scenario`);
}

/** Plays a scenario on a new emitter of each name, and says what came of it. */
export async function onEach<T>(
  scenario: (emitter: Emitter, name: Name) => T | Promise<T>,
  which: readonly Name[] = names,
): Promise<Partial<Record<Name, T>>> {
  const outcomes: Partial<Record<Name, T>> = {};
  for (const name of which) outcomes[name] = await scenario(makers[name](), name);
  return outcomes;
}

/** The same outcome for every name. */
export function all<T>(outcome: T, which: readonly Name[] = names): Partial<Record<Name, T>> {
  return Object.fromEntries(which.map((name) => [name, outcome]));
}

/** What a call comes to, its promise too: a value, or the name of the error it threw or was rejected with. */
export async function outcomeOf(call: () => unknown): Promise<unknown> {
  let returned: unknown;
  try {
    returned = call();
  } catch (error) {
    return `throws ${nameOf(error)}`;
  }
  try {
    return await returned;
  } catch (error) {
    return `rejects with ${nameOf(error)}`;
  }
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : String(error);
}
