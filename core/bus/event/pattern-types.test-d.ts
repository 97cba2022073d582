import { describe, expectTypeOf, it } from 'vitest';
import { type BusEvent, createEventBus, type EventOf, type EventType, type Pattern } from '../../index.js';

interface AppEvents {
  'user.created': { userId: string };
  'user.deleted': { userId: string; reason: string };
  'user.profile.changed': { field: string };
  user: number;
  'order.placed': { total: number };
  'note.encrypted': { sealed: true };
  'a.b.c.encrypted': { sealed: false };
  ping: undefined;
  hint: string | undefined;
}

type TypeOf<P extends string> = EventOf<AppEvents, P>['type'];

describe('the event of a pattern', () => {
  it('P3 is the one event that the pattern spells', () => {
    expectTypeOf<EventOf<AppEvents, 'user.created'>>().toEqualTypeOf<BusEvent<'user.created', { userId: string }>>();
  });

  it('P3 is the union of those that match', () => {
    expectTypeOf<TypeOf<'user.*'>>().toEqualTypeOf<'user.created' | 'user.deleted'>();
    expectTypeOf<TypeOf<'*.*'>>().toEqualTypeOf<'user.created' | 'user.deleted' | 'order.placed' | 'note.encrypted'>();
    expectTypeOf<TypeOf<'*.created'>>().toEqualTypeOf<'user.created'>();
    expectTypeOf<TypeOf<'*.profile.*'>>().toEqualTypeOf<'user.profile.changed'>();
    expectTypeOf<TypeOf<'user.profile.*'>>().toEqualTypeOf<'user.profile.changed'>();
  });

  it('P3 reads ** as zero or more segments, anywhere', () => {
    type User = 'user' | 'user.created' | 'user.deleted' | 'user.profile.changed';
    expectTypeOf<TypeOf<'user.**'>>().toEqualTypeOf<User>();
    expectTypeOf<TypeOf<'user.**.**'>>().toEqualTypeOf<User>();
    expectTypeOf<TypeOf<'**.user.**'>>().toEqualTypeOf<User>();
    expectTypeOf<TypeOf<'**.encrypted'>>().toEqualTypeOf<'note.encrypted' | 'a.b.c.encrypted'>();
    expectTypeOf<TypeOf<'a.**.encrypted'>>().toEqualTypeOf<'a.b.c.encrypted'>();
    expectTypeOf<TypeOf<'a.**.b.**.c.encrypted'>>().toEqualTypeOf<'a.b.c.encrypted'>();
    expectTypeOf<TypeOf<'*.**.*'>>().toEqualTypeOf<Exclude<EventType<AppEvents>, 'user' | 'ping' | 'hint'>>();
  });

  it('P3 is every event for * and **', () => {
    expectTypeOf<TypeOf<'**'>>().toEqualTypeOf<EventType<AppEvents>>();
    expectTypeOf<TypeOf<'*'>>().toEqualTypeOf<EventType<AppEvents>>();
    expectTypeOf<TypeOf<'**.*'>>().toEqualTypeOf<EventType<AppEvents>>();
  });

  it('P3 is no event when nothing matches', () => {
    expectTypeOf<EventOf<AppEvents, 'invoice.*'>>().toBeNever();
    expectTypeOf<EventOf<AppEvents, 'user.*.*.*'>>().toBeNever();
  });

  it('P3 is the union over a list of patterns', () => {
    expectTypeOf<TypeOf<'order.placed' | '*.encrypted'>>().toEqualTypeOf<'order.placed' | 'note.encrypted'>();
  });
});

