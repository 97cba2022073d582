import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  compilePattern,
  InvalidEventTypeError,
  InvalidOptionError,
  InvalidPatternError,
  PermissionError,
  type PluginScope,
} from '../../index.js';
import { memoryStore } from '../../stores/memory.js';
import { createTestEventBus, type TestBusOptions } from '../../testing/index.js';
import { recordFrom, Wire } from '../border/wire.test.fixture.js';
import { coversPattern } from '../event/pattern.js';

/** Cards are for the bank and the auditor to read, and for the bank to write. */
const policy = {
  trust: { core: ['bank'], readers: ['bank', 'audit'] },
  grants: { core: ['card:write'], readers: ['card:read'] },
  protect: { 'card.**': { read: 'card:read', write: 'card:write' } },
} as const;

async function guarded(name: string, options: TestBusOptions = {}) {
  const bus = createTestEventBus({ ...policy, ...options });
  let scope!: PluginScope;
  await bus.install({
    name,
    setup(given) {
      scope = given;
    },
  });
  return { bus, scope };
}

function refused(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    if (error instanceof PermissionError) return error.message.replace('[crosstown] ', '');
    throw error;
  }
  return 'not refused';
}

describe('a policy', () => {
  it('G4 lets those have to do with protected events who are in a group that has the grant', async () => {
    const bank = await guarded('bank');
    const audit = await guarded('audit');
    const heard: string[] = [];
    audit.scope.on('card.*', (event) => heard.push(event.type));
    audit.bus.emit('card.charged');
    bank.scope.emit('card.charged');
    bank.scope.respond('card.get', () => 1);
    bank.scope.use(() => {});
    expect(heard).toEqual(['card.charged']);
    expect(refused(() => audit.scope.emit('card.charged'))).toBe(
      '"audit" may not emit "card.charged": "card.**" takes the grant "card:write", and no group of "audit" (readers) has it. Give the grant to a group of trust that it is in.',
    );
  });

  it('G4 refuses who is in none, and names the missing grant', async () => {
    const { bus, scope } = await guarded('ads');
    const calls: [() => unknown, string][] = [
      [() => scope.emit('card.charged'), 'card:write'],
      [() => scope.emit({ type: 'card.charged', data: 1 }), 'card:write'],
      [() => scope.on('card.charged', () => {}), 'card:read'],
      [() => scope.on(['ads.*', 'card.*.sealed'], () => {}), 'card:read'],
      [() => scope.once('card.**', () => {}), 'card:read'],
      [() => scope.waitFor('card.charged'), 'card:read'],
      [() => scope.stream('card.charged'), 'card:read'],
      [() => scope.request('card.get'), 'card:read'],
      [() => scope.respond('card.get', () => 1), 'card:read'],
    ];
    for (const [call, grant] of calls) {
      expect(refused(call)).toContain(`"card.**" takes the grant "${grant}", and "ads" is in no group of trust`);
      expect(call).toThrow(expect.objectContaining({ source: 'ads', grant }));
    }
    expect(bus.stats().denied).toBe(2 * calls.length);
  });

  it('G4 has a wildcard hear what is not protected', async () => {
    const { bus, scope } = await guarded('ads');
    const heard: string[] = [];
    scope.on('**', (event) => heard.push(event.type), { name: 'all' });
    scope.on('*.charged', (event) => heard.push(event.type));
    const stream = scope.stream('**');
    for (const type of ['order.placed', 'card.charged', 'card', 'order.charged', 'card.charged']) bus.emit(type);
    expect(heard).toEqual(['order.placed', 'order.charged', 'order.charged']);
    expect((await stream.next()).value?.type).toBe('order.placed');
    expect((await stream.next()).value?.type).toBe('order.charged');
    // Of the past, too, and when it is meant by name.
    bus.emit({ type: 'card.charged', data: 1, replay: { to: ['all', 'ads'] } });
    bus.emit({ type: 'order.placed', data: 1, replay: { to: ['ads'] } });
    expect(heard.slice(3)).toEqual(['order.placed']);
  });

  it('G4, S6 has a subscription that reads from the store pass over what is protected', async () => {
    const { bus, scope } = await guarded('ads', { store: memoryStore() });
    const heard: string[] = [];
    scope.on('**', (event) => heard.push(event.type), { durable: 'ads', from: 'all' });
    const emissions = ['order.placed', 'card.charged', 'order.paid'].map((type) => bus.emit(type));
    await Promise.all(emissions.map(({ persisted }) => persisted));
    await bus.idle();
    expect(heard.filter((type) => !type.startsWith('plugin.') && !type.startsWith('system.'))).toEqual([
      'order.placed',
      'order.paid',
    ]);
    expect(bus.stats().durable).toMatchObject([{ name: 'ads ads', offset: 5, inFlight: 0 }]);
    const types: string[] = [];
    for await (const { event } of scope.history({ pattern: '*.*' })) types.push(event.type);
    expect(types).not.toContain('card.charged');
  });

  it('G4 asks once for each dispatch list, and not for each event', async () => {
    const { bus, scope } = await guarded('ads');
    let asked = 0;
    const { explain } = bus.policy;
    expect(explain).toBeTypeOf('function');
    const groups = Object.getPrototypeOf(bus.policy) as { granting: (...args: unknown[]) => unknown };
    const { granting } = groups;
    groups.granting = function counted(...args) {
      asked++;
      return granting.apply(this, args);
    };
    try {
      scope.on('**', () => {});
      const before = asked;
      for (let n = 0; n < 1000; n++) bus.emit('card.charged');
      expect(asked - before).toBe(1);
      for (let n = 0; n < 1000; n++) scope.emit('order.placed');
      expect(asked - before).toBe(1);
    } finally {
      groups.granting = granting;
    }
  });

  it('G4 takes one grant for every kind of call, or one to hear and one to emit', async () => {
    const all = await guarded('ads', { protect: { 'card.*': 'card' } });
    refused(() => all.scope.emit('card.a'));
    expect(refused(() => all.scope.on('card.a', () => {}))).toContain('takes the grant "card"');
    const reading = await guarded('ads', { protect: { 'card.*': { read: 'card:read' } } });
    reading.scope.emit('card.a');
    expect(refused(() => reading.scope.on('card.a', () => {}))).toContain('takes the grant "card:read"');
  });

  it('G4 wants every grant where several patterns protect a type', async () => {
    const options = {
      trust: { a: ['one', 'both'], b: ['both'] },
      grants: { a: ['g1'], b: ['g2'] },
      protect: { 'x.**': 'g1', '**.y': 'g2' },
    };
    const one = await guarded('one', options);
    const both = await guarded('both', options);
    expect(refused(() => one.scope.emit('x.y'))).toContain('"**.y" takes the grant "g2"');
    one.scope.emit('x.z');
    both.scope.emit('x.y');
    expect(both.bus.policy.explain('both', 'emit', 'x.y').reason).toBe(
      '"x.**" takes the grant "g1", which "both" has from the group "a"; "**.y" takes the grant "g2", which "both" has from the group "b"',
    );
  });

  it('G4 lets the bus itself do everything', async () => {
    const { bus } = await guarded('ads');
    const heard: string[] = [];
    bus.on('card.*', (event) => heard.push(event.type));
    bus.emit('card.charged');
    expect(heard).toEqual(['card.charged']);
  });

  it('G4, T5 takes protected events from other nodes only where their source has the grant', async () => {
    const wire = new Wire();
    const { bus } = await guarded('ads', { transports: [wire.transport()] });
    const heard: string[] = [];
    bus.on('**', (event) => heard.push(`${event.type} ${event.source}`));
    const dropped: string[] = [];
    bus.inspect((told) => told.kind === 'dropped' && dropped.push(`${told.reason} ${told.event?.source}`));
    const sources = ['bank', 'audit', 'stranger', 'app'];
    wire.inject([
      ...sources.map((source, at) => recordFrom('far', at + 1, { type: 'card.charged', source })),
      recordFrom('far', 5, { type: 'order.placed', source: 'stranger' }),
    ]);
    expect(heard).toEqual(['card.charged bank', 'card.charged app', 'order.placed stranger']);
    expect(dropped).toEqual(['forbidden audit', 'forbidden stranger']);
    expect(bus.stats().dropped).toBe(2);
  });

  it('G4 explains itself', async () => {
    const { bus } = await guarded('ads', { pluginDefaults: { emit: 'ads.*', on: '**' } });
    const explain = (...asked: Parameters<typeof bus.policy.explain>) => {
      const { allowed, pattern, grant, groups, reason } = bus.policy.explain(...asked);
      return [allowed, pattern, grant, groups.join(' '), reason];
    };
    expect(explain('app', 'emit', 'card.charged')).toEqual([
      true,
      undefined,
      undefined,
      '',
      '"app" is the bus itself, which may do everything',
    ]);
    expect(explain('ads', 'emit', 'ads.shown')).toEqual([
      true,
      'ads.*',
      undefined,
      '',
      '"ads.*" is among what "ads" may emit',
    ]);
    expect(explain('ads', 'emit', 'cart.changed')).toEqual([
      false,
      undefined,
      undefined,
      '',
      'pluginDefaults allow it to emit only "ads.*"',
    ]);
    expect(explain('ads', 'on', 'card.charged')).toEqual([
      false,
      'card.**',
      'card:read',
      '',
      '"card.**" takes the grant "card:read", and "ads" is in no group of trust',
    ]);
    expect(explain('audit', 'on', 'card.charged')).toEqual([
      true,
      'card.**',
      'card:read',
      'readers',
      '"card.**" takes the grant "card:read", which "audit" has from the group "readers"',
    ]);
    expect(explain('nobody', 'respond', 'a')[4]).toBe('pluginDefaults allow it to answer nothing');
    const free = createTestEventBus();
    expect(free.policy.explain('x', 'use', 'a')).toMatchObject({
      allowed: true,
      reason: 'No permissions and no protected pattern speak of it',
    });
    expect(() => free.policy.explain('x', 'listen' as never, 'a')).toThrow(InvalidOptionError);
    expect(() => free.policy.explain('x', 'on', 'a.*')).toThrow(InvalidEventTypeError);
  });

  it('G4 says what its scopes then do', async () => {
    const segment = fc.constantFrom('a', 'b', 'c');
    const type = fc.array(segment, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('.'));
    const pattern = fc
      .array(fc.oneof(segment, fc.constantFrom('*', '**')), { minLength: 1, maxLength: 3 })
      .map((parts) => parts.join('.'));
    const patterns = fc.array(pattern, { maxLength: 3 });
    const options = fc.record({
      emit: patterns,
      on: patterns,
      protect: fc.dictionary(pattern, fc.constantFrom('g', 'h'), { noNullPrototype: true, maxKeys: 3 }),
    });
    await fc.assert(
      fc.asyncProperty(options, type, async ({ emit, on, protect }, one) => {
        const { bus, scope } = await guarded('p', {
          trust: { t: ['p'] },
          grants: { t: ['g'] },
          protect,
          pluginDefaults: { emit, on },
        });
        const may = (action: 'emit' | 'on'): boolean => bus.policy.explain('p', action, one).allowed;
        expect(refused(() => scope.emit(one)) === 'not refused').toBe(may('emit'));
        expect(refused(() => scope.on(one, () => {})) === 'not refused').toBe(may('on'));
        for (const wide of on) {
          let heard = false;
          if (refused(() => scope.on(wide, () => (heard = true))) !== 'not refused') continue;
          bus.emit(one);
          expect(heard).toBe(compilePattern(wide)(one) && may('on'));
          scope.off(wide);
        }
      }),
      { numRuns: 300 },
    );
  });

  it.each<[string, TestBusOptions]>([
    ['a group that is no list', { trust: { core: 'bank' as never } }],
    ['grants of a group that there is not', { grants: { core: ['card:read'] } }],
    ['a grant that is no text', { trust: { core: [] }, grants: { core: [1 as never] } }],
    ['a protection without a grant', { protect: { 'card.*': {} } }],
    ['a protection of what there is not', { protect: { 'card.*': { on: 'x' } as never } }],
  ])('G4 refuses %s when the bus is made', (_, options) => {
    expect(() => createTestEventBus(options)).toThrow(InvalidOptionError);
  });

  it('G4 refuses to protect what is no pattern', () => {
    expect(() => createTestEventBus({ protect: { 'card.': 'x' } })).toThrow(InvalidPatternError);
  });

  it("G4 works for groups and sources with the names of an object's own members", async () => {
    const options = {
      trust: { constructor: ['__proto__'] },
      grants: { constructor: ['toString'] },
      protect: { '__proto__.*': 'toString' },
    };
    const own = await guarded('__proto__', options);
    const other = await guarded('constructor', options);
    own.scope.emit('__proto__.a');
    expect(refused(() => other.scope.emit('__proto__.a'))).toContain('takes the grant "toString"');
  });
});

