import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { deferred, reactions } from '../bus/deferred.test.kit.js';
import { type BusOptions, InvalidOptionError, type PluginError, type PluginScope, QueueFullError } from '../index.js';
import { memoryStore } from '../stores/memory.js';
import { createTestEventBus, type TestBusOptions } from '../testing/index.js';
import { BatchError, BatcherClosedError, type BatcherOptions, createBatcher } from './batch.js';

interface AppEvents {
  'analytics.batch': { items: readonly number[] };
  other: undefined;
}

type Options = Partial<BatcherOptions<'analytics.batch', number>>;

const steady = { attempts: 3, delayMs: 100, factor: 2, jitter: 0 };

function batching(options: Options = {}, busOptions: TestBusOptions = {}) {
  const bus = createTestEventBus<AppEvents>(busOptions);
  const given = { type: 'analytics.batch', size: 3, intervalMs: 1_000, retry: steady, ...options } as const;
  const batcher = createBatcher(bus, given);
  const batches: string[] = [];
  // Handlers are told when it was emitted: what a middleware vetoed is not among these.
  bus.on('analytics.batch', (event) => void batches.push(event.data.items.join()));
  const add = (...items: number[]): void => {
    for (const item of items) batcher.add(item);
  };
  return { bus, batcher, batches, add, given };
}

/** A middleware's veto of the next events, so many of them. */
function vetoing(
  bus: { use: ReturnType<typeof createTestEventBus>['use'] },
  times: number,
): { left: number; seen: string[] } {
  const vetoes = { left: times, seen: [] as string[] };
  bus.use(
    (event, next) => {
      vetoes.seen.push(`${event.id} ${(event.data as { items: number[] }).items.join()}`);
      if (vetoes.left-- <= 0) next();
    },
    { name: 'gate' },
  );
  return vetoes;
}

/** A store whose commits fail as often as it is told. */
function failing(times: number): Pick<BusOptions, 'store'> & { left: number; types: () => readonly unknown[] } {
  const store = memoryStore();
  const append = store.append.bind(store);
  const kept: unknown[] = [];
  const one = { left: times, store, types: () => kept };
  store.append = async (records, options) => {
    if (one.left-- > 0) throw new Error('disk full');
    const refs = await append(records, options);
    kept.push(...records.map(({ data }) => (data as { items: number[] }).items.join()));
    return refs;
  };
  return one;
}

describe('a batch', () => {
  it('W3 is emitted in the call that fills it', async () => {
    const { batcher, batches, add, bus } = batching();
    add(1, 2);
    expect([batches, batcher.pending]).toEqual([[], 2]);
    add(3);
    expect(batches).toEqual(['1,2,3']);
    await reactions();
    expect([batcher.pending, bus.clock.pending]).toEqual([0, 0]);
  });

  it('W3 is emitted intervalMs after the first item came', async () => {
    const { bus, batches, add } = batching();
    add(1);
    await bus.clock.advance(999);
    add(2);
    expect(batches).toEqual([]);
    await bus.clock.advance(1);
    expect(batches).toEqual(['1,2']);
    add(3);
    await bus.clock.advance(500);
    add(4, 5, 6);
    await bus.clock.advance(999);
    expect(batches).toEqual(['1,2', '3,4,5']);
    await bus.clock.advance(1);
    expect(batches).toEqual(['1,2', '3,4,5', '6']);
  });

  it('W3 waits for others for ever, when it may', async () => {
    const { bus, batches, add } = batching({ intervalMs: Number.POSITIVE_INFINITY });
    add(1);
    await bus.clock.advance(1e9);
    expect([batches, bus.clock.pending]).toEqual([[], 0]);
  });

  it('W3 is emitted by flush, which waits for all that was pending', async () => {
    const { bus, batcher, batches, add } = batching();
    const gate = deferred();
    const off = bus.on('analytics.batch', () => gate.promise);
    add(1, 2, 3, 4, 5);
    const flushed = vi.fn();
    const flushing = batcher.flush().then(flushed);
    await reactions();
    expect([batches, batcher.pending, flushed.mock.calls.length]).toEqual([['1,2,3'], 5, 0]);
    off();
    gate.resolve();
    await flushing;
    expect([batches, batcher.pending]).toEqual([['1,2,3', '4,5'], 0]);
    await batcher.flush();
    expect(batches).toHaveLength(2);
  });

  it('W3 is the only one under way: the next grows until its handlers have settled and it is stored', async () => {
    const { bus, batches, add } = batching({ intervalMs: 10 });
    const gates = [deferred(), deferred()];
    let at = 0;
    bus.on('analytics.batch', () => gates[at++]?.promise);
    add(1);
    await bus.clock.advance(10);
    add(2);
    await bus.clock.advance(10);
    add(3, 4, 5);
    await bus.clock.advance(100);
    expect(batches).toEqual(['1']);
    gates[0]?.resolve();
    await reactions();
    expect(batches).toEqual(['1', '2,3,4']);
    gates[1]?.resolve();
    await reactions();
    expect(batches).toEqual(['1', '2,3,4', '5']);
  });

  it('W3 is an event like any other, with the source of the bus or scope', async () => {
    const { bus, add } = batching();
    add(1, 2, 3);
    let scope!: PluginScope<AppEvents>;
    await bus.install({
      name: 'tracker',
      permissions: { emit: 'analytics.*' },
      setup: (given) => {
        scope = given;
      },
    });
    const own = createBatcher(scope, { type: 'analytics.batch', size: 1, intervalMs: 0 });
    own.add(4);
    expect(bus.emittedOf('analytics.batch').map(({ source, data }) => [source, data.items])).toEqual([
      ['app', [1, 2, 3]],
      ['tracker', [4]],
    ]);
  });
});

