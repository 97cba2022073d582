import { describe, expect, it, vi } from 'vitest';
import { createEventBus, type Failure, type OnOptions, type ResponderError } from '../index.js';
import { SimulatedClock } from '../testing/index.js';
import { deferred, reactions } from './deferred.test.kit.js';

function trackedBus(options: Parameters<typeof createEventBus>[0] = {}) {
  const failures: Failure[] = [];
  const clock = new SimulatedClock();
  return { bus: createEventBus({ clock, onError: (failure) => failures.push(failure), ...options }), failures, clock };
}

/** Fails the test unless the bus still does everything in its right order. */
async function expectSound(bus: ReturnType<typeof createEventBus>): Promise<void> {
  const log: unknown[] = [];
  const off = bus.on('sound.*', ({ type, data }) => {
    log.push(`${type} ${data}`);
    if (type === 'sound.a') bus.emit('sound.b', data);
  });
  const late = bus.on('sound.a', async () => log.push('late'), { priority: -1 });
  await bus.emit('sound.a', 1);
  bus.emit('sound.a', 2);
  await bus.idle();
  expect(log).toEqual(['sound.a 1', 'late', 'sound.b 1', 'sound.a 2', 'late', 'sound.b 2']);
  expect(bus.stats()).toMatchObject({ inFlight: 0, queued: 0 });
  off();
  late();
}

const revoked = (): object => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
};

