import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createEventBus } from '../../index.js';
import { deferred } from '../deferred.test.kit.js';
import { EventQueue } from './queue.js';

describe('an event emitted inside a handler', () => {
  it('D5 waits until the current one was offered to its handlers, so all see events in one order', () => {
    const bus = createEventBus();
    const calls: string[] = [];
    bus.on('a', () => {
      bus.emit('b');
      calls.push('a1');
    });
    bus.on('a', () => calls.push('a2'), { priority: -1 });
    bus.on('b', () => calls.push('b'));
    bus.on('**', (event) => calls.push(`all ${event.type}`), { priority: -2 });
    bus.emit('a');
    expect(calls).toEqual(['a1', 'a2', 'all a', 'b', 'all b']);
  });

  it('D5 goes before others that wait when its priority is higher, else in order of emission', () => {
    const bus = createEventBus();
    const seen: unknown[] = [];
    bus.on('go', () => {
      for (const [i, priority] of [0, 5, undefined, -1, 5, 2.5].entries()) bus.emit('e', i, { priority });
    });
    bus.on('e', (event) => {
      seen.push(event.data);
      if (event.data === 4) bus.emit('e', 'urgent', { priority: 9 });
    });
    bus.emit('go');
    expect(seen).toEqual([1, 4, 'urgent', 5, 0, 2, 3]);
  });

  it('D5 has run when the outermost emit returns, and the handle of its emission was there before', () => {
    const bus = createEventBus();
    const calls: string[] = [];
    bus.on('a', () => {
      const { event } = bus.emit('b', 1);
      calls.push(`emitted ${event.type}`);
    });
    bus.on('b', () => calls.push('handled b'));
    bus.emit('a');
    expect(calls).toEqual(['emitted b', 'handled b']);
  });

  it('D5 does not wait for asynchronous handlers of the current one', async () => {
    const bus = createEventBus();
    const gate = deferred();
    const calls: string[] = [];
    bus.on('a', () => {
      bus.emit('b');
      return gate.promise;
    });
    bus.on('a', () => calls.push('a low'), { priority: -1 });
    bus.on('b', () => calls.push('b'));
    const emission = bus.emit('a');
    expect(calls).toEqual(['b']);
    gate.resolve();
    await emission;
    expect(calls).toEqual(['b', 'a low']);
  });

  it('D5 waits its turn also inside a handler that came after an asynchronous one', async () => {
    const bus = createEventBus();
    const calls: string[] = [];
    bus.on('a', async () => {}, { priority: 1 });
    bus.on('a', () => {
      bus.emit('b');
      calls.push('a1');
    });
    bus.on('a', () => calls.push('a2'));
    bus.on('b', () => calls.push('b'));
    await bus.emit('a');
    expect(calls).toEqual(['a1', 'a2', 'b']);
  });

  it('D5 waits its turn also inside a filter, onError and an observer', () => {
    const calls: string[] = [];
    const bus = createEventBus({ onError: () => bus.emit('from.onError') });
    bus.inspect((inspection) => {
      if (inspection.kind === 'handlerStarted' && inspection.event.type === 'a') bus.emit('from.observer');
    });
    const filter = (): boolean => {
      bus.emit('from.filter');
      throw new Error('no');
    };
    bus.on('a', () => {}, { priority: 1, filter });
    bus.on('a', (event) => calls.push(event.type));
    bus.on('from.*', (event) => calls.push(event.type));
    bus.emit('a');
    expect(calls).toEqual(['a', 'from.filter', 'from.onError', 'from.observer']);
  });

  it.each([false, true])(
    'D5 reaches those who subscribe before its turn, whoever else hears it; watched: %s',
    (watched) => {
      for (const others of [0, 1]) {
        const bus = createEventBus();
        if (watched) bus.inspect(() => {});
        const calls: string[] = [];
        for (let i = 0; i < others; i++) bus.on('b', () => {});
        bus.on('a', () => {
          bus.emit('b');
          bus.on('b', () => calls.push('late'));
        });
        bus.emit('a');
        expect(calls, `${others} others`).toEqual(['late']);
      }
    },
  );

  it('D5 may be nested 10,000 deep', () => {
    const bus = createEventBus();
    let depth = 0;
    bus.on('n', (event) => {
      depth++;
      if (Number(event.data) < 10_000) bus.emit('n', Number(event.data) + 1);
    });
    bus.emit('n', 1);
    expect(depth).toBe(10_000);
  });

  it('D5 leaves the bus at work after a handler that emits has thrown', () => {
    const bus = createEventBus({ onError: () => {} });
    const calls: string[] = [];
    bus.on('a', () => {
      bus.emit('b');
      throw new Error('no');
    });
    bus.on('b', () => calls.push('b'));
    bus.emit('a');
    bus.emit('b');
    expect(calls).toEqual(['b', 'b']);
  });
});

