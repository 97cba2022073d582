import { describe, expect, it } from 'vitest';
import { type BusEvent, type Emission, PermissionError, type PluginScope, systemClock } from '../../index.js';
import { memoryStore } from '../../stores/memory.js';
import { createTestEventBus } from '../../testing/index.js';
import { reactions } from '../deferred.test.kit.js';

/** Names by which a part of the bus would be known that a plugin must not get at. */
const forbidden = [
  'Bus',
  'Dispatcher',
  'Intake',
  'Registry',
  'Registration',
  'Supervisor',
  'LiveEmission',
  'UnheardEmission',
  'Call',
  'Batch',
  'BusScope',
  'Guard',
  'BusPolicy',
  'Border',
  'Subscriptions',
  'Installation',
  'PluginHost',
];

/** Every object that properties lead to from some, symbols, prototypes and getters included, with the way there. */
function reachable(roots: Readonly<Record<string, unknown>>): Map<object, string> {
  const seen = new Map<object, string>();
  const open: [unknown, string][] = Object.entries(roots).map(([name, root]) => [root, name]);
  const global = new Set<unknown>(
    Object.getOwnPropertyNames(globalThis).map((name) => (globalThis as Record<string, unknown>)[name]),
  );
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [value, way] = next;
    if ((typeof value !== 'object' && typeof value !== 'function') || value === null) continue;
    if (seen.has(value) || global.has(value) || seen.size > 20_000) continue;
    seen.set(value, way);
    for (const proto of [value, Object.getPrototypeOf(value)]) {
      if (proto === null || global.has(proto) || proto === Object.prototype || proto === Function.prototype) continue;
      for (const key of Reflect.ownKeys(proto)) {
        try {
          open.push([Reflect.get(proto, key, value), `${way}.${String(key)}`]);
        } catch {
          // What throws leads nowhere.
        }
      }
      if (proto !== value) open.push([proto, `${way}.[[Prototype]]`]);
    }
  }
  return seen;
}

function insides(roots: Readonly<Record<string, unknown>>): string[] {
  const found: string[] = [];
  for (const [value, way] of reachable(roots)) {
    const { name } = (value as { constructor?: { name?: string } }).constructor ?? {};
    const isInstance = typeof value === 'object' && Object.hasOwn(Object.getPrototypeOf(value) ?? {}, 'constructor');
    if (isInstance && forbidden.includes(name ?? '')) found.push(`${way} is a ${name}`);
  }
  return found;
}

