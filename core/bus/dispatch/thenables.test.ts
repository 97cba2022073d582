import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { createEventBus } from '../../index.js';
import { reactions } from '../deferred.test.kit.js';

describe('what a handler returns', () => {
  /** The outcome of an event whose one handler returns `returned`, and whether a lower priority waited for it. */
  async function outcomeOf(returned: () => unknown): Promise<{ failures: unknown[]; waited: boolean }> {
    const bus = createEventBus({ onError: () => {} });
    let lowerRan = false;
    bus.on('a', returned, { priority: 1 });
    bus.on('a', () => {
      lowerRan = true;
    });
    const emission = bus.emit('a');
    const waited = !lowerRan;
    const { failures } = await emission;
    expect([lowerRan, bus.stats().inFlight]).toEqual([true, 0]);
    return { failures: failures.map(({ error }) => error), waited };
  }

  const thenable = (then: unknown, self: object = {}): object => Object.defineProperty(self, 'then', { value: then });
  const error = new Error('no');

  it.each<[string, () => unknown, { failures: unknown[]; waited: boolean }]>([
    ['nothing', () => {}, { failures: [], waited: false }],
    ['null', () => null, { failures: [], waited: false }],
    ['a number', () => 5, { failures: [], waited: false }],
    ['an object whose then is no function', () => thenable(true), { failures: [], waited: false }],
    ['a promise', () => Promise.resolve(), { failures: [], waited: true }],
    ['a promise that rejects', () => Promise.reject(error), { failures: [error], waited: true }],
    ['a promise that rejects with nothing', () => Promise.reject(), { failures: [undefined], waited: true }],
    ['a promise of another realm', () => runInNewContext('Promise.resolve()'), { failures: [], waited: true }],
    ['a promise of a subclass', () => class extends Promise<void> {}.resolve(), { failures: [], waited: true }],
    ['a thenable', () => thenable((ok: () => void) => setImmediate(ok)), { failures: [], waited: true }],
    [
      'a thenable that is a function',
      () =>
        thenable(
          (ok: () => void) => ok(),
          () => {},
        ),
      { failures: [], waited: true },
    ],
    [
      'a thenable that fails',
      () => thenable((_: unknown, no: (e: Error) => void) => no(error)),
      { failures: [error], waited: true },
    ],
    [
      'a thenable whose then throws',
      () =>
        thenable(() => {
          throw error;
        }),
      { failures: [error], waited: true },
    ],
    [
      'a thenable that answers twice',
      () =>
        thenable((ok: () => void, no: (e: Error) => void) => {
          ok();
          no(error);
          ok();
        }),
      { failures: [], waited: true },
    ],
    [
      'a thenable that throws after its answer',
      () =>
        thenable((ok: () => void) => {
          ok();
          throw error;
        }),
      { failures: [], waited: true },
    ],
    [
      'a thenable of a thenable',
      () => thenable((ok: (v: unknown) => void) => ok(Promise.reject(error))),
      { failures: [error], waited: true },
    ],
    [
      'an object whose then cannot be read',
      () =>
        Object.defineProperty({}, 'then', {
          get: () => {
            throw error;
          },
        }),
      { failures: [error], waited: false },
    ],
  ])('D11 may be %s', async (_, returned, outcome) => {
    expect(await outcomeOf(returned)).toEqual(outcome);
  });

  it('D11 may be a promise behind a proxy, which no language construct can await: a failure, not a hang', async () => {
    const { failures, waited } = await outcomeOf(() => new Proxy(Promise.resolve(), {}));
    expect([failures[0], waited]).toEqual([expect.any(TypeError), true]);
  });

  it('D11 has its then read once', async () => {
    let reads = 0;
    const get = (): unknown => {
      reads++;
      return (ok: () => void) => ok();
    };
    await outcomeOf(() => Object.defineProperty({}, 'then', { get }));
    expect(reads).toBe(1);
  });

  it('D11 may be its own delivery, which nobody waits for', async () => {
    expect(await outcomeOf(((_: unknown, delivery: unknown) => delivery) as () => unknown)).toEqual({
      failures: [],
      waited: false,
    });
  });

  it('D11 may not be a promise of its own delivery, which waits for itself', async () => {
    const bus = createEventBus();
    bus.on('a', async (_, delivery) => delivery);
    bus.emit('a');
    await reactions();
    expect(bus.stats().inFlight).toBe(1);
  });

  it('D11 may be the emission of another event, which the lower priorities then wait for', async () => {
    const bus = createEventBus();
    const calls: string[] = [];
    bus.on('a', (_, delivery) => delivery.emit('b'), { priority: 1 });
    bus.on('a', () => calls.push('a'));
    bus.on('b', async () => {
      await reactions();
      calls.push('b');
    });
    await bus.emit('a');
    expect(calls).toEqual(['b', 'a']);
  });
});