describe('one pattern among another', () => {
  it.each<[string, string, boolean]>([
    ['**', '**', true],
    ['*', '**', true],
    ['**', '*', true],
    ['**', 'a.b', true],
    ['a.*', 'a.b', true],
    ['a.*', 'a.*', true],
    ['a.*', 'a.**', false],
    ['a.**', 'a.*', true],
    ['a.**', 'a', true],
    ['a.**', '**', false],
    ['*.**', '**', true],
    ['**.b', 'a.*.b', true],
    ['**.b', 'a.**', false],
    ['*.b', '**.b', false],
    ['a.**.c', 'a.b.**.c', true],
  ])('G3 %s covers %s: %s', (outer, inner, expected) => {
    expect(coversPattern(outer, inner)).toBe(expected);
  });

  it('G3 is covered only when no type shows otherwise, and covers are found where there are no two ways', () => {
    const types: string[] = [];
    for (const a of ['', 'a', 'b', 'x'])
      for (const b of ['', 'a', 'b', 'x'])
        for (const c of ['', 'a', 'b', 'x']) types.push([a, b, c].filter((one) => one !== '').join('.'));
    const all = [...new Set(types)].filter((one) => one !== '');
    const pattern = fc
      .array(fc.constantFrom('a', 'b', '*', '**'), { minLength: 1, maxLength: 3 })
      .map((parts) => parts.join('.'));
    fc.assert(
      fc.property(pattern, pattern, (outer, inner) => {
        const [wide, narrow] = [compilePattern(outer), compilePattern(inner)];
        // With a segment that is in neither pattern, three segments show every difference of patterns this short.
        const shown = all.every((one) => !narrow(one) || wide(one));
        if (coversPattern(outer, inner)) expect(shown).toBe(true);
        if (!inner.includes('**') && inner !== '*') expect(coversPattern(outer, inner)).toBe(shown);
      }),
      { numRuns: 3000 },
    );
  });
});
