import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createEventBus, type Subscription } from '../../index.js';
import { Registry, type Topic } from './registry.js';
import { GONE, Registration } from './subscription.js';

/** Sends an event of each type through a registry, as dispatch does. */
function use(registry: Registry, types: Iterable<string>, dispatchedBefore = 0): number {
  let dispatched = dispatchedBefore;
  for (const type of types) {
    const topic = registry.topics.get(type);
    if (topic === undefined || topic.generation !== registry.generation) registry.resolve(type, topic, dispatched);
    dispatched++;
  }
  return dispatched;
}

function* distinct(count: number): Generator<string> {
  for (let i = 0; i < count; i++) yield `reply.${i}`;
}

describe('the registry', () => {
  it('keeps a bounded number of types that nobody subscribed to', () => {
    const registry = new Registry();
    use(registry, distinct(100_000));
    expect(registry.topics.size).toBeLessThanOrEqual(4096);
  });

  it('keeps a bounded number of types that only wildcards match', () => {
    const registry = new Registry();
    registry.add(new Registration(() => {}, 'reply.*', 1, undefined));
    const dispatched = use(registry, distinct(100_000));
    expect(registry.topics.size).toBeLessThanOrEqual(4096);
    expect(registry.resolve('reply.x', undefined, dispatched).list).toHaveLength(1);
  });

  it('comes back to keeping lists when types repeat again', () => {
    const registry = new Registry();
    let dispatched = use(registry, distinct(20_000));
    for (let round = 0; round < 200; round++) dispatched = use(registry, distinct(1000), dispatched);
    expect([...distinct(1000)].filter((type) => !registry.topics.has(type))).toEqual([]);
  });

  it('never forgets a type that has a subscription', () => {
    const registry = new Registry();
    const registrations = Array.from(distinct(5000), (type, i) => new Registration(() => {}, type, i, undefined));
    for (const registration of registrations) registry.add(registration);
    use(
      registry,
      Array.from({ length: 50_000 }, (_, i) => `other.${i}`),
    );
    for (const [i, type] of [...distinct(5000)].entries())
      expect(registry.topics.get(type)?.list).toEqual([registrations[i]]);
    expect(registry.topics.size).toBeLessThanOrEqual(5000 + 4096);
  });

  it('leaves nothing of a type or a pattern whose last subscription is gone', () => {
    const registry = new Registry();
    for (const type of distinct(1000)) {
      const own = [type, `${type}.*`, [`${type}.a`, `**.${type}.b`], ['*', '**', 'a.**.**', 'a.**']].map(
        (pattern, i) => new Registration(() => {}, pattern, i, undefined),
      );
      for (const registration of own) registry.add(registration);
      for (const registration of own) registry.remove(registration);
    }
    expect(registry.topics.size).toBe(new Registry().topics.size);
    expect(registry.all()).toEqual([]);
  });

  it('drops whoever goes from lists of any size, whatever else is on them', () => {
    const registry = new Registry();
    const registrations = Array.from(
      { length: 60 },
      (_, i) => new Registration(() => {}, ['a', 'a.**', ['b', 'a', '*']][i % 3] as string, i, { priority: i % 4 }),
    );
    const lists = (): number[] =>
      ['a', 'b'].map((type) => {
        const topic = registry.topics.get(type);
        const current = topic?.generation === registry.generation ? topic : registry.resolve(type, topic, 0);
        return current.list.length;
      });
    for (const registration of registrations) registry.add(registration);
    expect(lists()).toEqual([60, 20]);
    for (const [i, registration] of registrations.entries()) {
      if (i % 2 === 0) registry.remove(registration);
    }
    expect(lists()).toEqual([30, 10]);
    for (const registration of registrations) registry.remove(registration);
    expect(lists()).toEqual([0, 0]);
  });

  it('keeps long lists right while many come and go, an eighth of the dead in them at most, none where they are walked', () => {
    const step = fc.oneof(
      {
        weight: 3,
        arbitrary: fc.record({ add: fc.integer({ min: 1, max: 120 }), spread: fc.integer({ min: 1, max: 3 }) }),
      },
      { weight: 4, arbitrary: fc.record({ remove: fc.integer({ min: 1, max: 90 }), from: fc.nat(996) }) },
      { weight: 1, arbitrary: fc.constantFrom('walk' as const, 'stop' as const, 'wildcard' as const) },
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const registry = new Registry();
        const live: Registration[] = [];
        let count = 0;
        let walks: { topic: Topic; list: readonly Registration[] }[] = [];
        const add = (pattern: string, priority: number): void => {
          const registration = new Registration(() => {}, pattern, count++, { priority });
          registry.add(registration);
          live.push(registration);
        };
        const current = (): Topic => {
          const topic = registry.topics.get('a');
          return topic?.generation === registry.generation ? topic : registry.resolve('a', topic, count);
        };
        for (const one of steps) {
          if (one === 'walk') {
            const topic = current();
            topic.busy++;
            walks.push({ topic, list: topic.list.slice() });
          } else if (one === 'stop') {
            for (const { topic } of walks) topic.busy--;
            walks = [];
          } else if (one === 'wildcard') add('*', 0);
          else if ('add' in one) for (let i = 0; i < one.add; i++) add('a', i % one.spread);
          else {
            for (let i = 0; i < one.remove && live.length > 0; i++) {
              const [gone] = live.splice((one.from + i * 31) % live.length, 1) as [Registration];
              registry.remove(gone);
            }
          }
          for (const { topic, list } of walks) expect(topic.list).toEqual(list);
          const exact = live.filter(({ pattern }) => pattern === 'a');
          expect(registry.topics.get('a')?.exact.length ?? 0).toBeLessThanOrEqual(
            Math.max(64, (exact.length * 8) / 7 + 1),
          );
          expect(registry.all()).toEqual(live.toSorted((a, b) => a.sequence - b.sequence));
          expect(registry.candidates('a').toSorted((a, b) => a.sequence - b.sequence)).toEqual(
            exact.toSorted((a, b) => a.sequence - b.sequence),
          );
          expect(current().list).toHaveLength(current().exact.length + live.length - exact.length);
          expect(current().list.filter(({ state }) => state !== GONE)).toEqual(
            live.toSorted((a, b) => b.priority - a.priority || a.sequence - b.sequence),
          );
        }
        for (const registration of live) registry.remove(registration);
        expect([...registry.topics.values()].filter(({ exact }) => exact.length > 0)).toEqual([]);
      }),
    );
  });

  it('lets go of a long list bit by bit, though wildcards come and go between', () => {
    const registry = new Registry();
    const registrations = Array.from({ length: 400 }, (_, i) => new Registration(() => {}, 'a', i, undefined));
    for (const registration of registrations) registry.add(registration);
    for (let live = 390; live >= 0; live -= 10) {
      for (const registration of registrations.slice(live, live + 10)) registry.remove(registration);
      const wildcard = new Registration(() => {}, '*', 1000, undefined);
      registry.add(wildcard);
      const topic = registry.resolve('a', registry.topics.get('a'), 0);
      expect(topic.exact.length).toBeLessThanOrEqual(Math.max(64, (live * 8) / 7 + 1));
      registry.remove(wildcard);
    }
    expect(registry.topics.get('a')?.exact).toEqual([]);
  });

  it('names everyone once, in order of subscription', () => {
    const registry = new Registry();
    const registrations = ['b', ['b', 'a', '**'], 'a.*', '*', 'a'].map(
      (pattern, i) => new Registration(() => {}, pattern, i, { priority: i % 3 }),
    );
    for (const registration of registrations.toReversed()) registry.add(registration);
    expect(registry.all()).toEqual(registrations);
  });
});