describe('a batch that fails', () => {
  it('W3 is emitted again when it is vetoed, under the same id, and others wait behind it', async () => {
    const { bus, batcher, batches, add } = batching();
    const gate = vetoing(bus, 2);
    add(1, 2, 3, 4, 5, 6);
    await bus.clock.advance(99);
    expect(gate.seen).toHaveLength(1);
    await bus.clock.advance(1);
    expect(gate.seen).toHaveLength(2);
    await bus.clock.advance(199);
    expect([batches, batcher.pending]).toEqual([[], 6]);
    await bus.clock.advance(1);
    expect([batches, batcher.pending]).toEqual([['1,2,3', '4,5,6'], 0]);
    expect(new Set(gate.seen.slice(0, 3)).size).toBe(1);
    expect(bus.getErrorCount()).toBe(0);
  });

  it('W3 is emitted again when it is not stored', async () => {
    const store = failing(1);
    const { bus, batcher, batches, add } = batching({}, { store: store.store as never });
    add(1, 2, 3);
    const flushed = batcher.flush();
    await bus.clock.advance(100);
    await flushed;
    // At least once: its handlers got what could not be stored.
    expect([store.types(), batches]).toEqual([['1,2,3'], ['1,2,3', '1,2,3']]);
    const [first, second] = bus.emittedOf('analytics.batch');
    expect(first?.id).toBe(second?.id);
  });

  it('W3 is emitted again when a strict store drops it', async () => {
    const store = failing(1);
    const { bus, batches, add } = batching({}, { store: store.store as never, durability: 'strict' });
    add(1, 2, 3);
    await bus.clock.advance(100);
    expect([store.types(), batches]).toEqual([['1,2,3'], ['1,2,3']]);
  });

  it('W3 is emitted again when the bus has no room', async () => {
    const { bus, batches, add } = batching({}, { queue: { maxSize: 0 } });
    bus.on('other', () => add(1, 2, 3));
    bus.emit('other');
    expect(batches).toEqual([]);
    await bus.clock.advance(100);
    expect(batches).toEqual(['1,2,3']);
  });

  it('W3 goes to onFailed when it has failed for good, its flush rejects, and the next goes on', async () => {
    const onFailed = vi.fn();
    const { bus, batcher, batches, add } = batching({ onFailed });
    vetoing(bus, 3);
    add(1, 2, 3, 4);
    const flushed = batcher.flush().catch((error) => error);
    await bus.clock.advance(300);
    const error = await flushed;
    expect(error).toBeInstanceOf(BatchError);
    expect(error).toMatchObject({ code: 'BATCH', type: 'analytics.batch', attempts: 3, status: 'vetoed' });
    expect(error.message).toBe(
      '[crosstown] A batch of 3 for "analytics.batch" was vetoed by gate at attempt 3. Let it pass, or allow more attempts with retry.',
    );
    expect(onFailed.mock.calls).toEqual([[{ items: [1, 2, 3], error }]]);
    expect([batches, batcher.pending, bus.getErrorCount()]).toEqual([['4'], 0, 0]);
  });

  it('W3 is reported with its items where nobody asked for it, also by a flush that nobody waits for', async () => {
    const { bus, batcher, add } = batching({ retry: { attempts: 1 } });
    vetoing(bus, 1);
    add(1);
    void batcher.flush();
    await bus.processEvents();
    const [failure] = bus.failures;
    expect(failure?.stage).toBe('plugin');
    expect((failure?.error as PluginError | undefined)?.plugin).toBe('batch:analytics.batch');
    expect((failure?.error as PluginError | undefined)?.cause).toMatchObject({ code: 'BATCH', items: [1] });
  });

  it('W3 is given up when retryIf says so, or fails', async () => {
    for (const retryIf of [
      () => false,
      () => {
        throw new Error('who knows');
      },
    ]) {
      const onFailed = vi.fn();
      const { bus, add } = batching({ onFailed, retry: { ...steady, retryIf } });
      vetoing(bus, 1);
      add(1, 2, 3);
      await bus.processEvents();
      expect(onFailed).toHaveBeenCalledOnce();
    }
  });

  it('W3 tells what emit refused it with, and reports what onFailed throws', async () => {
    const errors: BatchError[] = [];
    const onFailed = ({ error }: { error: BatchError }): void => {
      errors.push(error);
      throw new Error('and now?');
    };
    const refuses = {
      '~standard': { version: 1 as const, vendor: 'test', validate: () => ({ issues: [{ message: 'no' }] }) },
    };
    const { bus, add } = batching({ onFailed, retry: { attempts: 1 } }, { schemas: { 'analytics.batch': refuses } });
    add(1, 2, 3);
    await bus.processEvents();
    expect(errors).toMatchObject([{ status: undefined, cause: { name: 'SchemaError' } }]);
    expect(bus.failures).toMatchObject([{ stage: 'plugin', error: { cause: { message: 'and now?' } } }]);
  });

  it('W3 reports what an asynchronous onFailed fails with', async () => {
    const onFailed = () => Promise.reject(new Error('no disk, either'));
    const { bus, add } = batching({ onFailed, retry: { attempts: 1 } });
    vetoing(bus, 1);
    add(1, 2, 3);
    await bus.processEvents();
    expect(bus.failures).toMatchObject([{ stage: 'plugin', error: { cause: { message: 'no disk, either' } } }]);
  });

  it('W3 is none when a handler failed, or cancelled it: they have it', async () => {
    const { bus, batcher, add } = batching();
    bus.on('analytics.batch', (event) => event.cancel(), { priority: 1 });
    bus.on('analytics.batch', () => Promise.reject(new Error('mine')), { priority: 2 });
    add(1, 2, 3);
    await batcher.flush();
    expect([bus.emittedOf('analytics.batch').length, bus.getErrorCount()]).toEqual([1, 1]);
  });
});

