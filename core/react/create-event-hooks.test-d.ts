import { describe, expectTypeOf, it } from 'vitest';
import {
  type BusEvent,
  createEventBus,
  type Delivery,
  type EventOf,
  type EventScope,
  type PluginScope,
  type Replies,
} from '../index.js';
import { createEventHooks, EventBusProvider, useEvent, useLatestEvent, useRequest } from './index.js';

interface User {
  name: string;
}

interface AppEvents {
  'user.created': { userId: string };
  'user.removed': { reason: string };
  'user.get': Replies<{ id: string }, User>;
  'time.get': Replies<undefined, number>;
  ping: undefined;
}

interface MoreEvents extends AppEvents {
  more: number;
}

interface OtherEvents {
  other: number;
}

const app = createEventHooks<AppEvents>();

describe('the hooks of a map', () => {
  it('narrow events by pattern, without a word at the call', () => {
    app.useEvent('user.created', (event, delivery) => {
      expectTypeOf(event).toEqualTypeOf<BusEvent<'user.created', { userId: string }>>();
      expectTypeOf(delivery).toEqualTypeOf<Delivery<AppEvents>>();
    });
    app.useEvent('user.*', (event) => {
      if (event.type === 'user.removed') expectTypeOf(event.data.reason).toEqualTypeOf<string>();
      // @ts-expect-error not every event has a reason
      event.data.reason;
    });
    app.useEvent(['ping', 'user.removed'], (event) =>
      expectTypeOf(event.type).toEqualTypeOf<'ping' | 'user.removed'>(),
    );
    app.useEvent('user.created', () => {}, { filter: ({ data }) => data.userId !== '', enabled: true, priority: 1 });
    // @ts-expect-error the map has no such event
    app.useEvent('user.renamed', () => {});
    // @ts-expect-error a created user has no reason
    app.useEvent('user.created', () => {}, { filter: ({ data }) => data.reason !== '' });
  });

  it('type what is rendered', () => {
    expectTypeOf(app.useLatestEvent('user.created')).toEqualTypeOf<EventOf<AppEvents, 'user.created'> | undefined>();
    expectTypeOf(app.useEventHistory('user.*', { limit: 5 })).toEqualTypeOf<readonly EventOf<AppEvents, 'user.*'>[]>();
    // @ts-expect-error the map has no such event
    app.useLatestEvent('user.renamed');
    // @ts-expect-error limit is a number
    app.useEventHistory('ping', { limit: '5' });
  });

  it('type what is emitted as emit does', () => {
    const emit = app.useEmit();
    expectTypeOf(emit('ping').event.type).toEqualTypeOf<'ping'>();
    emit('user.created', { userId: '1' }, { priority: 1 });
    emit({ type: 'user.created', data: { userId: '1' } });
    // @ts-expect-error the data is missing
    emit('user.created');
    // @ts-expect-error the data is another's
    emit('user.created', { reason: '' });
    // @ts-expect-error the map has no such event
    emit('user.renamed', {});
    expectTypeOf(app.useEventBus()).toEqualTypeOf<EventScope<AppEvents>>();
  });

  it('type requests and their answers', () => {
    const user = app.useRequest('user.get', { id: '1' }, { timeoutMs: 1_000 });
    if (user.status === 'success') expectTypeOf(user.data).toEqualTypeOf<User>();
    if (user.status === 'pending') expectTypeOf(user.data).toEqualTypeOf<User | undefined>();
    if (user.status === 'error') expectTypeOf(user.error).toBeUnknown();
    expectTypeOf(user.refetch).toEqualTypeOf<() => void>();
    app.useRequest('user.get', undefined);
    app.useRequest('time.get', undefined, { enabled: true });
    // @ts-expect-error the data is another's
    app.useRequest('user.get', { userId: '1' });
    // @ts-expect-error a request without data says so
    app.useRequest('user.get');
    // @ts-expect-error it aborts by itself
    app.useRequest('user.get', { id: '1' }, { signal: new AbortController().signal });
  });

  it('take a bus of the map, or a scope of one', () => {
    const bus = createEventBus<AppEvents>();
    app.EventBusProvider({ bus });
    app.EventBusProvider({ bus: bus.scope({ source: 'billing' }) });
    app.EventBusProvider({ bus: {} as PluginScope<AppEvents, { limit: number }> });
    app.EventBusProvider({ bus: createEventBus<MoreEvents>() });
    // @ts-expect-error a bus of other events
    app.EventBusProvider({ bus: createEventBus<OtherEvents>() });
    // @ts-expect-error a bus of other data
    app.EventBusProvider({ bus: createEventBus<Omit<AppEvents, 'user.created'> & { 'user.created': number }>() });
    // @ts-expect-error a bus of any events
    app.EventBusProvider({ bus: createEventBus() });
    // @ts-expect-error no bus
    app.EventBusProvider({});
  });
});

describe('the hooks without a map', () => {
  it('take any bus and any event, whose data is unknown', () => {
    EventBusProvider({ bus: createEventBus<AppEvents>() });
    EventBusProvider({ bus: createEventBus() });
    createEventHooks().EventBusProvider({ bus: createEventBus<AppEvents>() });
    useEvent('any.**', (event) => {
      expectTypeOf(event.data).toBeUnknown();
    });
    expectTypeOf(useLatestEvent('any')?.data).toBeUnknown();
    expectTypeOf(useRequest('any', 1).data).toBeUnknown();
    expectTypeOf(createEventHooks().useLatestEvent('any')?.data).toBeUnknown();
  });
});
