import Emittery from 'emittery';
import EventEmitter2 from 'eventemitter2';
import EventEmitter3 from 'eventemitter3';
import mitt from 'mitt';
import { createNanoEvents } from 'nanoevents';
import { describe, expect, it } from 'vitest';
import { createEventBus, type Inspection } from '../../index.js';
import { all, onEach, outcomeOf } from './emitters.test.kit.js';

/** An emitter that passes on whatever it is given. */
interface Loose {
  on(type: string, handler: (...given: unknown[]) => void): unknown;
  emit(type: string, ...data: unknown[]): unknown;
}

/** The bus as something that observes property reads sees it: every method is bound to the proxy. */
function behindProxy<T extends object>(target: T): T {
  return new Proxy(target, {
    get(of, key, receiver) {
      const value: unknown = Reflect.get(of, key, receiver);
      return typeof value === 'function' ? value.bind(receiver) : value;
    },
  });
}

describe('peers: what a bus is', () => {
  it('`this` in a handler is undefined', async () => {
    const seen: Record<string, unknown> = {};
    const handler = (name: string) =>
      function (this: unknown): void {
        seen[name] = this;
      };
    const emitters = { mitt: mitt(), nanoevents: createNanoEvents(), eventemitter2: new EventEmitter2() };
    for (const [name, emitter] of Object.entries<Loose>(emitters)) {
      emitter.on('a', handler(name));
      emitter.emit('a');
    }
    const [emitter3, context] = [new EventEmitter3(), { any: 'object' }];
    emitter3.on('a', handler('eventemitter3')).on('a', handler('with a context'), context).emit('a');
    const emittery = new Emittery();
    emittery.on('a', handler('emittery'));
    await emittery.emit('a');
    const bus = createEventBus();
    bus.on('a', handler('crosstown'));
    bus.emit('a');
    expect(seen['nanoevents']).toBe(emitters.nanoevents.events['a']);
    expect(seen['eventemitter3']).toBe(emitter3);
    expect(seen['with a context']).toBe(context);
    expect(seen['eventemitter2']).toBe(emitters.eventemitter2);
    expect([seen['mitt'], seen['emittery'], seen['crosstown']]).toEqual([undefined, undefined, undefined]);
  });

  it('an arrow function keeps the `this` it was made with', async () => {
    class App {
      value = 'before';
      readonly handler = (data: unknown): void => {
        this.value = String(data);
      };
    }
    const values = await onEach(async (emitter) => {
      const app = new App();
      const { handler } = app;
      emitter.on('a', handler);
      await emitter.emit('a', 'after');
      return app.value;
    });
    expect(values).toEqual(all('after'));
  });

  it('I1 the subscriptions of a bus are its own; observers hear of them', () => {
    const calls: string[] = [];
    const planted = mitt<{ a: undefined }>(new Map([['a' as const, [() => calls.push('mitt')]]]));
    planted.emit('a');
    const replaced = createNanoEvents();
    replaced.events = { a: [() => calls.push('nanoevents')] };
    replaced.emit('a');
    expect(calls).toEqual(['mitt', 'nanoevents']);

    const handler = (): void => {};
    for (const emitter of [new EventEmitter3(), new EventEmitter2()]) {
      emitter.on('a', handler);
      emitter.listeners('a').length = 0;
      expect([emitter.listeners('a'), emitter.listenerCount('a')]).toEqual([[handler], 1]);
      expect(emitter.eventNames()).toEqual(['a']);
    }
    const emittery = new Emittery();
    emittery.on('a', handler);
    emittery.onAny(handler);
    expect([emittery.listenerCount('a'), emittery.listenerCount()]).toEqual([2, 2]);

    const bus = createEventBus();
    const told: Inspection[] = [];
    bus.inspect((inspection) => told.push(inspection));
    bus.on(['a', 'b.*'], handler, { priority: 5 })();
    const what = { patterns: ['a', 'b.*'], name: 'handler', priority: 5 };
    expect(told).toEqual([
      expect.objectContaining({ kind: 'subscribed', handler: expect.objectContaining(what) }),
      expect.objectContaining({ kind: 'unsubscribed', handler: expect.objectContaining(what) }),
    ]);
  });

  it('a method taken off its bus throws', async () => {
    const { emit } = mitt<{ a: undefined }>();
    expect(emit('a')).toBeUndefined();
    const { emit: ofNano } = createNanoEvents();
    const { emit: of3 } = new EventEmitter3();
    const { emit: ofEmittery } = new Emittery();
    const { emit: ofBus } = createEventBus();
    const methods = [ofNano, of3, ofEmittery, ofBus] as ((type: string) => unknown)[];
    const outcomes = methods.map((method) => outcomeOf(() => method('a')));
    expect(await Promise.all(outcomes)).toEqual([
      'throws TypeError',
      'throws TypeError',
      'rejects with TypeError',
      'throws TypeError',
    ]);
    // Its `this` is then the global object, which has no handlers.
    const { emit: of2 } = new EventEmitter2();
    expect(of2('a')).toBe(false);
  });

  it('a bus behind a proxy that binds its methods throws', async () => {
    const calls: string[] = [];
    const open = {
      mitt: mitt(),
      nanoevents: createNanoEvents(),
      eventemitter3: new EventEmitter3(),
      eventemitter2: new EventEmitter2(),
    };
    for (const [name, emitter] of Object.entries<Loose>(open)) {
      const proxy = behindProxy(emitter);
      proxy.on('a', () => calls.push(name));
      proxy.emit('a');
    }
    expect(calls).toEqual(Object.keys(open));
    expect(() => behindProxy(new Emittery()).on('a', () => {})).toThrow(TypeError);
    expect(() => behindProxy(createEventBus()).on('a', () => {})).toThrow(TypeError);
  });
});
