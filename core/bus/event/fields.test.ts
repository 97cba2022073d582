import { describe, expect, it } from 'vitest';
import { createEventBus } from '../../index.js';

describe('a field of an event', () => {
  it('D4 has no reason of a cancel before there was one', () => {
    const { event } = createEventBus().emit('a');
    expect(event.cancelled).toBe(false);
    expect(event.cancelReason).toBeUndefined();
  });

  it('Q3 stands in its record when it limits its life, and only then', () => {
    const bus = createEventBus();
    expect(bus.emit('a', 0, { ttlMs: 50 }).event.toRecord()).toMatchObject({ ttlMs: 50 });
    expect('ttlMs' in bus.emit('a').event.toRecord()).toBe(false);
  });

  it('E7 that holds nothing, or is read by an accessor, does not stop the others from being frozen', () => {
    const data = {
      nothing: null,
      get computed(): { n: number } {
        throw new Error('nobody asked');
      },
      deep: { list: [1] },
    };
    createEventBus({ freeze: true }).emit('a', data);
    expect(Object.isFrozen(data.deep.list)).toBe(true);
  });
});
