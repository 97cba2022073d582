import { describe, expectTypeOf, it } from 'vitest';
import { type BusEvent, createEventBus, type DataOf, type EventOf, type Replies, type ReplyOf } from '../../index.js';

interface User {
  readonly id: string;
  readonly name: string;
}

interface AppEvents {
  'user.get': Replies<{ id: string }, User>;
  'user.count': Replies<undefined, number>;
  'user.find': Replies<string | undefined, User | undefined>;
  'user.created': { userId: string };
  ping: undefined;
}

describe('a type that is asked', () => {
  it('R1 has data like any other, and an answer', () => {
    expectTypeOf<DataOf<AppEvents['user.get']>>().toEqualTypeOf<{ id: string }>();
    expectTypeOf<ReplyOf<AppEvents['user.get']>>().toEqualTypeOf<User>();
    expectTypeOf<DataOf<AppEvents['user.count']>>().toBeUndefined();
    expectTypeOf<ReplyOf<AppEvents['user.find']>>().toEqualTypeOf<User | undefined>();
    expectTypeOf<EventOf<AppEvents, 'user.get'>>().toEqualTypeOf<BusEvent<'user.get', { id: string }>>();
  });

  it('R1 that the map gives no answer may be answered with anything', () => {
    expectTypeOf<DataOf<{ userId: string }>>().toEqualTypeOf<{ userId: string }>();
    expectTypeOf<DataOf<undefined>>().toBeUndefined();
    expectTypeOf<ReplyOf<{ userId: string }>>().toBeUnknown();
    expectTypeOf<DataOf<{ a: 1 } | { b: 2 }>>().toEqualTypeOf<{ a: 1 } | { b: 2 }>();
  });
});

