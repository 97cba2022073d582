import { describe, expect, it } from 'vitest';
import { createEventBus, InvalidOptionError } from '../../index.js';

/** The signal of a controller that counts its abort listeners. */
function countedSignal(): { signal: AbortSignal; abort: () => void; listeners: () => number } {
  const controller = new AbortController();
  const { signal } = controller;
  let listeners = 0;
  const { addEventListener, removeEventListener } = signal;
  signal.addEventListener = (...args: Parameters<typeof addEventListener>) => {
    listeners++;
    addEventListener.apply(signal, args);
  };
  signal.removeEventListener = (...args: Parameters<typeof removeEventListener>) => {
    listeners--;
    removeEventListener.apply(signal, args);
  };
  return { signal, abort: () => controller.abort(), listeners: () => listeners };
}

describe('the signal of a subscription', () => {
  it('D6 unsubscribes when it aborts', () => {
    const bus = createEventBus();
    const controller = new AbortController();
    let calls = 0;
    const handles = ['a', 'a.**', '*'].map((pattern) => bus.on(pattern, () => calls++, { signal: controller.signal }));
    bus.emit('a');
    controller.abort();
    bus.emit('a');
    expect(calls).toBe(3);
    expect(handles.some(({ active }) => active)).toBe(false);
  });

  it('D6 that has aborted already subscribes nobody', () => {
    const bus = createEventBus();
    let calls = 0;
    const off = bus.on('a', () => calls++, { signal: AbortSignal.abort() });
    bus.emit('a');
    expect([calls, off.active]).toEqual([0, false]);
    off();
    off.resume();
    expect(off.active).toBe(false);
  });

  it('D6 unsubscribes though others listen to the signal too', () => {
    const bus = createEventBus();
    const controller = new AbortController();
    controller.signal.addEventListener('abort', () => {});
    const off = bus.on('a', () => {}, { signal: controller.signal });
    controller.signal.addEventListener('abort', () => {});
    controller.abort();
    expect(off.active).toBe(false);
  });

  it('D6 that aborts in a handler stops the later ones', () => {
    const bus = createEventBus();
    const controller = new AbortController();
    const calls: string[] = [];
    bus.on('a', () => controller.abort());
    bus.on('a', () => calls.push('aborted'), { signal: controller.signal });
    bus.on('a', () => calls.push('free'));
    bus.emit('a');
    expect(calls).toEqual(['free']);
  });

  it('D6 is heeded by an event that an earlier abort listener emits', () => {
    const bus = createEventBus();
    const controller = new AbortController();
    let calls = 0;
    controller.signal.addEventListener('abort', () => bus.emit('a'));
    bus.on('a', () => calls++, { signal: controller.signal });
    controller.abort();
    expect(calls).toBe(0);
  });

  it('has one listener for any number of subscriptions, gone with the last of them', () => {
    const bus = createEventBus();
    const { signal, listeners } = countedSignal();
    const handles = Array.from({ length: 100 }, () => bus.on('a', () => {}, { signal }));
    expect(listeners()).toBe(1);
    for (const off of handles.slice(1)) off();
    expect(listeners()).toBe(1);
    handles[0]?.();
    expect(listeners()).toBe(0);
    const again = bus.on('a', () => {}, { signal });
    expect(listeners()).toBe(1);
    again();
  });

  it('is let go of when the bus closes', async () => {
    const bus = createEventBus();
    const { signal, listeners } = countedSignal();
    bus.on('a', () => {}, { signal });
    await bus.close();
    expect(listeners()).toBe(0);
  });

  it('leaves the subscriptions of other signals and buses alone', () => {
    const [one, other] = [createEventBus(), createEventBus()];
    const [first, second] = [new AbortController(), new AbortController()];
    const handles = [
      one.on('a', () => {}, { signal: first.signal }),
      one.on('a', () => {}, { signal: second.signal }),
      other.on('a', () => {}, { signal: first.signal }),
      other.on('a', () => {}, { signal: second.signal }),
    ];
    first.abort();
    expect(handles.map(({ active }) => active)).toEqual([false, true, false, true]);
  });

  it('that is none is refused, and nothing stays subscribed', () => {
    const bus = createEventBus();
    let calls = 0;
    expect(() => bus.on('a', () => calls++, { signal: {} as AbortSignal })).toThrow(InvalidOptionError);
    bus.emit('a');
    expect(calls).toBe(0);
  });
});