describe('back-pressure', () => {
  /** A batcher with room for four, whose first batch is under way. */
  function full(options: Options) {
    const parts = batching({ maxPending: 4, ...options });
    const gate = deferred();
    parts.bus.once('analytics.batch', () => gate.promise);
    parts.add(1, 2, 3, 4);
    return { ...parts, gate };
  }

  it('W3 refuses what is more than maxPending', async () => {
    const { batcher, batches, gate } = full({});
    expect(() => batcher.add(5)).toThrow(QueueFullError);
    expect(() => batcher.add(5)).toThrow('There is no room for "analytics.batch": 4 events wait in its batcher');
    gate.resolve();
    await reactions();
    batcher.add(5);
    await batcher.flush();
    expect([batches, batcher.dropped]).toEqual([['1,2,3', '4,5'], 0]);
  });

  it('W3 drops the newest, or the oldest that is in no batch yet, and counts them', async () => {
    for (const [overflow, kept] of [
      ['dropNewest', '4'],
      ['dropOldest', '6'],
    ] as const) {
      const { batcher, batches, gate, add } = full({ overflow });
      add(5, 6);
      expect([batcher.pending, batcher.dropped]).toEqual([4, 2]);
      gate.resolve();
      await batcher.flush();
      expect(batches).toEqual(['1,2,3', kept]);
    }
    const { batcher, add } = full({ overflow: 'dropOldest', maxPending: 3 });
    add(5);
    expect([batcher.pending, batcher.dropped]).toEqual([3, 2]);
  });

  it('W3 says when there is room', async () => {
    const { batcher, gate } = full({});
    const told = vi.fn();
    void batcher.room().then(told);
    await reactions();
    expect(told).not.toHaveBeenCalled();
    gate.resolve();
    await reactions();
    expect(told).toHaveBeenCalledOnce();
    await batcher.room();
  });

  it('W3 says so to one producer after the other, so that each has room', async () => {
    const { bus, batcher, batches } = batching({ size: 1, maxPending: 1 });
    bus.on('analytics.batch', () => reactions());
    const produce = async (item: number): Promise<void> => {
      await batcher.room();
      batcher.add(item);
    };
    await Promise.all([1, 2, 3, 4].map(produce));
    await batcher.close();
    expect(batches).toEqual(['1', '2', '3', '4']);
  });

  it('W3 keeps a producer that waits for room within its limit', async () => {
    const { bus, batcher, batches } = batching({ maxPending: 6 });
    bus.on('analytics.batch', () => reactions());
    let most = 0;
    for (let item = 0; item < 100; item++) {
      await batcher.room();
      batcher.add(item);
      most = Math.max(most, batcher.pending);
    }
    await batcher.flush();
    expect([most, batches.join()]).toEqual([6, Array.from({ length: 100 }, (_, item) => item).join()]);
  });
});