describe('a typed bus', () => {
  const bus = createEventBus<AppEvents>();

  it('R1 is promised the answer that the map names', () => {
    expectTypeOf(bus.request('user.get', { id: '1' })).toEqualTypeOf<Promise<User>>();
    expectTypeOf(bus.request('user.get', { id: '1' }, { timeoutMs: 5, local: true })).toEqualTypeOf<Promise<User>>();
    expectTypeOf(bus.request('user.created', { userId: '1' })).toEqualTypeOf<Promise<unknown>>();
    // @ts-expect-error: the wrong data.
    void bus.request('user.get', { userId: '1' });
    // @ts-expect-error: no data.
    void bus.request('user.get');
    // @ts-expect-error: an unknown type.
    void bus.request('user.put', { id: '1' });
    // @ts-expect-error: a pattern is no type.
    void bus.request('user.*', { id: '1' });
    // @ts-expect-error: it has no such option.
    void bus.request('user.get', { id: '1' }, { retries: 3 });
  });

  it('S6 is offered no reading from the store where that is refused', () => {
    bus.on('ping', () => {}, { durable: 'ping', from: 'all' });
    // @ts-expect-error: requests are answered at once.
    bus.respond('user.count', () => 1, { durable: 'count' });
    // @ts-expect-error: for one event there is no cursor.
    bus.once('ping', () => {}, { group: 'ping' });
  });

  it('R1 lets data be left out exactly where it may be undefined', () => {
    expectTypeOf(bus.request('user.count')).toEqualTypeOf<Promise<number>>();
    expectTypeOf(bus.request('user.count', undefined, { timeoutMs: 5 })).toEqualTypeOf<Promise<number>>();
    expectTypeOf(bus.request('user.find')).toEqualTypeOf<Promise<User | undefined>>();
    expectTypeOf(bus.request('user.find', 'ada')).toEqualTypeOf<Promise<User | undefined>>();
    // @ts-expect-error: nothing is asked with the question.
    void bus.request('user.count', 1);
  });

  it('R1 checks what a responder is given and what it answers', () => {
    bus.respond('user.get', (event, delivery) => {
      expectTypeOf(event).toEqualTypeOf<BusEvent<'user.get', { id: string }>>();
      expectTypeOf(delivery.request('user.count')).toEqualTypeOf<Promise<number>>();
      return { id: event.data.id, name: 'Ada' };
    });
    bus.respond('user.get', async ({ data }) => ({ id: data.id, name: 'Ada' }));
    bus.respond('user.find', () => undefined);
    bus.respond('ping', () => 'pong', { concurrency: 1, timeoutMs: 5, filter: (event) => event.data === undefined });
    // @ts-expect-error: not a user.
    bus.respond('user.get', () => ({ id: '1' }));
    // @ts-expect-error: a promise of something else.
    bus.respond('user.count', async () => 'three');
    // @ts-expect-error: nothing is no number.
    bus.respond('user.count', () => {});
    // @ts-expect-error: who responds says to what exactly.
    bus.respond('user.*', () => undefined);
  });

  it('R1 emits and handles a type that is asked with its data alone', () => {
    bus.emit('user.get', { id: '1' });
    bus.emit('user.count');
    bus.emit({ type: 'user.get', data: { id: '1' } });
    bus.on('user.*', (event) => {
      if (event.type === 'user.get') expectTypeOf(event.data).toEqualTypeOf<{ id: string }>();
      if (event.type === 'user.count') expectTypeOf(event.data).toBeUndefined();
    });
    // @ts-expect-error: the data, and not what declares it.
    bus.emit('user.get', { '~data': { id: '1' } });
  });

  it('R6 R7 waits for and streams the events of a pattern', () => {
    expectTypeOf(bus.waitFor('user.created')).toEqualTypeOf<Promise<BusEvent<'user.created', { userId: string }>>>();
    expectTypeOf(bus.waitFor(['ping', 'user.get'])).resolves.toEqualTypeOf<EventOf<AppEvents, 'ping' | 'user.get'>>();
    expectTypeOf(bus.stream('user.get')).toEqualTypeOf<
      AsyncIterableIterator<BusEvent<'user.get', { id: string }>> & AsyncDisposable
    >();
    void bus.waitFor('user.created', { filter: (event) => event.data.userId === '1', timeoutMs: 5 });
    // @ts-expect-error: a stream has a buffer of some size.
    bus.stream('user.created', { buffer: 'large' });
    // @ts-expect-error: a misspelt type.
    void bus.waitFor('user.craeted');
  });

  it('F3 has dead letters of events, and F1 retries that are spelt out', () => {
    bus.on('ping', () => {}, { retry: { attempts: 3, retryIf: (error, attempt) => error !== null && attempt < 2 } });
    // @ts-expect-error: how often is to be said.
    bus.on('ping', () => {}, { retry: { delayMs: 5 } });
    // @ts-expect-error: there is no such way to overflow.
    bus.on('ping', () => {}, { concurrency: 1, overflow: 'block' });
    expectTypeOf(bus.deadLetters.list()).resolves.items.toHaveProperty('error').toBeUnknown();
  });

  it('takes middleware that sees every event, and stays the bus it was', () => {
    const remove = bus.use((event, next) => {
      expectTypeOf(event).toEqualTypeOf<BusEvent>();
      const emission = next({ metadata: { tenant: 'x' }, priority: 1 });
      expectTypeOf(emission.event.type).toBeString();
      // @ts-expect-error: a type stays what it is.
      next({ type: 'other' });
      return emission;
    });
    expectTypeOf(remove).toEqualTypeOf<() => void>();
    bus.use(() => {}, { name: 'silent', priority: 1 });
    // @ts-expect-error: it is called first or last by number.
    bus.use(() => {}, { priority: 'first' });
  });
});

describe('a bus without a map', () => {
  const bus = createEventBus();

  it('asks and answers anything', () => {
    expectTypeOf(bus.request('user.get')).toEqualTypeOf<Promise<unknown>>();
    expectTypeOf(bus.request('user.get' as string, { id: 1 }, { timeoutMs: 5 })).toEqualTypeOf<Promise<unknown>>();
    bus.respond('user.get', (event) => event.data);
    bus.on('user.get', (_, delivery) => expectTypeOf(delivery.request('x')).toEqualTypeOf<Promise<unknown>>());
    expectTypeOf(bus.waitFor('user.*')).toEqualTypeOf<Promise<BusEvent>>();
    expectTypeOf(bus.stream('user.get')).toEqualTypeOf<
      AsyncIterableIterator<BusEvent<'user.get', unknown>> & AsyncDisposable
    >();
  });
});