describe('a bus stays sound', () => {
  it.each<keyof OnOptions>(['filter', 'once', 'signal', 'priority', 'name', 'retry', 'timeoutMs', 'concurrency'])(
    'D9 when the option %s cannot be read, at once or later',
    async (option) => {
      for (let readable = 0; readable < 6; readable++) {
        const { bus } = trackedBus();
        let reads = 0;
        const get = (): unknown => {
          if (reads++ >= readable) throw new Error('unreadable');
          return undefined;
        };
        const options = Object.defineProperty({ filter: () => true, once: false, concurrency: 5 }, option, {
          get,
          enumerable: true,
        });
        try {
          bus.on('a', () => {}, options as OnOptions);
        } catch (error) {
          expect([(error as Error).message, bus.subscriptions()]).toEqual(['unreadable', []]);
        }
        await bus.emit('a');
        await bus.emit('a');
        bus.off('a');
        await expectSound(bus);
      }
    },
  );

  it('D9 when an error can be looked at by nobody', async () => {
    const { bus, failures } = trackedBus();
    const error = revoked();
    for (const options of [{}, { concurrency: 1 }]) {
      bus.once('a', () => Promise.reject(error), options);
      bus.once(
        'a',
        () => {
          throw error;
        },
        options,
      );
    }
    expect((await bus.emit('a')).failures).toHaveLength(4);
    expect(failures).toHaveLength(4);
    await expectSound(bus);
  });

  it('R3 when a responder throws what can be looked at by nobody', async () => {
    const { bus, clock } = trackedBus();
    bus.respond('a', () => {
      throw revoked();
    });
    const error = (await bus.request('a').catch((reason: unknown) => reason)) as ResponderError;
    expect([error.errorName, error.errorMessage]).toEqual(['Error', 'an error that cannot be read']);
    expect(clock.pending).toBe(0);
    await expectSound(bus);
  });

  it('D11 when what a handler returns can be looked at by nobody', async () => {
    for (const options of [{}, { concurrency: 1 }, { timeoutMs: 5 }]) {
      const { bus, failures } = trackedBus();
      bus.on('a', revoked, options);
      bus.on('a', async () => revoked(), options);
      await bus.emit('a');
      expect(failures).toHaveLength(2);
      await expectSound(bus);
    }
  });

  it('D10 when the options of an emit cannot be read', async () => {
    const { bus } = trackedBus();
    bus.on('a', () => {});
    for (const option of ['cause', 'metadata', 'priority', 'ttlMs', 'local', 'correlationId']) {
      const options = Object.defineProperty({}, option, {
        get: () => {
          throw new Error('unreadable');
        },
      });
      expect(() => bus.emit('a', 1, options)).toThrow('unreadable');
    }
    await expectSound(bus);
  });

  it('D5 when its clock emits', async () => {
    let bus: ReturnType<typeof createEventBus> | undefined;
    let inside = false;
    const clock = new SimulatedClock();
    const now = clock.now.bind(clock);
    clock.now = () => {
      if (!inside) {
        inside = true;
        bus?.emit('tick');
        inside = false;
      }
      return now();
    };
    bus = createEventBus({ clock });
    const ids: string[] = [];
    bus.on('**', ({ id }) => ids.push(id));
    for (let i = 0; i < 3; i++) bus.emit('a');
    expect(new Set(ids).size).toBe(6);
    bus.off('**');
    await expectSound(bus);
  });

  it.each<[string, (act: () => void) => unknown]>([
    ['a then that is read', (act) => Object.defineProperty({}, 'then', { get: act })],
    [
      'a then that is called',
      (act) => Object.defineProperty({}, 'then', { value: (ok: (value: unknown) => void) => ok(act()) }),
    ],
  ])('D6 when %s unsubscribes, emits or closes', async (_, returned) => {
    for (const doing of ['off', 'emit', 'abort', 'close'] as const) {
      for (const options of [{}, { concurrency: 1 }]) {
        const { bus, failures } = trackedBus();
        const controller = new AbortController();
        let later = 0;
        const acts = {
          off: () => bus.off('a'),
          emit: () => void bus.emit('b'),
          abort: () => controller.abort(),
          close: () => void bus.close(),
        };
        bus.on('a', () => returned(acts[doing]), { ...options, signal: controller.signal });
        bus.on('a', () => later++, { signal: controller.signal, priority: -1 });
        await bus.emit('a');
        await bus.idle();
        expect([doing, later, failures]).toEqual([doing, doing === 'emit' ? 1 : 0, []]);
        if (doing !== 'close') await expectSound(bus);
      }
    }
  });

  it.each(['retryIf', 'onError', 'observer', 'filter'] as const)(
    'D5 D6 when %s unsubscribes, aborts and emits',
    async (where) => {
      const controller = new AbortController();
      const log: string[] = [];
      const act = (place: string): boolean => {
        if (place === where && !controller.signal.aborted) {
          controller.abort();
          bus.emit('b');
          bus.on('late', () => {});
          bus.off('late');
        }
        return true;
      };
      const { bus, clock } = trackedBus({ onError: () => void act('onError') });
      bus.inspect(({ kind }) => void (kind === 'handlerSettled' && act('observer')));
      const handler = (): never => {
        log.push('a');
        throw new Error('no');
      };
      const retry = { attempts: 3, delayMs: 10, retryIf: () => act('retryIf') };
      bus.on('a', handler, { retry, signal: controller.signal, filter: () => act('filter') });
      bus.on('b', () => log.push('b'));
      bus.emit('a');
      await clock.advance(1000);
      const calls = { filter: 0, retryIf: 1, observer: 1, onError: 3 }[where];
      expect([log.filter((one) => one === 'a').length, log.at(-1)]).toEqual([calls, 'b']);
      expect(clock.pending).toBe(0);
      await expectSound(bus);
    },
  );

  it.each([5, Symbol('s'), {}, null])('D10 when a handler is to be named %o, which is refused', async (name) => {
    const { bus } = trackedBus();
    const options = { name: name as unknown as string, timeoutMs: 5 };
    expect(() => bus.on('a', () => {}, options)).toThrow(expect.objectContaining({ option: 'name' }));
    expect(() => bus.use(() => {}, { name: name as unknown as string })).toThrow(
      expect.objectContaining({ option: 'name' }),
    );
    await expectSound(bus);
  });

  it('Q2 when 100,000 asynchronous calls go one after the other', async () => {
    const { bus } = trackedBus();
    const time = async (count: number): Promise<number> => {
      let calls = 0;
      const off = bus.on('a', async () => calls++, { concurrency: 1, maxQueue: count });
      const start = performance.now();
      for (let i = 0; i < count; i++) bus.emit('a');
      await bus.idle();
      off();
      expect(calls).toBe(count);
      return performance.now() - start;
    };
    await time(20_000);
    const few = await time(20_000);
    expect(await time(100_000)).toBeLessThan(5 * 5 * Math.max(few, 20));
  });

  it('Q1 when 20,000 events in flight each emit one by cause', async () => {
    const { bus } = trackedBus({ queue: { concurrency: 50_000 } });
    const gate = deferred();
    let children = 0;
    bus.on('parent', async (event) => {
      await gate.promise;
      bus.emit('child', 1, { cause: event });
    });
    bus.on('child', () => children++);
    for (let i = 0; i < 20_000; i++) bus.emit('parent');
    const start = performance.now();
    gate.resolve();
    await bus.idle();
    expect(children).toBe(20_000);
    expect(performance.now() - start).toBeLessThan(5000);
  });

  it.each([true, false, 'rejects'])('D9 when a filter is asynchronous: %s', async (passes) => {
    const { bus, failures } = trackedBus();
    let calls = 0;
    const filter = (async () => (passes === 'rejects' ? Promise.reject(new Error('no')) : passes)) as never;
    bus.on('a', () => calls++, { filter });
    await bus.emit('a');
    await reactions();
    expect([calls, failures]).toEqual([0, [expect.objectContaining({ stage: 'filter' })]]);
    expect(failures[0]?.error).toMatchObject({ code: 'INVALID_OPTION', option: 'filter' });
    await expectSound(bus);
  });

  it('D9 when everything fails at once', async () => {
    const fail = (): never => {
      throw new Error('no');
    };
    const { bus } = trackedBus({ onError: fail, createId: fail });
    const console = vi.spyOn(globalThis.console, 'error').mockImplementation(fail);
    bus.inspect(fail);
    const retry = { attempts: 2, delayMs: 0, retryIf: fail };
    for (const options of [{}, { filter: fail }, { retry }, { concurrency: 1, timeoutMs: 5 }])
      bus.on('a', fail, options);
    for (let i = 0; i < 3; i++) expect((await bus.emit('a')).failures).toHaveLength(4);
    bus.off('a');
    await reactions();
    await expectSound(bus);
    expect(console).toHaveBeenCalled();
    console.mockRestore();
  });
});
