import { describe, expectTypeOf, it } from 'vitest';
import { createEventBus, type EventOf, type Plugin } from '../index.js';
import { createTestEventBus } from '../testing/index.js';
import { type Aggregate, aggregate } from './aggregate.js';

interface AppEvents {
  'user.activity.click': { userId: string; x: number };
  'user.activity.scroll': { userId: string; y: number };
  'user.activity.summary': { userId: string; count: number };
  ping: undefined;
}

type Activity = EventOf<AppEvents, 'user.activity.click' | 'user.activity.scroll'>;

describe('an aggregate', () => {
  const bus = createEventBus<AppEvents>();
  const span = { mode: 'tumbling', windowMs: 1_000 } as const;

  it('W2 types its events by its patterns, without those it emits, where it is installed', () => {
    void bus.install(
      aggregate({
        ...span,
        on: 'user.activity.*',
        key: (event) => {
          expectTypeOf(event).toEqualTypeOf<Activity>();
          return event.data.userId;
        },
        emit: 'user.activity.summary',
        summarize: (events, userId, { count }) => {
          expectTypeOf(events).toEqualTypeOf<readonly Activity[]>();
          return { userId, count };
        },
        onLate: ({ type }) => expectTypeOf(type).toEqualTypeOf<'user.activity.click' | 'user.activity.scroll'>(),
      }),
    );
    void createTestEventBus<AppEvents>().install(
      aggregate({
        ...span,
        on: ['ping', 'user.activity.click'],
        key: (event) => (event.type === 'ping' ? undefined : event.data.userId),
        emit: 'user.activity.summary',
        summarize: {
          initial: (userId) => ({ userId, count: 0 }),
          reduce: (summary, event) => ({ ...summary, count: summary.count + (event.data?.x ?? 0) }),
        },
      }),
    );
  });

  it('W2 is made for a map, with what else it can be asked', () => {
    const made = aggregate<AppEvents>()({
      ...span,
      on: 'user.activity.click',
      key: ({ data }) => data.userId,
      emit: 'user.activity.summary',
      summarize: ([first], userId) => ({ userId, count: first?.data.x ?? 0 }),
    });
    expectTypeOf(made).toEqualTypeOf<Aggregate<AppEvents>>();
    void bus.install([made]);
    const annotated: Plugin<AppEvents> = aggregate({
      ...span,
      on: 'ping',
      key: () => 'all',
      emit: 'user.activity.summary',
      summarize: (events, userId) => ({ userId, count: events.length }),
    });
    void bus.install(annotated);
    void createEventBus().install(
      aggregate({ ...span, on: 'a.*', key: ({ source }) => source, emit: 'b', summarize: (events) => events.length }),
    );
  });

  it('W2 emits what fits its type', () => {
    const make = aggregate<AppEvents>();
    const rest = { ...span, on: 'ping', key: () => 'all' } as const;
    const summary = { ...rest, emit: 'user.activity.summary' } as const;
    // @ts-expect-error a count is a number
    make({ ...summary, summarize: (_, userId) => ({ userId, count: '1' }) });
    // @ts-expect-error what it begins with is a summary
    make({ ...summary, summarize: { initial: () => 0, reduce: (sum) => sum } });
    // @ts-expect-error no such type
    make({ ...rest, emit: 'user.summary', summarize: () => undefined });
    // @ts-expect-error no such event
    make({ ...rest, on: 'pong', emit: 'ping', summarize: () => undefined });
    // @ts-expect-error a ping has no user
    make({ ...rest, key: ({ data }) => data.userId, emit: 'ping', summarize: () => undefined });
  });

  it('W2 has the options of its mode', () => {
    const make = aggregate<AppEvents>();
    const rest = { on: 'ping', key: () => 'all', emit: 'ping', summarize: () => undefined } as const;
    make({ ...rest, mode: 'sliding', windowMs: 100, slideMs: 50 });
    make({ ...rest, mode: 'debounce', windowMs: 100, maxWaitMs: 500 });
    // @ts-expect-error how far it slides is missing
    make({ ...rest, mode: 'sliding', windowMs: 100 });
    // @ts-expect-error windows by timestamp are not put off
    make({ ...rest, mode: 'tumbling', windowMs: 100, maxWaitMs: 500 });
  });
});
