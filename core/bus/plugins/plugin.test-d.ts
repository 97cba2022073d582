import { describe, expectTypeOf, it } from 'vitest';
import {
  createEventBus,
  definePlugin,
  type EventScope,
  type InstalledPlugin,
  type LifecycleEvents,
  type Plugin,
  type PluginScope,
  type Replies,
} from '../../index.js';

interface AppEvents extends LifecycleEvents {
  'cart.changed': { readonly items: number };
  'cart.get': Replies<{ readonly id: string }, readonly string[]>;
  ping: undefined;
}

describe('plugins, typed', () => {
  it('G1 types the scope by the events, and its config', () => {
    definePlugin<AppEvents, { limit: number }>({
      name: 'cart',
      permissions: { emit: 'cart.*', on: ['ping', 'plugin.*'] },
      setup(scope) {
        expectTypeOf(scope.config).toEqualTypeOf<{ limit: number }>();
        scope.emit('cart.changed', { items: 1 });
        // @ts-expect-error no such event
        scope.emit('cart.chagned', { items: 1 });
        // @ts-expect-error no such data
        scope.emit('cart.changed', { items: '1' });
        scope.on('cart.changed', (event, delivery) => {
          expectTypeOf(event.data.items).toEqualTypeOf<number>();
          delivery.emit('ping');
        });
        scope.on('plugin.*', (event) => {
          expectTypeOf(event.data).toEqualTypeOf<{ readonly name: string; readonly version: string | undefined }>();
        });
        expectTypeOf(scope.request('cart.get', { id: '1' })).resolves.toEqualTypeOf<readonly string[]>();
        scope.respond('cart.get', () => ['a']);
        expectTypeOf(scope).toExtend<EventScope<AppEvents>>();
      },
    });
    // @ts-expect-error there is no such kind of call
    definePlugin({ name: 'a', permissions: { subscribe: '**' }, setup: () => {} });
  });

  it('G1 takes plugins of its own events and configs, and those that know of no types', () => {
    const bus = createEventBus<AppEvents>();
    const own = definePlugin<AppEvents, { limit: number }>({ name: 'own', setup: () => {} });
    const untyped = definePlugin({ name: 'untyped', setup: (scope) => scope.emit('anything', 1) });
    const plain = { name: 'plain', setup: (scope: PluginScope<AppEvents>) => scope.emit('ping') };
    expectTypeOf(bus.install(own)).resolves.toEqualTypeOf<InstalledPlugin>();
    expectTypeOf(bus.install([own, untyped])).resolves.toEqualTypeOf<readonly InstalledPlugin[]>();
    void bus.install(plain);
    void bus.replace(own, { config: { limit: 1 }, timeoutMs: 5 });
  });

  it('G1 takes plugins that know a part of its events', () => {
    const bus = createEventBus<AppEvents>();
    const part: Plugin<Pick<AppEvents, 'ping' | 'cart.changed'>> = {
      name: 'part',
      setup: (scope) => void scope.emit('ping'),
    };
    void bus.install(part);
  });

  it('G1 is given to what takes a bus to emit and subscribe, as a bus is', () => {
    const start = (scope: EventScope<AppEvents>): void => void scope.on('ping', () => {});
    const bus = createEventBus<AppEvents>();
    start(bus);
    start(bus.scope({ source: 'a' }));
  });
});