describe('handlers', () => {
  it('D1 run by priority, then in order of subscription, exact and wildcard alike', () => {
    const bus = createEventBus();
    const calls: number[] = [];
    const patterns = ['a.b', 'a.*', '**', ['a.b', 'c'], '*'];
    const priorities = [0, 10, -5, 0, 10, 1, 0, -5, 2.5, 0];
    const order = priorities.map((priority, i) => ({ priority, i }));
    for (const { priority, i } of order) {
      bus.on(patterns[i % patterns.length] as string, () => calls.push(i), { priority });
    }
    bus.emit('a.b');
    expect(calls).toEqual(order.toSorted((x, y) => y.priority - x.priority || x.i - y.i).map(({ i }) => i));
  });

  it('D1 keep their order when others come and go, before and after a list is first used', () => {
    const bus = createEventBus();
    const calls: string[] = [];
    const on = (name: string, pattern: string, priority?: number): Subscription =>
      bus.on(pattern, () => calls.push(name), priority === undefined ? {} : { priority });
    const emitted = (): string => {
      bus.emit('a');
      return calls.splice(0).join(' ');
    };
    expect(emitted()).toBe('');
    const one = on('one', 'a');
    on('two', '*');
    expect(emitted()).toBe('one two');
    on('three', 'a', 5);
    on('four', '**', 5);
    expect(emitted()).toBe('three four one two');
    one();
    expect(emitted()).toBe('three four two');
    on('five', 'a');
    expect(emitted()).toBe('three four two five');
  });

  it('D6 are all called though a wildcard comes and an earlier handler goes in the middle of a dispatch', () => {
    const bus = createEventBus();
    const calls: string[] = [];
    let begun = false;
    const first = bus.on('a', () => {
      calls.push('first');
      if (begun) return;
      begun = true;
      bus.on('unrelated.*', () => {});
      bus.emit('a');
      first();
      bus.on('a', () => calls.push('late'), { priority: -1 });
    });
    bus.on('a', () => calls.push('second'));
    bus.on('a', () => calls.push('third'));
    bus.emit('a');
    expect(calls).toEqual(['first', 'second', 'third', 'second', 'third', 'late']);
  });

  it.each([100, 5000])('D6 are never called once they are gone, though %i went at once', (count) => {
    const bus = createEventBus();
    const calls: number[] = [];
    const handles = Array.from({ length: count }, (_, i) => bus.on('a', () => calls.push(i), { priority: i % 2 }));
    const left = handles.map((_, i) => i).filter((i) => i % 17 === 0);
    const most = handles.filter((_, i) => i % 17 !== 0);
    const leave = (): void => {
      for (const off of most) off();
    };
    bus.on('a', leave, { once: true, priority: 9 });
    const expected = left.toSorted((a, b) => (b % 2) - (a % 2) || a - b);
    bus.emit('a');
    expect(calls.splice(0)).toEqual(expected);
    bus.emit('a');
    expect(calls).toEqual(expected);
  });

  it('D7 that are one function are called once for each subscription', () => {
    const bus = createEventBus();
    let calls = 0;
    const handler = (): number => calls++;
    const handles = [bus.on('a', handler), bus.on('a', handler), bus.on('*', handler)];
    bus.emit('a');
    expect(calls).toBe(3);
    handles[1]?.();
    bus.emit('a');
    expect(calls).toBe(5);
    expect(handles.map(({ active }) => active)).toEqual([true, false, true]);
  });
});
