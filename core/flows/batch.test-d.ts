import { describe, expectTypeOf, it } from 'vitest';
import { createEventBus, type PluginScope } from '../index.js';
import { createTestEventBus } from '../testing/index.js';
import { type Batcher, createBatcher } from './batch.js';

interface Click {
  x: number;
}

interface AppEvents {
  'analytics.batch': { items: readonly Click[] };
  'log.batch': { items: string[] };
  'user.created': { userId: string };
  ping: undefined;
}

describe('a batcher', () => {
  const bus = createEventBus<AppEvents>();
  const rest = { size: 10, intervalMs: 1_000 };

  it('W3 takes what a batch of its type is made of', () => {
    const batcher = createBatcher(bus, { ...rest, type: 'analytics.batch' });
    expectTypeOf(batcher).toEqualTypeOf<Batcher<Click>>();
    batcher.add({ x: 1 });
    // @ts-expect-error a click is somewhere
    batcher.add({});
    expectTypeOf(createBatcher(createTestEventBus<AppEvents>(), { ...rest, type: 'log.batch' })).toEqualTypeOf<
      Batcher<string>
    >();
    createBatcher(bus, {
      ...rest,
      type: 'log.batch',
      onFailed: ({ items }) => expectTypeOf(items).toEqualTypeOf<readonly string[]>(),
    });
  });

  it('W3 emits types alone whose data has items', () => {
    // @ts-expect-error a user has no items
    createBatcher(bus, { ...rest, type: 'user.created' });
    // @ts-expect-error neither has a ping
    createBatcher(bus, { ...rest, type: 'ping' });
    // @ts-expect-error no such type
    createBatcher(bus, { ...rest, type: 'mail.batch' });
  });

  it('W3 is made on a bus, a scope, or the scope of a plugin', () => {
    createBatcher(bus.scope({ source: 'part' }), { ...rest, type: 'log.batch' }).add('a');
    const setup = (scope: PluginScope<AppEvents>): void =>
      createBatcher(scope, { ...rest, type: 'log.batch' }).add('a');
    expectTypeOf(setup).returns.toEqualTypeOf<void>();
    expectTypeOf(createBatcher(createEventBus(), { ...rest, type: 'any' })).toEqualTypeOf<Batcher<unknown>>();
  });
});
