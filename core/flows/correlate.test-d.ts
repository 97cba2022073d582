import type { AsyncLocalStorage } from 'node:async_hooks';
import { describe, expectTypeOf, it } from 'vitest';
import { type BusEvent, createEventBus, type Emission, type PluginScope, type Replies } from '../index.js';
import { createTestEventBus } from '../testing/index.js';
import { type Chain, type Chained, type ChainStorage, chained, correlate } from './correlate.js';

interface AppEvents {
  'user.created': { userId: string };
  'user.get': Replies<{ id: string }, { name: string }>;
  ping: undefined;
}

describe('a chain', () => {
  const bus = createEventBus<AppEvents>();

  it('W4 keeps the types of its bus, and of what its function returns', () => {
    const result = correlate(bus, async (chain) => {
      expectTypeOf(chain).toEqualTypeOf<Chain<AppEvents>>();
      expectTypeOf(chain.emit('user.created', { userId: '1' })).toEqualTypeOf<
        Emission<BusEvent<'user.created', { userId: string }>>
      >();
      chain.emit('ping');
      // @ts-expect-error a user has an id
      chain.emit('user.created', {});
      // @ts-expect-error no such type
      chain.emit('user.removed');
      return chain.request('user.get', { id: '1' });
    });
    expectTypeOf(result).toEqualTypeOf<Promise<{ name: string }>>();
    expectTypeOf(correlate(bus, () => 1)).toEqualTypeOf<number>();
  });

  it('W4 is made on a bus, a scope, the scope of a plugin, a view or a chain', () => {
    correlate(bus.scope({ source: 'part' }), (chain) => chain.emit('ping'));
    correlate(createTestEventBus<AppEvents>(), (chain) => expectTypeOf(chain).toEqualTypeOf<Chain<AppEvents>>());
    const setup = (scope: PluginScope<AppEvents>): Chained<AppEvents> => chained(scope);
    expectTypeOf(setup).returns.toEqualTypeOf<Chained<AppEvents>>();
    const app = chained(bus);
    expectTypeOf(app).toEqualTypeOf<Chained<AppEvents>>();
    // @ts-expect-error no such type
    app.emit('user.removed');
    correlate(app, (chain) => correlate(chain, (inner) => expectTypeOf(inner).toEqualTypeOf<Chain<AppEvents>>()));
    correlate(createEventBus(), (chain) => chain.emit('any', 1));
  });

  it('W4 takes an AsyncLocalStorage as it is', () => {
    expectTypeOf<AsyncLocalStorage<unknown>>().toExtend<ChainStorage>();
  });
});
