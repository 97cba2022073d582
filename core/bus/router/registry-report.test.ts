import { describe, expect, it } from 'vitest';
import { createEventBus } from '../../index.js';

describe('the subscriptions of a bus', () => {
  it('I5 are counted by pattern, most first', () => {
    const bus = createEventBus();
    bus.on('b', () => {});
    const offs = [1, 2, 3].map(() => bus.on('a.*', () => {}));
    bus.on('b', () => {});
    bus.on('c', () => {});
    expect(bus.subscriptions().map(({ pattern, count }) => [pattern, count])).toEqual([
      ['a.*', 3],
      ['b', 2],
      ['c', 1],
    ]);
    for (const off of offs) off();
    expect(bus.subscriptions().map(({ pattern, count }) => [pattern, count])).toEqual([
      ['b', 2],
      ['c', 1],
    ]);
  });

  it('I5 count a list of patterns as one, however it is written', () => {
    const bus = createEventBus();
    bus.on(['b', 'a.*'], () => {});
    bus.on(['a.*', 'b', 'b'], () => {});
    expect(bus.subscriptions()).toEqual([{ pattern: 'a.* b', count: 2, sites: [] }]);
  });

  it('I5 are told from a plain object of patterns', () => {
    const bus = createEventBus();
    bus.on('__proto__', () => {});
    bus.on('constructor', () => {});
    expect(bus.subscriptions().map(({ pattern }) => pattern)).toEqual(['__proto__', 'constructor']);
  });

  it('I5 include waits and streams, and are none on a closed bus', async () => {
    const bus = createEventBus();
    bus.waitFor('a').catch(() => {});
    const stream = bus.stream('a');
    bus.once('a', () => {});
    expect(bus.subscriptions()).toEqual([{ pattern: 'a', count: 3, sites: [] }]);
    await stream.return?.();
    bus.emit('a');
    expect(bus.subscriptions()).toEqual([]);
    bus.on('a', () => {});
    await bus.close();
    expect(bus.subscriptions()).toEqual([]);
  });

  it('I5 do not say where they were made unless that is traced', () => {
    const bus = createEventBus();
    bus.on('a', () => {});
    expect(bus.subscriptions()[0]?.sites).toEqual([]);
  });
});
