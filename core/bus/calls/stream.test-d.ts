import { describe, expectTypeOf, it } from 'vitest';
import { createEventBus, type EventOf } from '../../index.js';

interface AppEvents {
  'user.created': { userId: string };
  'user.deleted': { reason: string };
  ping: undefined;
}

describe('a stream', () => {
  const bus = createEventBus<AppEvents>();

  it('R7 hands out the events of its pattern, told apart by their type', async () => {
    for await (const event of bus.stream('user.*')) {
      expectTypeOf(event).toEqualTypeOf<EventOf<AppEvents, 'user.*'>>();
      if (event.type === 'user.deleted') expectTypeOf(event.data).toEqualTypeOf<{ reason: string }>();
    }
    for await (const event of bus.stream(['ping', 'user.created'])) {
      expectTypeOf(event.type).toEqualTypeOf<'ping' | 'user.created'>();
    }
  });

  it('R7 gives them to its filter', () => {
    bus.stream('user.created', { filter: ({ data }) => data.userId === '1', buffer: 10, overflow: 'reject' });
    // @ts-expect-error no such field in the data
    bus.stream('user.created', { filter: ({ data }) => data.reason === '' });
  });

  it('R7 takes no pattern that matches nothing, and no policy that does not exist', () => {
    // @ts-expect-error no such type
    bus.stream('user.created.twice');
    // @ts-expect-error no such policy
    bus.stream('ping', { overflow: 'dropAll' });
  });
});
