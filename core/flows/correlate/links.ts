import {
  type Emission,
  type EmitOptions,
  type EventCause,
  type EventInit,
  type EventScope,
  InvalidOptionError,
} from '../../index.js';
import type { ChainStorage } from './storage.js';

/** What `emit` and `request` are called with, whatever the types of the bus. */
export type EmitArguments = [what: string | EventInit, data?: unknown, options?: EmitOptions];

/** A bus, as far as chains are concerned. */
export type Emitter = Pick<EventScope, 'emit' | 'request'>;

/** What links the events of one run: an id that all have, and the event they follow from. */
export class Links {
  #correlationId: string | undefined;
  #cause: EventCause | undefined;

  /** @throws InvalidOptionError */
  constructor(correlationId: string | undefined, cause: EventCause | undefined) {
    const id: unknown = correlationId ?? cause?.correlationId;
    if (id !== undefined && (typeof id !== 'string' || id === '' || id.length > 256)) {
      throw new InvalidOptionError('correlationId', id, 'a text of 1 to 256 characters');
    }
    this.#correlationId = correlationId ?? cause?.correlationId;
    this.#cause = cause;
  }

  /** Made when it is first read, as all that is random. */
  get correlationId(): string {
    this.#correlationId ??= randomId();
    return this.#correlationId;
  }

  emit(bus: Emitter, storage: ChainStorage | undefined, given: EmitArguments): Emission {
    if (standsAlone(given)) return outside(storage, () => emitOn(bus, given));
    const emission = outside(storage, () => emitOn(bus, this.#link(given)));
    this.#cause ??= emission.event;
    return emission;
  }

  request(bus: Emitter, storage: ChainStorage | undefined, given: EmitArguments): Promise<unknown> {
    const [type, data, options] = standsAlone(given) ? given : this.#link(given);
    return outside(storage, () => bus.request(type as string, data, options));
  }

  #link([what, data, options]: EmitArguments): EmitArguments {
    const { correlationId } = this;
    if (typeof what === 'string') {
      return [what, data, { ...options, correlationId, cause: options?.cause ?? this.#cause }];
    }
    return [{ ...what, correlationId, causationId: what.causationId ?? this.#cause?.id }];
  }
}

export function emitOn(bus: Emitter, [what, data, options]: EmitArguments): Emission {
  return typeof what === 'string' ? bus.emit(what, data, options) : bus.emit(what);
}

/**
 * Handlers are no part of a run: one may be called by a queue that another run has set going, and would take that one's
 * chain for its own.
 */
function outside<T>(storage: ChainStorage | undefined, call: () => T): T {
  return storage === undefined ? call() : storage.run(undefined, call);
}

/** Whether an event names a chain itself, or is one of the past, which had its own. */
function standsAlone([what, , options]: EmitArguments): boolean {
  if (typeof what === 'string') return options?.correlationId !== undefined;
  return what?.correlationId !== undefined || what?.replay !== undefined;
}

/** 32 hexadecimal digits, as trace ids have; `crypto.randomUUID` is missing on pages without TLS. */
function randomId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
