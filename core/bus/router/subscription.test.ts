import { describe, expect, it } from 'vitest';
import { createEventBus, InvalidOptionError } from '../../index.js';
import { deferred, reactions } from '../deferred.test.kit.js';

describe('a subscription', () => {
  it('is a function that unsubscribes, any number of times', () => {
    const bus = createEventBus();
    const seen: unknown[] = [];
    const off = bus.on('a', (event) => seen.push(event.data));
    bus.emit('a', 1);
    expect(off.active).toBe(true);
    off();
    off();
    expect(off.active).toBe(false);
    bus.emit('a', 2);
    expect(seen).toEqual([1]);
  });

  it('is a function like any other', () => {
    const off = createEventBus().on('a', () => {});
    expect(typeof off).toBe('function');
    expect(off).toBeInstanceOf(Function);
    off.call(undefined);
    expect(off.active).toBe(false);
  });

  it('has what it promises, nothing of another, and room for nothing else', () => {
    const bus = createEventBus();
    const [first, second] = [bus.on('a', () => {}), bus.on('b.*', () => {})];
    first.pause();
    second();
    expect([first.pattern, first.active, first.paused]).toEqual(['a', true, true]);
    expect([second.pattern, second.active, second.paused]).toEqual(['b.*', false, false]);
    for (const key of ['pattern', 'active', 'paused', 'pause', 'resume', 'drain', Symbol.dispose])
      expect(key in first, String(key)).toBe(true);
    expect(() => Object.assign(first, { note: 'mine' })).toThrow(TypeError);
    expect('note' in second).toBe(false);
    expect(() => Reflect.construct(first, [])).toThrow(TypeError);
    expect(first).not.toBe(second);
  });

  it('can be disposed of', () => {
    const bus = createEventBus();
    const off = bus.on('a', () => {});
    off[Symbol.dispose]();
    expect(off.active).toBe(false);
  });

  it('says what it was subscribed with', () => {
    const bus = createEventBus();
    expect(bus.on('a.*', () => {}).pattern).toBe('a.*');
    expect(bus.on(['a', 'b.**'], () => {}).pattern).toEqual(['a', 'b.**']);
  });

  it('passes events by while it is paused, and keeps its place', () => {
    const bus = createEventBus();
    const calls: string[] = [];
    const first = bus.on('a', (event) => calls.push(`first ${event.data}`));
    bus.on('a', (event) => calls.push(`second ${event.data}`));
    first.pause();
    expect([first.paused, first.active]).toEqual([true, true]);
    bus.emit('a', 1);
    first.resume();
    expect(first.paused).toBe(false);
    bus.emit('a', 2);
    expect(calls).toEqual(['second 1', 'first 2', 'second 2']);
  });

  it('keeps its filter and its once over a pause', () => {
    const bus = createEventBus();
    const seen: unknown[] = [];
    const off = bus.once('a', (event) => seen.push(event.data), { filter: (event) => event.data !== 'odd' });
    off.pause();
    off.resume();
    for (const data of ['odd', 1, 2]) bus.emit('a', data);
    expect(seen).toEqual([1]);
  });

  it('does not come back by pause or resume once it is gone', () => {
    const bus = createEventBus();
    let calls = 0;
    const off = bus.on('a', () => calls++);
    off();
    off.pause();
    expect([off.active, off.paused]).toEqual([false, false]);
    off.resume();
    bus.emit('a');
    expect([off.active, calls]).toEqual([false, 0]);
  });

  it('pauses later handlers of the event under way', () => {
    const bus = createEventBus();
    const calls: string[] = [];
    bus.on('a', () => later.pause(), { priority: 1 });
    const later = bus.on('a', () => calls.push('later'));
    bus.emit('a');
    expect(calls).toEqual([]);
  });

  it('drains: unsubscribes at once, and resolves when its running calls have settled', async () => {
    const bus = createEventBus({ onError: () => {} });
    const calls = [deferred(), deferred()];
    let started = 0;
    const off = bus.on('a', () => calls[started++]?.promise);
    bus.emit('a');
    bus.emit('a');
    let drained = 0;
    const drains = [off.drain(), off.drain()].map((drain) => drain.then(() => drained++));
    bus.emit('a');
    expect([started, off.active]).toEqual([2, false]);
    calls[0]?.resolve();
    await reactions();
    expect(drained).toBe(0);
    calls[1]?.reject(new Error('even so'));
    await Promise.all(drains);
    expect(drained).toBe(2);
  });

  it('drains at once when nothing runs', async () => {
    await createEventBus()
      .on('a', () => {})
      .drain();
  });

  it.each([undefined, null, 'handler', {}])('is refused without a handler: %j', (handler) => {
    expect(() => createEventBus().on('a', handler as never)).toThrow(InvalidOptionError);
  });

  it('D10 is refused with a filter that is no function', () => {
    const bus = createEventBus();
    expect(() => bus.on('a', () => {}, { filter: 'yes' as never })).toThrow(InvalidOptionError);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, '5', null])('D10 is refused with the priority %j', (priority) => {
    const bus = createEventBus();
    expect(() => bus.on('a', () => {}, { priority: priority as number })).toThrow(InvalidOptionError);
    expect(() => bus.emit('a', 1, { priority: priority as number })).toThrow(InvalidOptionError);
    expect(() => bus.emit({ type: 'a', data: 1, priority: priority as number })).toThrow(InvalidOptionError);
  });

  it('is refused for an empty list of patterns', () => {
    expect(() => createEventBus().on([], () => {})).toThrow(InvalidOptionError);
  });

  it('calls its handler without a this', () => {
    const bus = createEventBus();
    const seen: unknown[] = [];
    bus.on('a', function (this: unknown) {
      seen.push(this);
    });
    bus.emit('a');
    expect(seen).toEqual([undefined]);
  });
});

describe('off', () => {
  it('removes the subscriptions of one pattern, and only those', () => {
    const bus = createEventBus();
    const calls: string[] = [];
    bus.on('a', () => calls.push('a'));
    bus.on('a', () => calls.push('a again'));
    bus.on('a.**', () => calls.push('a.**'));
    bus.on(['a', 'b'], () => calls.push('a or b'));
    bus.off('a');
    bus.emit('a');
    expect(calls).toEqual(['a.**', 'a or b']);
  });

  it('removes those of one handler, of one pattern or of all', () => {
    const bus = createEventBus();
    const calls: string[] = [];
    const handler = (): unknown => calls.push('handler');
    const other = (): unknown => calls.push('other');
    for (const pattern of ['a', 'a', '**']) {
      bus.on(pattern, handler);
      bus.on(pattern, other);
    }
    bus.off('a', handler);
    bus.emit('a');
    expect(calls.splice(0)).toEqual(['other', 'other', 'handler', 'other']);
    bus.off(undefined, handler);
    bus.emit('a');
    expect(calls).toEqual(['other', 'other', 'other']);
  });

  it('knows a list of patterns in any order and spelling', () => {
    const bus = createEventBus();
    const calls: string[] = [];
    bus.on(['a', 'b'], () => calls.push('list'));
    bus.on('a,b', () => calls.push('comma'));
    bus.off('a,b');
    bus.emit('a');
    bus.emit('a,b');
    expect(calls.splice(0)).toEqual(['list']);
    bus.off(['b', 'a', 'b']);
    bus.emit('a');
    expect(calls).toEqual([]);
  });

  it('without arguments removes everything', () => {
    const bus = createEventBus();
    const handles = ['a', 'a.*', '**'].map((pattern) => bus.on(pattern, () => {}));
    bus.off();
    expect(handles.map(({ active }) => active)).toEqual([false, false, false]);
  });
});
