import { describe, expect, it } from 'vitest';
import { createEventBus, type InspectedEvent } from '../../index.js';

/** What an observer is shown of the event that `emit` emits. */
function shown(emit: (bus: ReturnType<typeof createEventBus>) => void): InspectedEvent {
  const bus = createEventBus({ source: 'shop' });
  const seen: InspectedEvent[] = [];
  bus.inspect((inspection) => {
    if (inspection.kind === 'emitted') seen.push(inspection.event);
  });
  emit(bus);
  const [view] = seen;
  if (view === undefined) throw new Error('nothing was shown');
  return view;
}

const whole = {
  id: 'id-1',
  type: 'order.placed',
  timestamp: 5,
  source: 'shop',
  correlationId: 'chain-1',
  causationId: 'id-0',
  data: { total: 7 },
  metadata: { tenant: 'x' },
  priority: 3,
};

describe('an event before observers', () => {
  it('I3 has every field of the event', () => {
    const view = shown((bus) => bus.emit(whole));
    const { id, type, timestamp, source, correlationId, causationId, data, metadata, priority } = view;
    expect({ id, type, timestamp, source, correlationId, causationId, data, metadata, priority }).toEqual(whole);
    expect(view.toRecord()).toEqual({ v: 1, ...whole });
    expect(JSON.parse(JSON.stringify(view))).toEqual({ v: 1, ...whole });
  });

  it('I3 shows whether and why it was cancelled', () => {
    const view = shown((bus) => {
      bus.on('a', (event) => event.cancel('sold out'));
      bus.emit('a');
    });
    expect(view.cancelled).toBe(true);
    expect(view.cancelReason).toBe('sold out');
  });

  it('I3 takes no field more, and cannot cancel', () => {
    const view = shown((bus) => bus.emit('a'));
    expect(Object.isFrozen(view)).toBe(true);
    expect('cancel' in view).toBe(false);
  });
});
