import Emittery from 'emittery';
import EventEmitter2 from 'eventemitter2';
import EventEmitter3 from 'eventemitter3';
import mitt from 'mitt';
import { createNanoEvents } from 'nanoevents';
import { describe, expect, it } from 'vitest';
import { createEventBus } from '../../index.js';
import { abortingEmitters, all, onEach } from './emitters.test.kit.js';

describe('peers: unsubscribing', () => {
  it('what on returns is a function that unsubscribes', async () => {
    const handler = (): void => {};
    expect(mitt<{ a: undefined }>().on('a', handler)).toBeUndefined();
    const emitter3 = new EventEmitter3();
    expect(emitter3.on('a', handler)).toBe(emitter3);
    const emitter2 = new EventEmitter2();
    expect(emitter2.on('a', handler)).toBe(emitter2);
    expect(emitter2.on('a', handler, { objectify: true })).toHaveProperty('off', expect.any(Function));

    const calls = await onEach(
      async (emitter) => {
        let count = 0;
        emitter.on('a', () => count++)();
        await emitter.emit('a');
        return count;
      },
      ['nanoevents', 'emittery', 'crosstown'],
    );
    expect(calls).toEqual(all(0, ['nanoevents', 'emittery', 'crosstown']));
  });

  it('unsubscribing again, or after everything was removed, does nothing', async () => {
    const calls = await onEach(async (emitter) => {
      const seen: string[] = [];
      const off = emitter.on('a', () => seen.push('gone'));
      emitter.on('a', () => seen.push('stays'));
      off();
      off();
      await emitter.emit('a');
      const another = emitter.on('a', () => seen.push('gone too'));
      emitter.clear();
      another();
      await emitter.emit('a');
      return seen;
    });
    expect(calls).toEqual(all(['stays']));
  });

  it('D6 a signal unsubscribes when it aborts, and one that has aborted never subscribes', async () => {
    const calls: string[] = [];
    for (const emitter of abortingEmitters()) {
      const controller = new AbortController();
      emitter.on('a', () => void calls.push('called'), { signal: controller.signal });
      emitter.on('a', () => void calls.push('never'), { signal: AbortSignal.abort() });
      await emitter.emit('a');
      controller.abort();
      await emitter.emit('a');
    }
    expect(calls).toEqual(['called', 'called']);
  });

  it('D6 unsubscribing lets go of the signal', () => {
    for (const emitter of abortingEmitters()) {
      const { signal } = new AbortController();
      let listening = 0;
      signal.addEventListener = () => void listening++;
      signal.removeEventListener = () => void listening--;
      const off = emitter.on('a', () => {}, { signal });
      expect(listening).toBe(1);
      off();
      expect(listening).toBe(0);
    }
  });

  it('a subscription is disposable', () => {
    const bus = createEventBus();
    let calls = 0;
    {
      using _ = bus.on('a', () => calls++);
      bus.emit('a');
    }
    bus.emit('a');
    expect(calls).toBe(1);
    const handles: (() => void)[] = [createNanoEvents().on('a', () => {}), new Emittery().on('a', () => {})];
    expect(handles.map((off) => Symbol.dispose in off)).toEqual([false, false]);
  });
});