describe('the end of a batcher', () => {
  it('W3 emits what is pending when it is closed, and leaves nothing behind', async () => {
    const { bus, batcher, batches, add } = batching();
    add(1, 2, 3, 4);
    await batcher.close();
    expect([batches, bus.clock.pending]).toEqual([['1,2,3', '4'], 0]);
    expect(() => batcher.add(5)).toThrow(BatcherClosedError);
    expect(() => batcher.add(5)).toThrow('The batcher of "analytics.batch" is closed.');
    await expect(batcher.room()).rejects.toThrow(BatcherClosedError);
    await Promise.all([batcher.close(), batcher.flush()]);
    await batching().batcher.close();
  });

  it('W3 emits what is pending when its bus closes, and waits until it is stored', async () => {
    const store = failing(0);
    const { bus, batches, add } = batching({}, { store: store.store as never });
    add(1, 2, 3, 4);
    await bus.close();
    expect([batches, store.types(), bus.clock.pending]).toEqual([['1,2,3', '4'], ['1,2,3', '4'], 0]);
  });

  it('W3 emits what is pending when its scope or plugin ends, and what that adds in its clean-up', async () => {
    const { bus } = batching();
    const { uninstall } = await bus.install({
      name: 'tracker',
      setup(scope) {
        const batcher = createBatcher(scope, { type: 'analytics.batch', size: 10, intervalMs: 1_000 });
        batcher.add(1);
        return () => batcher.add(2);
      },
    });
    await uninstall();
    const scope = bus.scope({ source: 'part' });
    createBatcher(scope, { type: 'analytics.batch', size: 10, intervalMs: 1_000 }).add(3);
    await scope.close();
    const emitted = bus.emittedOf('analytics.batch').map(({ source, data }) => `${source} ${data.items}`);
    expect([emitted, bus.clock.pending]).toEqual([['tracker 1,2', 'part 3'], 0]);
  });

  it('W3 lets a batcher of the bus take what plugins add while the bus closes', async () => {
    const { bus, batcher, batches } = batching();
    await bus.install({ name: 'late', setup: () => () => batcher.add(7) });
    await bus.close();
    expect(batches).toEqual(['7']);
  });

  it('W3 tries each batch once more, without a pause, and reports what fails then', async () => {
    const { bus, batcher, batches, add } = batching();
    const gate = vetoing(bus, 2);
    add(1, 2, 3, 4);
    await bus.processEvents();
    expect(bus.clock.pending).toBe(1);
    await bus.close();
    expect([gate.seen.length, batches, batcher.pending, bus.clock.pending]).toEqual([3, ['4'], 0, 0]);
    expect(bus.failures).toMatchObject([{ stage: 'plugin', error: { cause: { items: [1, 2, 3], attempts: 2 } } }]);
  });

  it('W3 reports what fails when it is closed by itself', async () => {
    for (const make of ['bus', 'scope'] as const) {
      const { bus, given } = batching();
      vetoing(bus, 5);
      const batcher = createBatcher(make === 'bus' ? bus : bus.scope({ source: 'part' }), given);
      batcher.add(1);
      await batcher.close();
      await bus.processEvents();
      expect(bus.failures).toMatchObject([{ stage: 'plugin', error: { cause: { items: [1] } } }]);
      await bus.close();
      expect(bus.getErrorCount()).toBe(1);
    }
  });

  it('W3 does not wait for a handler that takes its time to emit what is behind it', async () => {
    const { bus, batches, add } = batching();
    bus.on('analytics.batch', () => new Promise(() => {}));
    add(1, 2, 3, 4, 5, 6, 7);
    const closed = bus.close({ timeoutMs: 50 });
    await bus.clock.advance(200);
    await closed;
    expect([batches, bus.clock.pending]).toEqual([['1,2,3', '4,5,6', '7'], 0]);
  });

  it('W3 reports what comes after a close that did not wait for a handler, and then takes no more', async () => {
    const { bus, add } = batching();
    bus.on('analytics.batch', () => new Promise(() => {}));
    add(1, 2, 3);
    const closed = bus.close({ timeoutMs: 50 });
    await bus.clock.advance(200);
    await closed;
    add(4);
    await bus.processEvents();
    expect(bus.failures).toMatchObject([{ error: { cause: { name: 'BatchError', items: [4] } } }]);
    expect(() => add(5)).toThrow(BatcherClosedError);
  });

  it.each<[string, Options]>([
    ['no size', { size: 0 }],
    ['no interval', { intervalMs: -1 }],
    ['less room than a batch takes', { maxPending: 2 }],
    ['no such overflow', { overflow: 'wait' as never }],
    ['no attempt', { retry: { attempts: 0 } }],
    ['no retry', { retry: 7 as never }],
    ['a delay below 0', { retry: { attempts: 2, delayMs: -1 } }],
    ['an onFailed that is no function', { onFailed: 'log' as never }],
  ])('W3 refuses %s', (_, options) => {
    expect(() => batching(options)).toThrow(InvalidOptionError);
  });
});

