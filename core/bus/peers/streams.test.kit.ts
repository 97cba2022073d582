// biome-ignore-all lint/style/noRestrictedImports: the peers themselves are run beside the bus.
import Emittery from 'emittery';
import { createEventBus } from '../../index.js';

/** An iterator over the data of the events of a type, of emittery and of a bus, and how to feed it. */
export interface Source {
  readonly name: 'emittery' | 'crosstown';
  readonly iterator: AsyncIterator<unknown, unknown> & AsyncIterable<unknown>;
  on(type: string, handler: () => void): void;
  emit(type: string, data?: unknown): PromiseLike<unknown>;
  clear(): void;
}

/** An iterator, of which one sees the data of events alone. */
function dataOf(events: AsyncIterableIterator<{ readonly data: unknown }>): Source['iterator'] {
  const dataIn = async (
    result: Promise<IteratorResult<{ readonly data: unknown }>>,
  ): Promise<IteratorResult<unknown>> => {
    const { done, value } = await result;
    return done === true ? { done, value } : { done: false, value: value.data };
  };
  return {
    next: () => dataIn(events.next()),
    return: async (value) => (await events.return?.(value as never)) ?? { done: true, value },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

export function sources(types: readonly [string, ...string[]]): readonly Source[] {
  const [emittery, bus] = [new Emittery<Record<string, unknown>>(), createEventBus()];
  const ofEmittery = emittery.events([...types]) as unknown as Source['iterator'];
  return [
    {
      name: 'emittery',
      iterator: ofEmittery,
      on: (type, handler) => void emittery.on(type, handler),
      emit: (type, data) => emittery.emit(type, data),
      clear: () => emittery.clearListeners(),
    },
    {
      name: 'crosstown',
      iterator: dataOf(bus.stream(types)),
      on: (type, handler) => void bus.on(type, handler),
      emit: (type, data) => bus.emit(type, data),
      clear: () => bus.off(),
    },
  ];
}
