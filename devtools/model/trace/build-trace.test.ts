import { expect, it } from 'vitest';
import { createEventBus } from '../../../core/index.js';
import { Recorder } from '../recorder.js';
import { buildTrace } from './build-trace.js';

function recordBus() {
  const bus = createEventBus({ source: 'web', onError: () => {} });
  const recorder = new Recorder(bus);
  recorder.start();
  return {
    bus,
    recorder,
    trace: (id: string, limit?: number) => {
      recorder.chains.update();
      return buildTrace(recorder, id, limit);
    },
  };
}

it('causes come before effects, effects behind their own cause, and strangers not at all', async () => {
  const { bus, trace } = recordBus();
  bus.on('a', (_event, delivery) => {
    delivery.emit('b', 1);
    delivery.emit('c', 1);
  });
  bus.on('b', (_event, delivery) => void delivery.emit('b.b', 1));
  const { event } = await bus.emit('a', 1);
  bus.emit('stranger', 1);
  expect(trace(event.id).events.map(({ depth, type }) => `${depth} ${type}`)).toEqual(['0 a', '1 b', '2 b.b', '1 c']);
});

it('it spans from the first emit to the end of the last handler, and counts failures', async () => {
  const { bus, trace } = recordBus();
  bus.on('a', () => Promise.reject(new Error('no')));
  bus.on('a', () => new Promise((resolve) => setTimeout(resolve, 5)));
  const { event } = await bus.emit('a', 1);
  const { start, end, failures, isRunning, events } = trace(event.id);
  expect(end - start).toBeGreaterThanOrEqual(4);
  expect(start).toBe(events[0]?.at);
  expect([failures, isRunning]).toEqual([1, false]);
});

it('a handler that still runs is said to', () => {
  const { bus, trace } = recordBus();
  bus.on('a', () => new Promise(() => {}));
  expect(trace(bus.emit('a', 1).event.id).isRunning).toBe(true);
});

it('events that claim to cause each other are each shown once', () => {
  const { bus, trace } = recordBus();
  const make = (id: string, causationId: string) =>
    bus.emit({ type: 'loop', data: id, id, causationId, correlationId: 'chain' });
  make('x', 'y');
  make('y', 'x');
  make('z', 'z');
  expect(
    trace('chain')
      .events.map(({ id }) => id)
      .sort(),
  ).toEqual(['x', 'y', 'z']);
});

it('an effect whose cause was evicted begins a tree of its own', () => {
  const { bus, trace } = recordBus();
  bus.emit('effect', 1, { cause: { id: 'gone', correlationId: 'chain' } });
  expect(trace('chain').events).toMatchObject([{ type: 'effect', depth: 0, causationId: 'gone' }]);
});

it('a chain with too many events is cut, and says by how much', () => {
  const { bus, trace } = recordBus();
  for (let i = 0; i < 30; i++) bus.emit('many', i, { correlationId: 'chain' });
  expect(trace('chain', 10)).toMatchObject({ events: { length: 10 }, omitted: 20 });
});

it('an unknown chain is empty', () => {
  expect(recordBus().trace('nothing').events).toEqual([]);
});
