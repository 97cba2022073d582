import Emittery from 'emittery';
import EventEmitter2 from 'eventemitter2';
import { describe, expect, it } from 'vitest';
import { createEventBus } from '../../index.js';
import { deferred, reactions } from '../deferred.test.kit.js';
import { all, onEach } from './emitters.test.kit.js';

/** Everything of which one can wait for the handlers: their emits, as promises. */
function awaited(): Record<string, { on(handler: () => unknown): void; emit(): PromiseLike<unknown> }> {
  const [emittery, emitter2, bus] = [new Emittery(), new EventEmitter2(), createEventBus()];
  return {
    emittery: { on: (handler) => emittery.on('a', handler as () => void), emit: () => emittery.emit('a') },
    eventemitter2: { on: (handler) => emitter2.on('a', handler), emit: () => emitter2.emitAsync('a') },
    crosstown: { on: (handler) => bus.on('a', handler), emit: () => bus.emit('a') },
  };
}

describe('peers: asynchronous handlers', () => {
  it('D3 awaiting an emission waits for every handler', async () => {
    for (const { on, emit } of Object.values(awaited())) {
      const gates = [deferred(), deferred()];
      for (const gate of gates) on(() => gate.promise);
      let over = false;
      const emission = emit().then(() => {
        over = true;
      });
      gates[1]?.resolve();
      await reactions();
      expect(over).toBe(false);
      gates[0]?.resolve();
      await emission;
    }
  });

  it('D3 handlers of one priority start together', async () => {
    for (const { on, emit } of Object.values(awaited())) {
      let started = 0;
      const gate = deferred();
      for (let i = 0; i < 3; i++) {
        on(() => {
          started++;
          return gate.promise;
        });
      }
      const emission = emit();
      await reactions();
      expect(started).toBe(3);
      gate.resolve();
      await emission;
    }
  });

  it('D3 handlers that are to run one after the other get priorities', async () => {
    const orders: number[][] = [];
    const emittery = new Emittery();
    const bus = createEventBus();
    const runs = [(): PromiseLike<unknown> => emittery.emitSerial('a'), (): PromiseLike<unknown> => bus.emit('a')];
    for (const run of runs) {
      const order: number[] = [];
      orders.push(order);
      for (const n of [1, 2, 3]) {
        const handler = async (): Promise<void> => {
          for (let i = n; i < 4; i++) await reactions();
          order.push(n);
        };
        if (orders.length === 1) emittery.on('a', handler);
        else bus.on('a', handler, { priority: -n });
      }
      await run();
    }
    expect(orders).toEqual([
      [1, 2, 3],
      [1, 2, 3],
    ]);
  });

  it('what handlers return is not collected', async () => {
    const values: unknown[] = [];
    for (const { on, emit } of Object.values(awaited())) {
      on(() => 1);
      on(async () => 2);
      values.push(await emit());
    }
    expect(values).toEqual([undefined, [1, 2], expect.objectContaining({ status: 'delivered', delivered: 2 })]);
  });

  it('R1 an answer is asked for by a request', async () => {
    const emitter = new EventEmitter2();
    const bus = createEventBus();
    emitter.on('double', (n) => n * 2);
    bus.respond('double', (event) => Number(event.data) * 2);
    expect(await emitter.emitAsync('double', 21)).toEqual([42]);
    expect(await bus.request('double', 21)).toBe(42);
    expect(await new EventEmitter2().emitAsync('double', 21)).toEqual([]);
    await expect(createEventBus().request('double', 21)).rejects.toMatchObject({ name: 'NoResponderError' });
  });

  it('D12 awaiting an event that nobody hears resolves', async () => {
    const values: unknown[] = [];
    for (const { emit } of Object.values(awaited())) values.push(await emit());
    expect(values).toEqual([undefined, [], expect.objectContaining({ status: 'delivered', delivered: 0 })]);
  });

  it('an emission can be awaited, and is no Promise', async () => {
    const emissions = Object.values(awaited()).map(({ emit }) => emit());
    expect(emissions.map((emission) => emission instanceof Promise)).toEqual([true, true, false]);
    const result = await emissions[2];
    expect(await Promise.all([emissions[2]])).toEqual([result]);
  });

  it('D8 the promise of a once handler is waited for like any other', async () => {
    const emitter = new EventEmitter2();
    const bus = createEventBus();
    const done: string[] = [];
    const late = (name: string) => async (): Promise<void> => {
      await reactions();
      done.push(name);
    };
    emitter.once('a', late('eventemitter2'));
    bus.once('a', late('crosstown'));
    await emitter.emitAsync('a');
    await bus.emit('a');
    expect(done).toEqual(['eventemitter2', 'crosstown']);
  });

  it('D2 calling a handler later is left to the handler', async () => {
    const emitter = new EventEmitter2();
    const bus = createEventBus();
    const seen: string[] = [];
    emitter.on('a', () => seen.push('async'), { async: true });
    emitter.on('a', () => seen.push('nextTick'), { nextTick: true });
    bus.on('a', async () => {
      await reactions();
      seen.push('crosstown');
    });
    emitter.emit('a');
    const emission = bus.emit('a');
    expect(seen).toEqual([]);
    await emission;
    await reactions();
    expect(seen.sort()).toEqual(['async', 'crosstown', 'nextTick']);
  });

  it('D6 a handler added right after an emit misses that event', async () => {
    const calls = await onEach(async (emitter) => {
      const seen: string[] = [];
      emitter.on('a', () => seen.push('there'));
      const emission = emitter.emit('a');
      emitter.on('a', () => seen.push('late'));
      await emission;
      return seen;
    });
    expect(calls).toEqual(all(['there']));
  });

  it('D2 removing a handler right after an emit comes too late, as it has run', async () => {
    const calls = await onEach(async (emitter) => {
      let count = 0;
      const off = emitter.on('a', () => count++);
      const emission = emitter.emit('a');
      off();
      await emission;
      return count;
    });
    expect(calls).toEqual({ ...all(1), emittery: 0 });
  });

  it('D2 events emitted one after the other without waiting are all handled at the same time', async () => {
    for (const { on, emit } of Object.values(awaited())) {
      const gate = deferred();
      let running = 0;
      on(() => {
        running++;
        return gate.promise;
      });
      const emissions = [1, 2, 3, 4, 5].map(() => emit());
      await reactions();
      expect(running).toBe(5);
      gate.resolve();
      await Promise.all(emissions);
    }
  });
});
