import { describe, expect, it } from 'vitest';
import type { Plugin, PluginScope } from '../../index.js';
import { rateLimit } from '../../middleware/rate-limit.js';
import { createTestEventBus } from '../../testing/index.js';

/** A plugin that gives its scope away, to be used by the test. */
const keeper = (name: string, keep: (scope: PluginScope) => void): Plugin => ({ name, setup: keep });

describe('a plugin that floods', () => {
  it('G3 is limited by its source, and nobody else is', async () => {
    const bus = createTestEventBus();
    bus.use(rateLimit({ limit: 100, windowMs: 1000, clock: bus.clock }), { priority: 1000 });
    let flood!: PluginScope;
    let honest!: PluginScope;
    const heard: Record<string, number> = {};
    bus.on('**', ({ source }) => {
      heard[source] = (heard[source] ?? 0) + 1;
    });
    await bus.install([
      keeper('flood', (scope) => {
        flood = scope;
      }),
      keeper('honest', (scope) => {
        honest = scope;
      }),
    ]);
    let vetoed = 0;
    const count = ({ status }: { status: string }): void => void (status === 'vetoed' && vetoed++);
    for (let n = 0; n < 100_000; n++) void flood.emit('spam', n).then(count);
    for (let n = 0; n < 50; n++) honest.emit('news', n);
    await bus.processEvents();
    expect([heard['flood'], heard['honest'], vetoed]).toEqual([100, 50, 99_900]);
    await bus.clock.advance(1000);
    expect((await flood.emit('spam')).status).toBe('delivered');
  });

  it('G3, Q4 that answers itself for ever is told so, and the bus goes on', async () => {
    const bus = createTestEventBus({ queue: { maxDepth: 50 } });
    await bus.install({
      name: 'loop',
      setup: (scope) => {
        scope.on('ping', (_, delivery) => void delivery.emit('pong'));
        scope.on('pong', (_, delivery) => void delivery.emit('ping'));
      },
    });
    bus.emit('ping');
    await bus.processEvents();
    expect(bus.failures.map(({ error }) => (error as { code: string }).code)).toEqual(['DEPTH_LIMIT']);
    expect(bus.emittedOf(['ping', 'pong'])).toHaveLength(50);
    expect((await bus.emit('other')).status).toBe('delivered');
  });

  it('G3, Q1 that emits faster than its events are handled finds the queue full, and its own call throws', async () => {
    const bus = createTestEventBus({ queue: { concurrency: 1, maxSize: 10 } });
    bus.on('slow', () => new Promise((resolve) => bus.clock.setTimeout(() => resolve(undefined), 10)));
    let full = 0;
    await bus.install({
      name: 'greedy',
      setup: (scope) => {
        for (let n = 0; n < 1000; n++) {
          try {
            scope.emit('slow', n);
          } catch {
            full++;
          }
        }
      },
    });
    expect([full, bus.stats().queued]).toEqual([989, 10]);
  });

  it('G4 that is refused a hundred thousand times is counted, and nothing of it goes on', async () => {
    const bus = createTestEventBus({ protect: { 'card.**': 'card' } });
    let scope!: PluginScope;
    await bus.install(
      keeper('rogue', (given) => {
        scope = given;
      }),
    );
    for (let n = 0; n < 100_000; n++) {
      try {
        scope.emit(`card.${n}`);
      } catch {}
    }
    expect([bus.stats().denied, bus.stats().emitted]).toEqual([100_000, 2]);
  });
});
