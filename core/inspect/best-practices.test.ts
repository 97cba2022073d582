import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createEventBus, InvalidOptionError, InvalidPatternError } from '../index.js';
import { createTestEventBus } from '../testing/index.js';
import { advised } from './best-practices/advised.test.kit.js';
import { bestPractices } from './best-practices.js';

const common = [
  ...['system.started', 'system.shutdown', 'plugin.loaded', 'plugin.unloaded', 'error.occurred', 'ping'],
  ...['user.created', 'user.updated', 'user.deleted', 'user.login', 'user.logout', 'data.created', 'data.deleted'],
  ...['task.completed', 'notification.sent', 'payment.request', 'inventory.reserve', 'workflow.step.started'],
  ...['user.profile.updated', 'order.payment.completed', 'notification.email.sent', 'analytics.batch', 'mail.sent'],
  ...['theme.changed', 'price.changed', 'calendar.event.created', 'build.1.failed', 'build.11.failed', 'cache.miss'],
];

const good = {
  userId: '123',
  username: 'ada',
  email: 'ada@example.com',
  at: 1,
  tags: ['new'],
  address: { city: 'Oslo' },
};

afterEach(() => {
  vi.restoreAllMocks();
});

describe('best practices', () => {
  it('I6 says once for each rule and type what could be better, and how', async () => {
    const { bus, advice } = advised();
    for (let i = 0; i < 3; i++) bus.emit('user_thing', { id: 123, stuff: ['thing1'], other: { random: 'data' } });
    await bus.processEvents();
    expect(advice.map(({ message }) => message)).toEqual([
      '[crosstown] "thing" in the type "user_thing" says nothing. Say what it is about and what happened to that, like "user.profile.updated".',
      '[crosstown] The type "user_thing" does not part its words by dots. Write "user.thing".',
      '[crosstown] The data of "user_thing" has "stuff" and "other". Name each field after what it holds, like "userId" or "email".',
    ]);
    expect(advice[0]).toMatchObject({ rule: 'vague-type', type: 'user_thing', handler: undefined });
    expect(advice[0]?.event).toMatchObject({ type: 'user_thing', data: { id: 123 } });
  });

  it('I6 has nothing to say of the common types', async () => {
    const { bus, advice } = advised();
    for (const type of common) bus.emit(type, type === 'ping' ? undefined : good);
    await bus.clock.advance(2_000);
    bus.emit('ping');
    expect(advice).toEqual([]);
  });

  it('I6 has nothing to say of the types of the demo', async () => {
    const { bus, advice } = advised();
    const types = [
      ...readFileSync(new URL('../../demo/events.ts', import.meta.url), 'utf8').matchAll(/^ {2}'([\w.]+)':/gm),
    ].map(([, type = '']) => type);
    expect(types.length).toBeGreaterThan(20);
    for (const type of types) bus.on(type, () => {});
    for (const type of types) bus.emit(type, good);
    await bus.clock.advance(2_000);
    bus.emit('ping');
    expect(advice).toEqual([]);
  });

  it('I6 warns on the console, with a line for each, unless told where to', () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const bus = createEventBus();
    bus.inspect(bestPractices());
    bus.emit('data.event', { table: 'users' });
    expect(warn.mock.calls).toEqual([
      [expect.stringMatching(/^\[crosstown\] "event" in the type "data\.event" .*\.$/)],
    ]);
  });

  it('I6 leaves out the rules and events it is told to', () => {
    const { bus, said } = advised({
      ignore: ['legacy.**', 'old_thing'],
      rules: { 'vague-type': false, 'type-style': true },
    });
    for (const type of ['user_thing', 'old_thing', 'legacy.User.thing']) bus.emit(type, 'text');
    expect(said()).toEqual(['type-style user_thing', 'unstructured-data user_thing']);
  });

  it('I6 refuses options it cannot use', () => {
    for (const options of [{ report: 1 }, { rules: { vagueType: false } }, { rules: { 'vague-type': 0 } }]) {
      expect(() => bestPractices(options as never), JSON.stringify(options)).toThrow(InvalidOptionError);
    }
    expect(() => bestPractices({ ignore: 'user-*' })).toThrow(InvalidPatternError);
  });

  it('I6 contains what report throws or rejects with, and goes on', async () => {
    const report = vi.fn<() => unknown>();
    report.mockImplementationOnce(() => {
      throw new Error('no disk');
    });
    report.mockImplementationOnce(() => Promise.reject(new Error('no net')));
    const { bus } = advised({ report });
    const { status } = await bus.emit('user_thing', 'text');
    bus.emit('data.event', good);
    await bus.processEvents();
    expect(status).toBe('delivered');
    expect(bus.failures.map(({ stage, error }) => `${stage} ${error}`)).toEqual([
      'observer Error: no disk',
      'observer Error: no net',
    ]);
    expect(report).toHaveBeenCalledTimes(4);
  });

  it('I6 quotes no value, and keeps a message on one line', () => {
    const { bus, advice } = advised();
    const secret = 'S3CRET';
    for (const pin of [secret, 4111]) {
      bus.emit('card.entered', { pin, 'a\nb': pin, misc: secret });
      bus.emit('card.said', secret);
      bus.emit('card.listed', [secret]);
    }
    expect(advice.length).toBe(4);
    for (const { message } of advice) {
      expect(message).not.toMatch(/S3CRET|4111|\n/);
      expect(message).toMatch(/^\[crosstown\] \S.*\. \S.*[.?]$/);
    }
  });

  it('I6 makes no id for what it looks at', () => {
    const createId = vi.fn(() => 'id');
    const bus = createEventBus({ createId });
    bus.inspect(bestPractices({ report: () => {} }));
    bus.on('**', () => {});
    for (const type of common) bus.emit(type, good);
    bus.emit('user_thing', 'text');
    expect(createId).not.toHaveBeenCalled();
  });

  it('I7 looks at 1,000 types and then says so: it remembers no more', () => {
    const { bus, said } = advised({ ignore: 'tick.**' });
    for (let i = 0; i < 998; i++) bus.emit(`user.${i}.updated`, good);
    for (let i = 0; i < 3; i++) bus.emit(`tick.${i}`, 'text');
    expect(said()).toEqual([]);
    for (let i = 0; i < 3; i++) bus.emit(`room.${i}.opened`, 'text');
    expect(said()).toEqual(['too-many-types room.0.opened']);
    bus.emit('user.0.updated', 'text');
    expect(said()).toEqual(['too-many-types room.0.opened', 'unstructured-data user.0.updated']);
  });

  it('I6 never throws and never changes an outcome, whatever the data are', async () => {
    const hostile = fc.constantFrom<() => unknown>(
      () =>
        new Proxy(
          {},
          {
            ownKeys: () => {
              throw new Error('no keys');
            },
          },
        ),
      () =>
        new Proxy([], {
          getPrototypeOf: () => {
            throw new Error('no prototype');
          },
        }),
      () =>
        new Proxy(
          { a: 1 },
          {
            get: () => {
              throw new Error('no fields');
            },
          },
        ),
      () =>
        new Proxy(new Map(), {
          getPrototypeOf: () => {
            throw new Error('no prototype');
          },
        }),
      () => ({
        get stuff() {
          throw new Error('no stuff');
        },
      }),
      () => {
        const { proxy, revoke } = Proxy.revocable({}, {});
        revoke();
        return proxy;
      },
      () => {
        const ring: { ring?: unknown } = {};
        ring.ring = ring;
        return ring;
      },
      () => {
        let deep: unknown = 1;
        for (let i = 0; i < 1_000; i++) deep = { deep };
        return deep;
      },
      () => Object.fromEntries(Array.from({ length: 1_000 }, (_, i) => [`field${i}`, i])),
      () => Object.create(null, { a: { value: 1, enumerable: true } }),
      () => Symbol('s'),
      () => new Uint8Array(1_000),
      () => Promise.resolve(),
    );
    const anything = fc.oneof(
      hostile,
      fc.anything({ withNullPrototype: true }).map((value) => () => value),
    );
    const type = fc.stringMatching(/^[^\s.*$\p{Cc}]{1,12}(\.[^\s.*$\p{Cc}]{1,12}){0,3}$/u);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(type, anything), { maxLength: 5 }), async (events) => {
        const bus = createTestEventBus();
        const messages: string[] = [];
        bus.inspect(bestPractices({ report: ({ message }) => messages.push(message) }));
        for (const [each, make] of events) {
          bus.on(each, () => {});
          expect((await bus.emit(each, make())).status).toBe('delivered');
        }
        expect(bus.failures).toEqual([]);
        for (const message of messages) expect(message).not.toContain('\n');
      }),
      { numRuns: 50 },
    );
  });

  it('I6 has nothing to say of a family of types that is named well and consistent', async () => {
    const word = fc.constantFrom('order', 'invoice', 'parcel', 'member', 'payment', 'refund', 'line-item', 'shipping');
    const done = fc.constantFrom('placed', 'created', 'updated', 'removed', 'completed', 'refused', 'sent', 'started');
    const type = fc.tuple(fc.array(word, { minLength: 1, maxLength: 3 }), done).map((parts) => parts.flat().join('.'));
    const data = fc.option(
      fc.record(
        {
          orderId: fc.string(),
          totalCents: fc.nat(),
          lines: fc.array(fc.nat()),
          card: fc.dictionary(fc.string(), fc.nat()),
        },
        { requiredKeys: ['orderId'] },
      ),
      { nil: undefined },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(type, data, fc.boolean()), { maxLength: 12 }), async (events) => {
        const { bus, advice } = advised();
        for (const [each, , isHeard] of events)
          if (isHeard) bus.on(each, (_, { emit }) => void emit('mail.sent', good));
        for (const [each, value] of events) bus.emit(each, value);
        await bus.clock.advance(2_000);
        bus.emit('ping');
        expect(advice).toEqual([]);
      }),
      { numRuns: 50 },
    );
  });
});
