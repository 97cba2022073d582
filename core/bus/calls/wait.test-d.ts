import { describe, expectTypeOf, it } from 'vitest';
import { type BusEvent, createEventBus, type EventOf } from '../../index.js';

interface AppEvents {
  'user.created': { userId: string };
  'user.deleted': { reason: string };
  ping: undefined;
}

describe('waitFor', () => {
  const bus = createEventBus<AppEvents>();

  it('R6 resolves with the events of its pattern', () => {
    expectTypeOf(bus.waitFor('user.created')).toEqualTypeOf<Promise<EventOf<AppEvents, 'user.created'>>>();
    expectTypeOf(bus.waitFor('user.*')).toEqualTypeOf<Promise<EventOf<AppEvents, 'user.*'>>>();
    expectTypeOf(bus.waitFor(['user.created', 'ping'])).toEqualTypeOf<
      Promise<EventOf<AppEvents, 'user.created' | 'ping'>>
    >();
  });

  it('R6 gives them to its filter', () => {
    void bus.waitFor('user.deleted', {
      filter: (event) => {
        expectTypeOf(event).toEqualTypeOf<BusEvent<'user.deleted', { reason: string }>>();
        return event.data.reason === 'asked';
      },
    });
    // @ts-expect-error no such field in the data
    void bus.waitFor('user.created', { filter: ({ data }) => data.reason === '' });
  });

  it('R6 takes no pattern that matches nothing, and no option of a handler', () => {
    // @ts-expect-error no such type
    void bus.waitFor('user.created.twice');
    // @ts-expect-error it is always for one event
    void bus.waitFor('ping', { once: true });
  });
});