describe('any run of a batcher', () => {
  const step = fc.oneof(
    { weight: 6, arbitrary: fc.record({ kind: fc.constant('add' as const), count: fc.integer({ min: 1, max: 9 }) }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.nat(300) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('flush' as const) }) },
  );
  const fate = fc.constantFrom('ok', 'ok', 'ok', 'veto', 'unstored', 'slow');

  it('W3 keeps order and loses nothing, whatever is vetoed or not stored, with one batch under way', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 40 }),
        fc.array(fate, { minLength: 1, maxLength: 12 }),
        fc.integer({ min: 1, max: 6 }),
        fc.constantFrom(2, 4),
        async (steps, fates, size, attempts) => {
          const store = failing(0);
          const lost: number[] = [];
          const { bus, batcher } = batching(
            {
              size,
              intervalMs: 100,
              retry: { ...steady, attempts, delayMs: 40 },
              onFailed: ({ items }) => lost.push(...items),
            },
            { store: store.store as never },
          );
          let tries = 0;
          let underWay = 0;
          bus.use(async (event, next) => {
            expect(++underWay).toBe(1);
            expect((event.data as { items: unknown[] }).items.length).toBeLessThanOrEqual(size);
            const become = fates[tries++ % fates.length];
            if (become === 'unstored') store.left = 1;
            if (become === 'slow') await new Promise<void>((resolve) => bus.clock.setTimeout(resolve, 70));
            if (become !== 'veto') await next();
            underWay--;
          });
          let added = 0;
          for (const one of steps) {
            if (one.kind === 'add') for (let n = 0; n < one.count; n++) batcher.add(added++);
            else if (one.kind === 'wait') await bus.clock.advance(one.ms);
            else void batcher.flush();
          }
          const flushed = batcher.flush().catch(() => {});
          await bus.clock.advance(60_000);
          await flushed;
          const kept = store.types().flatMap((items) => `${items}`.split(',').map(Number));
          const all = Array.from({ length: added }, (_, n) => n);
          expect(kept).toEqual(kept.toSorted((a, b) => a - b));
          expect(lost).toEqual(lost.toSorted((a, b) => a - b));
          expect([...kept, ...lost].sort((a, b) => a - b)).toEqual(all);
          if (!fates.includes('veto') && !fates.includes('unstored')) expect(lost).toEqual([]);
          expect([batcher.pending, batcher.dropped, bus.clock.pending]).toEqual([0, 0, 0]);
        },
      ),
    );
  });

  it('W3 has each item wait intervalMs at most, and each batch full or due, as a naive batcher has', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), fc.integer({ min: 1, max: 6 }), async (steps, size) => {
        const { bus, batcher, batches } = batching({ size, intervalMs: 100 });
        const expected: string[] = [];
        let waiting: { item: number; at: number }[] = [];
        const emit = (): void =>
          void expected.push(
            waiting
              .splice(0, size)
              .map(({ item }) => item)
              .join(),
          );
        let now = 0;
        let added = 0;
        for (const one of steps) {
          if (one.kind === 'add') {
            for (let n = 0; n < one.count; n++) {
              batcher.add(added);
              // Without handlers that take time the next batch may leave after a turn.
              await reactions();
              waiting.push({ item: added++, at: now });
              if (waiting.length >= size) emit();
            }
          } else if (one.kind === 'wait') {
            await bus.clock.advance(one.ms);
            now += one.ms;
            if (waiting[0] !== undefined && waiting[0].at + 100 <= now) emit();
          } else {
            await batcher.flush();
            if (waiting.length > 0) emit();
            waiting = [];
          }
          expect(batches).toEqual(expected);
        }
      }),
    );
  });
});
