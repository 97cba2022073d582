import { describe, expectTypeOf, it } from 'vitest';
import { createEventBus, type EventOf } from '../index.js';
import { createTestEventBus } from '../testing/index.js';
import { type ReplayProgress, replay } from './replay.js';

interface AppEvents {
  'order.placed': { total: number };
  'order.paid': { method: string };
  ping: undefined;
}

describe('a replay', () => {
  const bus = createEventBus<AppEvents>();

  it('S8 takes the patterns of its bus, and gives the events they match to its filter', () => {
    void replay(bus, {
      pattern: 'order.*',
      filter: (event) => {
        expectTypeOf(event).toEqualTypeOf<EventOf<AppEvents, 'order.*'>>();
        return event.type === 'order.placed' && event.data.total > 0;
      },
    });
    void replay(createTestEventBus<AppEvents>(), {
      pattern: ['ping', 'order.paid'],
      filter: ({ type }) => {
        expectTypeOf(type).toEqualTypeOf<'ping' | 'order.paid'>();
        return true;
      },
    });
    // @ts-expect-error no such type
    void replay(bus, { pattern: 'order.payed' });
    // @ts-expect-error no such field in the data
    void replay(bus, { pattern: 'order.paid', filter: ({ data }) => data.total > 0 });
  });

  it('S8 takes every event without a pattern, and any pattern on a bus without a map', () => {
    expectTypeOf(replay(bus)).toEqualTypeOf<Promise<ReplayProgress>>();
    void replay(bus, {
      filter: (event) => {
        expectTypeOf(event).toEqualTypeOf<EventOf<AppEvents, '**'>>();
        return true;
      },
    });
    void replay(createEventBus(), { pattern: 'whatever.comes' });
  });

  it('S8 takes no speed that does not exist', () => {
    void replay(bus, { speed: { factor: 2, maxDelayMs: 1_000 } });
    // @ts-expect-error no such speed
    void replay(bus, { speed: 'fast' });
    // @ts-expect-error not both
    void replay(bus, { speed: { delayMs: 1, factor: '2' } });
  });

  it('S8 marks an event given whole, whose data is still that of its type', () => {
    bus.emit({ type: 'order.paid', data: { method: 'card' }, replay: { to: ['analytics'], store: true, send: false } });
    // @ts-expect-error the data of another type
    bus.emit({ type: 'order.paid', data: { total: 1 }, replay: {} });
  });
});