describe('a typed bus', () => {
  const bus = createEventBus<AppEvents>();

  it('P3 narrows data by the type of the event', () => {
    bus.on('user.*', (event) => {
      expectTypeOf(event.data.userId).toBeString();
      if (event.type === 'user.deleted') expectTypeOf(event.data).toEqualTypeOf<{ userId: string; reason: string }>();
      // @ts-expect-error: not every event that matches has a reason.
      void event.data.reason;
      // @ts-expect-error: no event that matches has this type.
      void (event.type === 'order.placed');
    });
  });

  it('P3 gives handlers, filters and once the same event', () => {
    bus.on(['order.placed', 'user.*'], (event) =>
      expectTypeOf(event.type).toEqualTypeOf<TypeOf<'order.placed' | 'user.*'>>(),
    );
    bus.once('ping', (event) => expectTypeOf(event.data).toBeUndefined());
    bus.on('order.placed', () => {}, { filter: (event) => event.data.total > 100 });
    // @ts-expect-error: an order has no user.
    bus.on('order.placed', () => {}, { filter: (event) => event.data.userId === '1' });
    // @ts-expect-error: once is what `once` is about.
    bus.once('ping', () => {}, { once: false });
  });

  it('P3 takes lists that are declared elsewhere', () => {
    const patterns = ['user.created', 'order.*'] as const;
    bus.on(patterns, (event) => expectTypeOf(event.type).toEqualTypeOf<'user.created' | 'order.placed'>());
  });

  it('P3 refuses types and patterns without a wildcard that the map does not name', () => {
    // @ts-expect-error: a misspelt type.
    bus.on('user.craeted', () => {});
    // @ts-expect-error: a misspelt type in a list.
    bus.on(['user.created', 'user.craeted'], () => {});
    // @ts-expect-error: any string may be misspelt.
    bus.on('user.created' as string, () => {});
  });

  it('checks the type and the data of what is emitted', () => {
    expectTypeOf(bus.emit('user.created', { userId: '1' }).event).toEqualTypeOf<
      BusEvent<'user.created', { userId: string }>
    >();
    // @ts-expect-error: an unknown type.
    bus.emit('user.renamed', {});
    // @ts-expect-error: the wrong data.
    bus.emit('user.created', { userId: 1 });
    // @ts-expect-error: data of another type.
    bus.emit('user.created', { total: 1 });
    // @ts-expect-error: more data than there is.
    bus.emit('user.created', { userId: '1', extra: true });
    // @ts-expect-error: no data.
    bus.emit('user.created');
    // @ts-expect-error: a pattern is no type.
    bus.emit('user.*', { userId: '1' });
    // @ts-expect-error: nobody expires here.
    bus.emit('user.created', { userId: '1' }, { untilNoon: true });
  });

  it('lets data be left out exactly where it may be undefined', () => {
    bus.emit('ping');
    bus.emit('ping', undefined, { priority: 1 });
    bus.emit('hint');
    bus.emit('hint', 'look up');
    // @ts-expect-error: a ping carries nothing.
    bus.emit('ping', 1);
    // @ts-expect-error: options come third.
    bus.emit('ping', { priority: 1 });
  });

  it('checks events that are given whole, and those a handler emits', () => {
    bus.emit({ type: 'order.placed', data: { total: 1 }, source: 'importer' });
    // @ts-expect-error: the wrong data.
    bus.emit({ type: 'order.placed', data: { total: '1' } });
    // @ts-expect-error: an unknown type.
    bus.emit({ type: 'order.lost', data: {} });
    bus.on('ping', (_, delivery) => {
      expectTypeOf(delivery.emit('order.placed', { total: 1 }).event.data.total).toBeNumber();
      // @ts-expect-error: no data.
      delivery.emit('order.placed');
    });
  });

  it('gives the result of an emit the type of its event', async () => {
    const { event, status } = await bus.emit('order.placed', { total: 1 });
    expectTypeOf(event.data).toEqualTypeOf<{ total: number }>();
    expectTypeOf(status).toEqualTypeOf<'delivered' | 'cancelled' | 'vetoed' | 'expired' | 'dropped'>();
  });

  it('E7 has events with nothing to assign', () => {
    bus.on('order.placed', (event) => {
      // @ts-expect-error: read-only.
      event.type = 'order.placed';
      // @ts-expect-error: read-only.
      event.metadata['tenant'] = 'x';
    });
  });

  it('I3 has nothing for observers to act with', () => {
    bus.inspect((inspection) => {
      if (inspection.kind !== 'emitted') return;
      // @ts-expect-error: an observer only looks.
      inspection.event.cancel();
    });
  });
});

describe('a bus without a map', () => {
  const bus = createEventBus();

  it('takes any type with any data', () => {
    bus.emit('whatever', { n: 1 });
    bus.emit('whatever');
    bus.emit('what' as string, 1, { priority: 1 });
    bus.on('whatever', (event) => {
      expectTypeOf(event.type).toEqualTypeOf<'whatever'>();
      expectTypeOf(event.data).toBeUnknown();
    });
    bus.on('what.*' as string, (event) => expectTypeOf(event.type).toBeString());
    bus.on(['user.*', 'x'], (event) => expectTypeOf(event.type).toBeString());
    expectTypeOf<Pattern<Record<string, unknown>>>().toBeString();
  });
});

describe('an event map', () => {
  it('is a plain interface, a type, or one with keys that follow a template', () => {
    type Alias = { 'a.b': 1 };
    interface Templated {
      [key: `user.${string}`]: { userId: string };
      ping: undefined;
    }
    createEventBus<Alias>().on('a.*', (event) => expectTypeOf(event.data).toEqualTypeOf<1>());
    const bus = createEventBus<Templated>();
    bus.emit('user.anything', { userId: '1' });
    bus.on('user.anything', (event) => expectTypeOf(event.data.userId).toBeString());
    // @ts-expect-error: no key follows this.
    bus.emit('order.placed', { userId: '1' });
  });

  it('may be extended where a plugin declares its events', () => {
    interface Billing extends AppEvents {
      'invoice.sent': { invoiceId: string };
    }
    const bus = createEventBus<Billing>();
    bus.on('*.sent', (event) => expectTypeOf(event.data.invoiceId).toBeString());
  });
});