describe('the queue', () => {
  it('D5 hands out by priority, then in order of arrival, and drops from the other end, through any steps', () => {
    // Few priorities meet again; many are more than one row of lanes holds.
    const few = fc.integer({ min: -3, max: 3 });
    const many = fc.double({ noNaN: true, noDefaultInfinity: true });
    const stepOf = (priority: fc.Arbitrary<number>) =>
      fc.oneof(
        { weight: 60, arbitrary: priority },
        { weight: 25, arbitrary: fc.constant('shift' as const) },
        { weight: 14, arbitrary: fc.constant('dropOldest' as const) },
        { weight: 1, arbitrary: fc.constant('clear' as const) },
      );
    const program = (priority: fc.Arbitrary<number>, maxLength: number) =>
      fc.array(stepOf(priority), { maxLength, size: 'max' });
    fc.assert(
      fc.property(fc.oneof(program(few, 200), program(many, 600)), (steps) => {
        const queue = new EventQueue<{ priority: number; arrival: number }>();
        let expected: { priority: number; arrival: number }[] = [];
        for (const [arrival, step] of steps.entries()) {
          if (step === 'shift') expect(queue.shift()).toEqual(expected.shift());
          else if (step === 'dropOldest') {
            const lowest = expected.at(-1)?.priority;
            const oldest = expected.findIndex(({ priority }) => priority === lowest);
            expect(queue.dropOldest()).toEqual(expected[oldest]);
            expected = expected.filter((_, i) => i !== oldest);
          } else if (step === 'clear') {
            queue.clear();
            expected = [];
          } else {
            queue.push({ priority: step, arrival });
            expected = [...expected, { priority: step, arrival }].sort(
              (a, b) => b.priority - a.priority || a.arrival - b.arrival,
            );
          }
          expect(queue.size).toBe(expected.length);
        }
      }),
    );
  });

  it.each([1, 1000, 20_000])('D5 keeps 20,000 events of %i priorities in order', (priorities) => {
    const queue = new EventQueue<{ priority: number; n: number }>();
    const items = Array.from({ length: 20_000 }, (_, n) => ({ priority: (n * 7919) % priorities, n }));
    for (const item of items) queue.push(item);
    const sorted = items.toSorted((a, b) => b.priority - a.priority || a.n - b.n);
    const dropped = Array.from({ length: 500 }, () => queue.dropOldest());
    const lowest = items.toSorted((a, b) => a.priority - b.priority || a.n - b.n).slice(0, 500);
    expect(dropped).toEqual(lowest);
    const left = new Set(lowest);
    const out: unknown[] = [];
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) out.push(item);
    expect(out).toEqual(sorted.filter((item) => !left.has(item)));
  });

  it('D5 keeps its order over many thousand events', () => {
    const queue = new EventQueue<{ priority: number; n: number }>();
    const out: number[] = [];
    for (let n = 0; n < 20_000; n++) {
      queue.push({ priority: 0, n });
      queue.push({ priority: 0, n: n + 0.5 });
      out.push(queue.shift()?.n ?? -1);
    }
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) out.push(item.n);
    expect(out).toEqual(Array.from({ length: 40_000 }, (_, i) => i / 2));
  });
});
