import { AsyncLocalStorage } from 'node:async_hooks';
import { describe, expect, it, vi } from 'vitest';
import { InvalidOptionError, ResponderError } from '../index.js';
import { pause, recording } from './correlate/recording.test.kit.js';
import { type ChainStorage, correlate } from './correlate.js';

describe.each<[string, ChainStorage | null | undefined]>([
  ['with the storage of the runtime', undefined],
  ['with a storage that was handed in', new AsyncLocalStorage()],
  ['without a storage', null],
])('a chain %s', (_, storage) => {
  it('W4 gives its events one correlation id, and the first as the cause of the others', async () => {
    const { bus, told } = recording();
    bus.respond('profile.get', () => 'ada');
    const answer = await correlate(
      bus,
      async (chain) => {
        chain.emit('workflow.started', 1);
        const profile = await chain.request('profile.get', 1, { timeoutMs: 1_000 });
        await pause();
        await chain.emit({ type: 'whole', data: 2 });
        return [profile, chain.correlationId];
      },
      { storage },
    );
    const id = bus.emitted[0]?.correlationId;
    expect(answer).toEqual(['ada', id]);
    expect(id).toMatch(/^[0-9a-f]{32}$/);
    expect(told()).toEqual([
      `workflow.started ${id} undefined`,
      `profile.get ${id} workflow.started`,
      `whole ${id} workflow.started`,
    ]);
    expect(bus.emitted.map(({ data }) => data)).toEqual([1, 1, 2]);
  });

  it('W4 follows from a cause and goes on with its chain, unless it is given another id', () => {
    const { bus, told } = recording();
    const { event: cause } = bus.emit('root');
    correlate(bus, (chain) => [chain.emit('a'), chain.emit('b')], { storage, cause });
    correlate(bus, (chain) => chain.emit('c'), { storage, cause, correlationId: 'x' });
    expect(told()).toEqual(['root root undefined', 'a root root', 'b root root', 'c x root']);
  });

  it('W4 leaves what an event says of itself: its cause, its options, a chain of its own', () => {
    const { bus, told } = recording();
    const { event: cause } = bus.emit('root');
    correlate(
      bus,
      (chain) => {
        chain.emit('alone', 1, { correlationId: 'own' });
        chain.emit({ type: 'whole', data: 1, correlationId: 'own' });
        chain.emit({ type: 'past', data: 1, id: 'past', replay: {} });
        chain.emit('first', 1, { metadata: { a: 1 }, priority: 2, cause });
        chain.emit({ type: 'second', data: 1, causationId: 'other' });
        chain.emit('third');
      },
      { storage, correlationId: 'x' },
    );
    expect(told().slice(1)).toEqual([
      'alone own undefined',
      'whole own undefined',
      'past past undefined',
      'first x root',
      'second x other',
      'third x first',
    ]);
    expect(bus.emittedOf('first')[0]).toMatchObject({ metadata: { a: 1 }, priority: 2 });
  });

  it('W4 does not mix with others, beside it or within it', async () => {
    const { bus, told } = recording();
    const run = (name: string) =>
      correlate(
        bus,
        async (chain) => {
          chain.emit(`${name}.1`);
          await pause();
          correlate(chain, (inner) => [inner.emit(`${name}.in`), inner.emit(`${name}.in2`)], {
            storage,
            correlationId: `${name}-in`,
          });
          await pause();
          chain.emit(`${name}.2`);
        },
        { storage, correlationId: name },
      );
    await Promise.all([run('a'), run('b')]);
    expect(told().sort()).toEqual(
      ['a', 'b'].flatMap((name) => [
        `${name}.1 ${name} undefined`,
        `${name}.2 ${name} ${name}.1`,
        `${name}.in ${name}-in undefined`,
        `${name}.in2 ${name}-in ${name}.in`,
      ]),
    );
  });

  it('W4 returns what its function returns, and fails as it does', async () => {
    const { bus } = recording();
    expect(correlate(bus, () => 1, { storage })).toBe(1);
    const failing = () => {
      throw new RangeError('no');
    };
    expect(() => correlate(bus, failing, { storage })).toThrow(RangeError);
    await expect(correlate(bus, async () => failing(), { storage })).rejects.toThrow(RangeError);
    bus.respond('get', failing);
    await expect(correlate(bus, (chain) => chain.request('get'), { storage })).rejects.toBeInstanceOf(ResponderError);
    expect(() => correlate(bus, (chain) => chain.emit('**'), { storage })).toThrow('**');
  });

  it('W4 goes on in handlers by their deliveries, whose events have its id', async () => {
    const { bus, told } = recording();
    bus.on('a', async (_event, delivery) => {
      await pause();
      delivery.emit('b');
    });
    await correlate(bus, (chain) => chain.emit('a'), { storage, correlationId: 'x' });
    await bus.idle();
    expect(told()).toEqual(['a x undefined', 'b x a']);
  });

  it('W4 is made on a scope, too, whose name and rights its events have', () => {
    const { bus } = recording();
    const scope = bus.scope({ source: 'part', permissions: { emit: 'a' } });
    correlate(
      scope,
      (chain) => {
        chain.emit('a');
        expect(() => chain.emit('b')).toThrow('part');
      },
      { storage },
    );
    expect(bus.emitted.map(({ source }) => source)).toEqual(['part']);
  });
});

describe('what cannot be', () => {
  it.each([
    ['correlationId', { correlationId: '' }],
    ['correlationId', { correlationId: 'x'.repeat(257) }],
    ['correlationId', { cause: { id: 'a', correlationId: 1 } }],
    ['storage', { storage: {} }],
    ['storage', { storage: AsyncLocalStorage }],
  ])('W4 is refused by name: %s', (option, options) => {
    const { bus } = recording();
    const run = vi.fn();
    expect(() => correlate(bus, run, options as never)).toThrow(InvalidOptionError);
    expect(() => correlate(bus, run, options as never)).toThrow(option);
    expect(run).not.toHaveBeenCalled();
  });
});
