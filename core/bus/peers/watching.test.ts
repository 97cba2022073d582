import Emittery from 'emittery';
import EventEmitter2 from 'eventemitter2';
import { describe, expect, it } from 'vitest';
import { createEventBus, type Inspection } from '../../index.js';

describe('peers: watching', () => {
  it('I1 a subscription that comes or goes is told to observers, its patterns and name with it', async () => {
    const handler = (): void => {};
    const told: unknown[] = [];
    const emittery = new Emittery();
    emittery.on([Emittery.listenerAdded, Emittery.listenerRemoved], ({ eventName }) => void told.push(eventName));
    emittery.on('a', handler)();
    emittery.onAny(handler)();
    await Promise.resolve();
    expect(told.splice(0)).toEqual(['a', 'a', undefined, undefined]);

    const emitter2 = new EventEmitter2({ newListener: true, removeListener: true });
    for (const type of ['newListener', 'removeListener']) emitter2.on(type, (name) => told.push(`${type} ${name}`));
    told.length = 0;
    emitter2.on('a', handler).off('a', handler);
    expect(told.splice(0)).toEqual(['newListener a', 'removeListener a']);

    const bus = createEventBus();
    bus.inspect((inspection) => {
      if (inspection.kind !== 'subscribed' && inspection.kind !== 'unsubscribed') return;
      told.push(`${inspection.kind} ${inspection.handler.patterns} ${inspection.handler.name}`);
    });
    bus.on('a', handler)();
    bus.once('**', handler);
    bus.emit('a');
    expect(told).toEqual([
      'subscribed a handler',
      'unsubscribed a handler',
      'subscribed ** handler',
      'unsubscribed ** handler',
    ]);
  });

  it('I1 an event is shown to observers with its type and data, whatever the data is', async () => {
    const circular: { self?: unknown } = {};
    circular.self = circular;
    const told: unknown[] = [];
    const logger = (...line: unknown[]): void => void told.push(line);
    const emittery = new Emittery({ debug: { name: 'test', enabled: true, logger } });
    await emittery.emit('a', circular);
    expect(told.splice(0)).toEqual([['emit', 'test', 'a', circular]]);

    const bus = createEventBus();
    bus.inspect((inspection) => {
      if (inspection.kind === 'emitted') told.push([inspection.event.type, inspection.event.data]);
    });
    await bus.emit('a', circular);
    expect(told).toEqual([['a', circular]]);
  });

  it('I1 an observer can come and go at any time, and hears nothing more once it has left', async () => {
    const told: string[] = [];
    const emittery = new Emittery();
    emittery.on(Emittery.listenerAdded, () => void told.push('emittery'))();
    emittery.on('a', () => {});
    await emittery.emit('later than what it tells');

    const bus = createEventBus();
    bus.emit('a');
    const leave = bus.inspect((inspection: Inspection) => told.push(inspection.kind));
    bus.emit('a');
    leave();
    bus.on('a', () => {});
    bus.emit('a');
    expect(new Set(told)).toEqual(new Set(['emitted', 'settled']));
  });
});
