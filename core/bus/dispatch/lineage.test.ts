import { describe, expect, it } from 'vitest';
import { createEventBus, DepthLimitError, type Failure } from '../../index.js';
import { SimulatedClock } from '../../testing/index.js';

/** A bus that notes the depth errors of its handlers. */
function endless(options: Parameters<typeof createEventBus>[0] = {}) {
  const errors: unknown[] = [];
  const onError = ({ error }: Failure): void => void errors.push(error);
  return { bus: createEventBus({ onError, ...options }), errors };
}

describe('a chain of events', () => {
  it('D5 may be 10,000 long, each emitted inside the handler of the one before, without a deep stack', async () => {
    const { bus, errors } = endless();
    let calls = 0;
    bus.on('step', ({ data }) => {
      calls++;
      if (Number(data) > 1) bus.emit('step', Number(data) - 1);
    });
    await bus.emit('step', 10_000);
    expect([calls, errors]).toEqual([10_000, []]);
  });

  it('D5 may have 10,000 links that one handler emits', async () => {
    const { bus, errors } = endless();
    let calls = 0;
    bus.on('all', () => {
      for (let i = 0; i < 10_000; i++) bus.emit('one');
    });
    bus.on('one', () => calls++);
    await bus.emit('all');
    expect([calls, errors]).toEqual([10_000, []]);
  });

  it.each<[string, (emit: () => unknown) => unknown]>([
    ['inside their handlers', (emit) => emit()],
    ['after a microtask', (emit) => Promise.resolve().then(emit)],
  ])('Q4 of handlers that emit one another %s ends with an error that names them', async (_, soon) => {
    const { bus, errors } = endless();
    bus.on('a', (_event, { emit }) => void soon(() => emit('b')));
    let stopped: unknown;
    bus.on('b', (_event, { emit }) =>
      soon(() => {
        try {
          emit('a');
        } catch (error) {
          stopped = error;
          throw error;
        }
      }),
    );
    bus.emit('a');
    await bus.idle();
    while (stopped === undefined) await bus.idle();
    expect(stopped).toBeInstanceOf(DepthLimitError);
    expect((stopped as DepthLimitError).message).toMatch(/of a chain: … → (b → a → ){5}b → a\./);
    expect((stopped as DepthLimitError).chain).toHaveLength(12);
    expect(errors).toEqual([stopped]);
    expect(bus.stats().emitted).toBe(20_000 + 1);
  });

  it('Q4 is as long as maxDepth says, the first event included', async () => {
    const { bus, errors } = endless({ queue: { maxDepth: 3 } });
    const depths: unknown[] = [];
    bus.on('n', ({ data }) => {
      depths.push(data);
      bus.emit('n', Number(data) + 1);
    });
    await bus.emit('n', 1);
    expect([depths, errors]).toEqual([[1, 2, 3], [expect.any(DepthLimitError)]]);
    depths.length = 0;
    await bus.emit('n', 1);
    expect(depths).toEqual([1, 2, 3]);
  });

  it('Q4 counts what is emitted late with the cause of an event in flight, where those are limited', async () => {
    const { bus } = endless({ queue: { maxDepth: 2, concurrency: 5 } });
    const calls: unknown[] = [];
    bus.on('n', async (event) => {
      calls.push(event.data);
      await undefined;
      await bus.emit('n', Number(event.data) + 1, { cause: event });
    });
    await bus.emit('n', 1);
    expect(calls).toEqual([1, 2]);
  });

  it('Q4 begins anew with an event that comes more than a second after the one before', async () => {
    const clock = new SimulatedClock();
    const { bus, errors } = endless({ clock, queue: { maxDepth: 10 } });
    let beats = 0;
    const every = (delayMs: number): (() => void) =>
      bus.on('beat', (_, { emit }) => {
        beats++;
        clock.setTimeout(() => {
          try {
            emit('beat');
          } catch (error) {
            errors.push(error);
          }
        }, delayMs);
      });
    const slow = every(1001);
    bus.emit('beat');
    await clock.advance(100 * 1001);
    slow();
    expect([beats, errors]).toEqual([101, []]);
    await clock.advance(1001);
    beats = 0;
    every(9);
    bus.emit('beat');
    await clock.advance(100 * 1001);
    expect([beats, errors]).toEqual([10, [expect.any(DepthLimitError)]]);
  });

  it('Q4 of a heart that beats more than a second apart has no end, and keeps nothing of what was', async () => {
    let now = 0;
    const { bus, errors } = endless({ clock: { now: () => now, precise: () => now, setTimeout, clearTimeout } });
    let beats = 0;
    let beatAgain: (() => unknown) | undefined;
    bus.on('beat', (_, { emit }) => {
      beats++;
      beatAgain = () => emit('beat');
    });
    bus.emit('beat');
    for (; beats < 100_000; now += 1001) beatAgain?.();
    expect([beats, errors, bus.stats().emitted]).toEqual([100_000, [], 100_000]);
  });

  it('Q4 lets a clock tick whose beats are more than 10 ms apart, however long it does', () => {
    let now = 0;
    const { bus, errors } = endless({ clock: { now: () => now, precise: () => now, setTimeout, clearTimeout } });
    let beats = 0;
    let beatAgain: (() => unknown) | undefined;
    bus.on('beat', (_, { emit }) => {
      beats++;
      beatAgain = () => emit('beat');
    });
    bus.emit('beat');
    for (; beats < 100_000; now += 16) beatAgain?.();
    expect([beats, errors]).toEqual([100_000, []]);
  });

  it('Q4 begins anew in a handler whose event was emitted more than a second ago', async () => {
    const clock = new SimulatedClock();
    const { bus, errors } = endless({ clock, queue: { maxDepth: 3 } });
    let beats = 0;
    bus.on('beat', () => new Promise<void>((resolve) => void clock.setTimeout(resolve, 1001)), { priority: 1 });
    bus.on('beat', (_, { emit }) => void (++beats < 10 && emit('beat')));
    bus.emit('beat');
    await clock.advance(20_000);
    expect([beats, errors]).toEqual([10, []]);
  });

  it('Q4 begins anew with that event, which is the first of its chain', async () => {
    const clock = new SimulatedClock();
    const { bus, errors } = endless({ clock, queue: { maxDepth: 1 } });
    bus.on('a', (_, { emit }) => void clock.setTimeout(() => emit('b'), 1001));
    bus.emit('a');
    await clock.advance(1001);
    expect([bus.stats().emitted, errors]).toEqual([2, []]);
  });
});
