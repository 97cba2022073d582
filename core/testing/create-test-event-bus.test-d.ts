import { expectTypeOf, it } from 'vitest';
import type { EventBus } from '../index.js';
import { createTestEventBus } from './create-test-event-bus.js';

interface AppEvents {
  'user.created': { userId: string };
  'user.removed': { reason: string };
  ping: undefined;
}

const bus = createTestEventBus<AppEvents>();

it('P3 has a test bus typed as the bus it stands for', () => {
  expectTypeOf(bus).toExtend<EventBus<AppEvents>>();
  // @ts-expect-error the map has no such event
  bus.emit('user.renamed');
  // @ts-expect-error time is simulated
  createTestEventBus({ clock: { now: () => 0 } });
});

it('P3 has emitted events narrowed by type', () => {
  const [event] = bus.emitted;
  expectTypeOf(event?.type).toEqualTypeOf<keyof AppEvents | undefined>();
  if (event?.type === 'user.created') expectTypeOf(event.data).toEqualTypeOf<{ userId: string }>();
  // @ts-expect-error what is over is not cancelled
  event?.cancel;
});

it('P3 has emitted events of a pattern typed by it', () => {
  expectTypeOf(bus.emittedOf('user.removed')[0]?.data).toEqualTypeOf<{ reason: string } | undefined>();
  expectTypeOf(bus.emittedOf('user.*')[0]?.type).toEqualTypeOf<'user.created' | 'user.removed' | undefined>();
  expectTypeOf(createTestEventBus().emitted[0]?.data).toEqualTypeOf<unknown>();
  // @ts-expect-error the map has no such event
  bus.emittedOf('user.renamed');
});