describe('a plugin that reaches for the host', () => {
  it('G3 finds no part of the bus in anything it is given', async () => {
    const bus = createTestEventBus({ store: memoryStore(), traceSubscriptions: true });
    const given: Record<string, unknown> = {};
    const keep = (name: string, value: unknown): void => {
      given[name] = value;
    };
    const permissions = { emit: 'ads.**', on: '**', use: '**', request: '**', respond: '**' };
    await bus.install({
      name: 'ads',
      permissions,
      setup(scope) {
        keep('scope', scope);
        keep(
          'on',
          scope.on('a', function (this: unknown, ...all: unknown[]) {
            keep('handler this', this);
            keep('handler arguments', all);
          }),
        );
        keep(
          'supervised',
          scope.on(
            'a',
            function (this: unknown, ...all: unknown[]) {
              keep('call this', this);
              keep('call arguments', all);
              keep('signal', (all[1] as { signal: AbortSignal }).signal);
            },
            {
              retry: { attempts: 2 },
              timeoutMs: 1000,
              filter(this: unknown, ...all) {
                keep('filter this', this);
                keep('filter arguments', all);
                return true;
              },
            },
          ),
        );
        keep(
          'batched',
          scope.on(
            'a',
            function (this: unknown, events, delivery) {
              keep('batch this', this);
              keep('batch', [events, delivery, delivery.of(events[0] as BusEvent), delivery.signal]);
            },
            { batch: { size: 1, maxWaitMs: 0 } },
          ),
        );
        keep(
          'respond',
          scope.respond('ask', function (this: unknown, ...all: unknown[]) {
            keep('responder', [this, all]);
          }),
        );
        keep(
          'use',
          scope.use(function (this: unknown, event, next) {
            const passed = next();
            keep('middleware', [this, event, next, passed]);
            return passed;
          }),
        );
        keep(
          'stream',
          scope.stream('a', {
            filter(this: unknown, ...all) {
              keep('stream filter', [this, all]);
              return true;
            },
          }),
        );
        keep(
          'waiting',
          scope.waitFor('a', {
            filter(this: unknown, ...all) {
              keep('wait filter', [this, all]);
              return true;
            },
          }),
        );
        keep('heard', scope.emit('ads.a'));
        keep('unheard', scope.emit('ads.unheard'));
        keep('asking', scope.request('ask'));
        keep('history', scope.history());
        keep(
          'timer',
          scope.clock.setTimeout(() => {}, 1000),
        );
        scope.onDispose(function (this: unknown) {
          keep('cleanup this', this);
        });
      },
    });
    bus.on('a', () => {});
    bus.emit('a', { plain: true });
    await reactions();
    keep('result', await (given['heard'] as Emission));
    keep('waited', await (given['waiting'] as Promise<unknown>));
    keep('streamed', await (given['stream'] as AsyncIterator<unknown>).next());
    for await (const stored of given['history'] as AsyncIterable<unknown>) keep('stored', stored);
    expect(Object.keys(given).length).toBeGreaterThan(25);
    expect(insides(given)).toEqual([]);
    // The search itself finds what is there.
    expect(insides({ emission: bus.emit('a') })).toContain('emission is a LiveEmission');
  });

  it("G3 gets nothing by options that are the bus's own, or by another `this`", async () => {
    const bus = createTestEventBus();
    const stolen: unknown[] = [];
    await bus.install({
      name: 'ads',
      permissions: { on: 'a' },
      setup(scope) {
        const steal = (...all: unknown[]): void => void stolen.push(...all);
        const options = {
          supervisor: { start: steal, end: steal, drain: steal, stop: steal },
          feed: { begin: steal, ended: steal },
          owner: { source: 'bank', hears: undefined, registrations: { add: steal, delete: steal }, isHeld: false },
          given: steal,
          ended: steal,
        };
        scope.on('a', () => {}, options as never);
        scope.waitFor('a', options as never).catch(() => {});
        scope.stream('a', options as never);
        const borrowed = Object.create(scope) as PluginScope;
        expect(() => borrowed.emit('card.charged')).toThrow(TypeError);
        const forged = { __proto__: Object.getPrototypeOf(scope), source: 'bank' } as unknown as PluginScope;
        expect(() => forged.emit('a')).toThrow(TypeError);
        expect(() => Object.assign(scope, { source: 'bank' })).toThrow(TypeError);
      },
    });
    const { failures } = await bus.emit('a');
    await bus.close();
    expect([failures, stolen]).toEqual([[], []]);
  });

  it('G3 changes its rights by no change of what it gave', async () => {
    const bus = createTestEventBus();
    const emit = ['ads.*'];
    const permissions = { emit, on: 'ads.*' };
    let scope!: PluginScope;
    const plugin = {
      name: 'ads',
      permissions,
      setup(given: PluginScope) {
        scope = given;
      },
    };
    await bus.install(plugin);
    emit.push('**');
    permissions.on = '**';
    plugin.name = 'bank';
    expect(() => scope.emit('card.charged')).toThrow(PermissionError);
    expect(() => scope.on('card.charged', () => {})).toThrow(PermissionError);
    expect(scope.source).toBe('ads');
    expect(bus.plugins.map(({ name }) => name)).toEqual(['ads']);
  });

  it('G2, G3 says one thing when it is read and another later: the first holds', async () => {
    const bus = createTestEventBus({ protect: { 'card.*': 'card' } });
    let reads = 0;
    let scope!: PluginScope;
    const sly = {
      get name() {
        return reads++ === 0 ? 'ads' : 'bank';
      },
      permissions: { emit: 'ads.*' },
      setup(given: PluginScope) {
        scope = given;
      },
    };
    await bus.install(sly);
    for (let honest = 1; honest < 8; honest++) {
      let asked = 0;
      const event = {
        get type() {
          return asked++ < honest ? 'ads.shown' : 'card.charged';
        },
        get source() {
          return asked < honest ? 'ads' : 'bank';
        },
        data: 1,
      };
      try {
        scope.emit(event);
      } catch (error) {
        expect(error).toBeInstanceOf(PermissionError);
      }
    }
    const sources = bus.emittedOf('**').map(({ source, type }) => `${type} ${source}`);
    expect(sources.filter((one) => one.startsWith('card.'))).toEqual([]);
    expect(sources.filter((one) => one.endsWith(' bank'))).toEqual([]);
  });

  it('G3 cannot turn the clock for others', async () => {
    expect(Object.isFrozen(systemClock)).toBe(true);
    const bus = createTestEventBus();
    await bus.install({
      name: 'ads',
      setup(scope) {
        (scope.clock as { now: () => number }).now = () => 0;
      },
    });
    await bus.clock.advance(5);
    expect(bus.emit('a').event.timestamp).toBe(bus.clock.now());
  });
});
