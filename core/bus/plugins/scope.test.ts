import { describe, expect, it } from 'vitest';
import {
  type BusEvent,
  type Delivery,
  type Emission,
  type Inspection,
  InvalidOptionError,
  InvalidPatternError,
  PermissionError,
  type Permissions,
  type PluginScope,
} from '../../index.js';
import { memoryStore } from '../../stores/memory.js';
import { createTestEventBus, type TestBusOptions } from '../../testing/index.js';
import { reactions } from '../deferred.test.kit.js';

/** A plugin on a bus, by its scope. */
async function installed(permissions?: Permissions, options: TestBusOptions = {}, host?: Permissions) {
  const bus = createTestEventBus(options);
  let scope!: PluginScope;
  const setup = (given: PluginScope): void => {
    scope = given;
  };
  const plugin = await bus.install({ name: 'ads', permissions, setup }, { permissions: host });
  return { bus, scope, plugin };
}

function refusal(call: () => unknown): PermissionError {
  try {
    call();
  } catch (error) {
    if (error instanceof PermissionError) return error;
    throw error;
  }
  throw new Error(`It was not refused: ${call}`);
}

describe('a scope', () => {
  it('G2 stamps its source on all it emits', async () => {
    const { bus, scope } = await installed();
    const sources: string[] = [];
    bus.on('**', (event) => sources.push(`${event.type} ${event.source}`));
    bus.respond('ask', () => 1);
    scope.on('begin', (_, delivery) => {
      delivery.emit('by.delivery');
      delivery.request('ask');
    });
    scope.emit('plain', 1);
    scope.emit({ type: 'whole', data: 1 });
    scope.emit({ type: 'named', data: 1, source: 'ads' });
    bus.emit('begin');
    await reactions();
    expect(sources).toEqual(['plain ads', 'whole ads', 'named ads', 'begin app', 'by.delivery ads', 'ask ads']);
  });

  it('G2 refuses to emit in the name of somebody else', async () => {
    const { bus, scope } = await installed();
    const error = refusal(() => scope.emit({ type: 'a', data: 1, source: 'bank' }));
    expect(error).toMatchObject({ source: 'ads', operation: 'emit', pattern: 'a' });
    expect(error.message).toBe(
      '[crosstown] "ads" may not emit "a": its events bear its own name, not "bank". Leave source out.',
    );
    expect([bus.emittedOf('a'), bus.stats().denied]).toEqual([[], 1]);
  });

  it('G2, E3 keeps the chain of an event that its handlers answer with another', async () => {
    const { bus, scope } = await installed();
    scope.on('order', (_, { emit }) => void emit('receipt'), { retry: { attempts: 2 } });
    const { event } = bus.emit('order');
    expect(bus.emittedOf('receipt')).toMatchObject([
      { source: 'ads', causationId: event.id, correlationId: event.correlationId },
    ]);
  });

  it("G2 names itself to observers and in failures, with the name of the plugin's own function", async () => {
    const { bus, scope } = await installed();
    scope.on('a', function count() {
      throw new Error('no');
    });
    bus.on('a', () => {});
    const { failures } = await bus.emit('a');
    expect(failures).toMatchObject([{ handler: { name: 'count', scope: 'ads' } }]);
  });

  it("G1 removes its own subscriptions with off, and nobody else's", async () => {
    const { bus, scope } = await installed();
    const heard: string[] = [];
    const handler = (): void => void heard.push('scope');
    bus.on('a', () => heard.push('bus'));
    scope.on('a', handler);
    scope.on('b', handler);
    scope.off('a', handler);
    bus.emit('a');
    bus.emit('b');
    expect(heard.splice(0)).toEqual(['bus', 'scope']);
    scope.on('a', handler);
    scope.off();
    bus.emit('a');
    bus.emit('b');
    expect(heard.splice(0)).toEqual(['bus']);
    scope.on('a', handler);
    bus.off('a', handler);
    bus.emit('a');
    expect(heard).toEqual(['bus']);
  });

  it('G3 does what its permissions list, and nothing else', async () => {
    const permissions = {
      emit: ['ads.**', 'view'],
      on: 'cart.*',
      request: 'price.get',
      respond: 'ads.get',
      use: 'ads.*',
    };
    const { bus, scope } = await installed(permissions);
    const allowed: (() => unknown)[] = [
      () => scope.emit('ads.shown.twice'),
      () => scope.emit('view'),
      () => scope.on('cart.*', () => {}),
      () => scope.on('cart.changed', () => {}),
      () => scope.on(['cart.*', 'cart.changed'], () => {}),
      () => scope.once('cart.changed', () => {}),
      () => scope.waitFor('cart.*').catch(() => {}),
      () => scope.stream('cart.changed'),
      () => scope.request('price.get').catch(() => {}),
      () => scope.respond('ads.get', () => {}),
      () => scope.use(() => {}),
    ];
    for (const call of allowed) expect(call, `${call}`).not.toThrow();
    const refused: [() => unknown, string, string][] = [
      [() => scope.emit('cart.changed'), 'emit', 'cart.changed'],
      [() => scope.emit('price.get'), 'emit', 'price.get'],
      [() => scope.emit({ type: 'cart.changed', data: 1 }), 'emit', 'cart.changed'],
      [() => scope.on('**', () => {}), 'on', '**'],
      [() => scope.on('cart.**', () => {}), 'on', 'cart.**'],
      [() => scope.on(['cart.*', 'user.*'], () => {}), 'on', 'user.*'],
      [() => scope.once('ads.shown', () => {}), 'on', 'ads.shown'],
      [() => scope.waitFor('user.created'), 'on', 'user.created'],
      [() => scope.stream('*'), 'on', '*'],
      [() => scope.request('ads.get'), 'request', 'ads.get'],
      [() => scope.respond('price.get', () => {}), 'respond', 'price.get'],
    ];
    for (const [call, operation, pattern] of refused)
      expect(refusal(call)).toMatchObject({ source: 'ads', operation, pattern });
    expect(bus.stats().denied).toBe(refused.length);
    expect(refusal(() => scope.emit('cart.changed')).message).toBe(
      '[crosstown] "ads" may not emit "cart.changed": its permissions allow it to emit only "ads.**", "view". Ask for no more, or add it to permissions.emit.',
    );
  });

  it('G3 allows nothing of what its permissions do not speak of', async () => {
    const { scope } = await installed({ on: '**' });
    expect(refusal(() => scope.emit('a')).message).toContain('its permissions allow it to emit nothing');
    refusal(() => scope.respond('a', () => {}));
    refusal(() => scope.use(() => {}));
  });

  it('G3 takes what the bus says of plugins without permissions, and of all what the host says', async () => {
    const pluginDefaults = { emit: 'ads.*', on: '**' };
    const byDefault = await installed(undefined, { pluginDefaults });
    byDefault.scope.emit('ads.shown');
    expect(refusal(() => byDefault.scope.emit('cart.changed')).message).toContain(
      'pluginDefaults allow it to emit only "ads.*"',
    );
    const own = await installed({ emit: 'cart.*' }, { pluginDefaults });
    own.scope.emit('cart.changed');
    const capped = await installed({ emit: '**', on: '**' }, { pluginDefaults }, { emit: 'ads.**', on: 'ads.**' });
    capped.scope.emit('ads.shown');
    expect(refusal(() => capped.scope.emit('cart.changed')).message).toContain(
      'its host allows it to emit only "ads.**"',
    );
    refusal(() => capped.scope.on('**', () => {}));
    const free = await installed();
    free.scope.emit('anything');
    expect(free.plugin.permissions).toBeUndefined();
    expect(byDefault.plugin.permissions).toEqual(pluginDefaults);
  });

  it('G3 fails the install of a plugin that asks for more than it may', async () => {
    const bus = createTestEventBus();
    const setup = (scope: PluginScope): void => void scope.on('user.*', () => {});
    const error = await bus.install({ name: 'ads', permissions: {}, setup }).catch((e) => e);
    expect([error.code, error.cause.code]).toEqual(['PLUGIN', 'PERMISSION_DENIED']);
    expect(bus.plugins).toEqual([]);
  });

  it('G3 refuses permissions that are none when they are given', () => {
    expect(() => createTestEventBus({ pluginDefaults: { emits: '**' } as Permissions })).toThrow(InvalidOptionError);
    expect(() => createTestEventBus({ pluginDefaults: { emit: 'a b' } })).toThrow(InvalidPatternError);
    const bus = createTestEventBus();
    expect(() => bus.scope({ source: 'a', permissions: { on: 'a.' } })).toThrow(InvalidPatternError);
    expect(() => bus.scope({ source: '' })).toThrow(InvalidOptionError);
  });

  it('G3 keeps to its rights in deliveries, filters, middleware and what these hand out', async () => {
    const { bus, scope } = await installed({ on: '**', use: 'seen.*', emit: 'ads.*' });
    const met: string[] = [];
    const errors: unknown[] = [];
    const attempt = (call: () => unknown): void => {
      try {
        call();
      } catch (error) {
        errors.push((error as Error).constructor);
      }
    };
    scope.use((event, next) => {
      met.push(event.type);
      const passed = next() as Emission & Partial<Delivery>;
      expect(passed.emit).toBeUndefined();
      return passed;
    });
    scope.on('seen.a', (_, delivery) => {
      attempt(() => delivery.emit('order.placed'));
      attempt(() => delivery.request('ask'));
      attempt(() => (delivery as unknown as Emission).then(() => {}));
    });
    await bus.emit('seen.a');
    await bus.emit('unseen.a');
    expect(met).toEqual(['seen.a']);
    expect(errors).toEqual([PermissionError, PermissionError, TypeError]);
    expect((scope.emit('ads.shown') as Partial<Delivery>).emit).toBeUndefined();
  });

  it('G3, S4 reads back what it may hear', async () => {
    const { bus, scope } = await installed({ on: ['cart.*', 'user.created'] }, { store: memoryStore() });
    for (const type of ['cart.changed', 'user.created', 'user.deleted', 'order.placed']) bus.emit(type);
    await bus.idle();
    const read = async (history: AsyncIterable<{ event: BusEvent }>): Promise<string[]> => {
      const types: string[] = [];
      for await (const { event } of history) types.push(event.type);
      return types;
    };
    expect(await read(scope.history())).toEqual(['cart.changed', 'user.created']);
    expect(await read(scope.history({ pattern: 'cart.changed' }))).toEqual(['cart.changed']);
    await expect(read(scope.history({ pattern: '**' }))).rejects.toThrow(PermissionError);
  });

  it('G1 is a part of the host, too, without a plugin', async () => {
    const bus = createTestEventBus();
    const heard: string[] = [];
    const log: string[] = [];
    const scope = bus.scope({ source: 'billing', permissions: { emit: 'billing.*', on: 'order.*' } });
    scope.on('order.placed', (_, delivery) => void delivery.emit('billing.charged'));
    scope.onDispose(() => log.push('clean'));
    bus.on('billing.*', (event) => heard.push(`${event.type} ${event.source}`));
    bus.emit('order.placed');
    refusal(() => scope.emit('order.placed'));
    await scope.close();
    bus.emit('order.placed');
    expect([heard, log, scope.signal.aborted]).toEqual([['billing.charged billing'], ['clean'], true]);
    const other = bus.scope({ source: 'other' });
    other.onDispose(() => log.push('with the bus'));
    await bus.close();
    expect(log).toEqual(['clean', 'with the bus']);
  });

  it('G1 goes with await using', async () => {
    const bus = createTestEventBus();
    {
      await using scope = bus.scope({ source: 'a' });
      scope.on('a', () => {});
      await using plugin = await bus.install({ name: 'b', setup: (own) => void own.on('a', () => {}) });
      expect([bus.stats().subscriptions, plugin.state]).toEqual([2, 'active']);
    }
    expect(bus.stats().subscriptions).toBe(0);
  });

  it('I1 tells of what was refused', async () => {
    const { bus, scope } = await installed({ on: 'a' });
    const told: Inspection[] = [];
    bus.inspect((inspection) => told.push(inspection));
    const error = refusal(() => scope.on('b.*', () => {}));
    expect(told).toMatchObject([{ kind: 'denied', source: 'ads', action: 'on', pattern: 'b.*', error }]);
  });

  it('E5, P2 says that a type or pattern is none, rather than that it is not allowed', async () => {
    const { scope } = await installed({ emit: 'a.*', on: 'a.*' });
    expect(() => scope.emit('a b')).toThrow('is not an event type');
    expect(() => scope.on('a..b', () => {})).toThrow(InvalidPatternError);
    expect(() => scope.on('a.b', undefined as never)).toThrow(InvalidOptionError);
  });
});
