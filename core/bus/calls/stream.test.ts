import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import {
  BusClosedError,
  type BusEvent,
  createEventBus,
  type EventBus,
  InvalidOptionError,
  InvalidPatternError,
  QueueFullError,
  type StreamOptions,
} from '../../index.js';
import { reactions } from '../deferred.test.kit.js';

interface Numbers {
  a: number;
  b: number;
  end: undefined;
}

type NumberStream = AsyncIterableIterator<BusEvent<string, number>>;

/** Data of the next event, `done`, or what `next` rejected with. */
async function take(stream: NumberStream): Promise<unknown> {
  try {
    const { done, value } = await stream.next();
    return done === true ? 'done' : value.data;
  } catch (error) {
    return error;
  }
}

/** What a stream still hands out. */
async function rest(stream: NumberStream): Promise<unknown[]> {
  const all: unknown[] = [];
  while (all.at(-1) !== 'done' && all.length < 10_000) all.push(await take(stream));
  return all;
}

/** A bus and a stream of `a` that has five events waiting for a reader, or for room. */
function filled(options?: StreamOptions<BusEvent<'a', number>>) {
  const bus = createEventBus<Numbers>();
  const lost: unknown[] = [];
  bus.inspect((told) => {
    if (told.kind === 'dropped') lost.push([told.reason, told.event?.data]);
  });
  const stream = bus.stream('a', options);
  for (let n = 1; n <= 5; n++) bus.emit('a', n);
  return { bus, stream, lost };
}

const live = (bus: EventBus<Numbers>): number => bus.stats().subscriptions;

describe('a stream', () => {
  it('R7 hands out the events that match, one after the other', async () => {
    const bus = createEventBus<Numbers>();
    const seen: number[] = [];
    const reading = (async () => {
      for await (const event of bus.stream(['a', 'end'])) {
        if (event.type === 'end') break;
        seen.push(event.data);
      }
    })();
    bus.emit('a', 1);
    bus.emit('b', 2);
    await reactions();
    bus.emit('a', 3);
    bus.emit('a', 4);
    bus.emit('end');
    await reading;
    expect(seen).toEqual([1, 3, 4]);
    expect(live(bus)).toBe(0);
  });

  it('R7 begins with its call, not with the first read', async () => {
    const { stream } = filled();
    expect([await take(stream), await take(stream)]).toEqual([1, 2]);
  });

  it('R7 hands out the very events', async () => {
    const bus = createEventBus<Numbers>();
    const stream = bus.stream('a');
    const { event } = bus.emit('a', 1);
    expect((await stream.next()).value).toBe(event);
  });

  it('R7 heeds its filter', async () => {
    const { stream } = filled({ filter: ({ data }) => data % 2 === 1 });
    expect([await take(stream), await take(stream), await take(stream)]).toEqual([1, 3, 5]);
  });

  it('R7 answers reads in the order they were made', async () => {
    const bus = createEventBus<Numbers>();
    const stream = bus.stream('a');
    const answered: unknown[] = [];
    const reads = [0, 1, 2].map(async (n) => answered.push([n, await take(stream)]));
    bus.emit('a', 1);
    bus.emit('a', 2);
    await reactions();
    expect(answered).toEqual([
      [0, 1],
      [1, 2],
    ]);
    bus.emit('a', 3);
    await Promise.all(reads);
    expect(answered[2]).toEqual([2, 3]);
  });

  it('R7 is one subscription however often it is read, and is named stream', () => {
    const bus = createEventBus<Numbers>();
    const names: string[] = [];
    bus.inspect((told) => {
      if (told.kind === 'subscribed') names.push(told.handler.name);
    });
    const stream = bus.stream(['a', 'b']);
    expect(stream[Symbol.asyncIterator]()).toBe(stream);
    expect(names).toEqual(['stream']);
  });

  it('R7 shares its events with no other stream', async () => {
    const bus = createEventBus<Numbers>();
    const [one, other] = [bus.stream('a'), bus.stream('a')];
    bus.emit('a', 1);
    expect([await take(one), await take(other)]).toEqual([1, 1]);
  });
});

describe('a stream that is read too slowly', () => {
  it('R7 lets the oldest event go by default, counts and shows it', async () => {
    const { bus, stream, lost } = filled({ buffer: 2 });
    expect(lost).toEqual([
      ['queue-full', 1],
      ['queue-full', 2],
      ['queue-full', 3],
    ]);
    expect(bus.stats().discarded).toBe(3);
    void bus.close();
    expect(await rest(stream)).toEqual([4, 5, 'done']);
  });

  it('R7 with dropNewest lets those go that come', async () => {
    const { bus, stream, lost } = filled({ buffer: 2, overflow: 'dropNewest' });
    expect(lost).toEqual([
      ['queue-full', 3],
      ['queue-full', 4],
      ['queue-full', 5],
    ]);
    await take(stream);
    bus.emit('a', 6);
    bus.off('a');
    expect(await rest(stream)).toEqual([2, 6, 'done']);
  });

  it('R7 with reject hands out what waits, then fails once and is over', async () => {
    const { bus, stream, lost } = filled({ buffer: 2, overflow: 'reject' });
    expect(live(bus)).toBe(0);
    expect(lost).toEqual([['queue-full', 3]]);
    const [one, two, error, ...after] = await rest(stream);
    expect([one, two, after]).toEqual([1, 2, ['done']]);
    expect(error).toBeInstanceOf(QueueFullError);
    expect(error).toMatchObject({
      code: 'QUEUE_FULL',
      type: 'a',
      limit: 2,
      message: expect.stringContaining('stream'),
    });
  });

  it('R7 keeps 1,000 events by default', () => {
    const bus = createEventBus<Numbers>();
    bus.stream('a');
    for (let n = 0; n < 1_000; n++) bus.emit('a', n);
    expect(bus.stats().discarded).toBe(0);
    bus.emit('a', 1_000);
    expect(bus.stats().discarded).toBe(1);
  });

  it('R7 may keep all of them', async () => {
    const bus = createEventBus<Numbers>();
    const stream = bus.stream('a', { buffer: Number.POSITIVE_INFINITY });
    for (let n = 0; n < 5_000; n++) bus.emit('a', n);
    bus.off('a');
    expect(await rest(stream)).toHaveLength(5_001);
  });

  it('R7 does not count what a reader waits for', async () => {
    const bus = createEventBus<Numbers>();
    const stream = bus.stream('a', { buffer: 1, overflow: 'reject' });
    const reads = [take(stream), take(stream)];
    for (let n = 1; n <= 3; n++) bus.emit('a', n);
    expect([...(await Promise.all(reads)), await take(stream)]).toEqual([1, 2, 3]);
  });
});

describe('the end of a stream', () => {
  it('R7 comes with a break of its loop, which detaches at once', async () => {
    const { bus, stream } = filled();
    for await (const event of stream) {
      expect(event.data).toBe(1);
      break;
    }
    expect(live(bus)).toBe(0);
    expect(await take(stream)).toBe('done');
  });

  it('R7 comes with an error in its loop', async () => {
    const { bus, stream } = filled();
    const loop = async (): Promise<void> => {
      for await (const _ of stream) throw new Error('in the loop');
    };
    await expect(loop()).rejects.toThrow('in the loop');
    expect([live(bus), await take(stream)]).toEqual([0, 'done']);
  });

  it('R7 comes with return, which drops what waits and gives back its value', async () => {
    const { bus, stream } = filled();
    const returned = stream.return?.(Promise.resolve('value'));
    expect(live(bus)).toBe(0);
    expect(await returned).toEqual({ done: true, value: 'value' });
    expect(await take(stream)).toBe('done');
    expect(await stream.return?.()).toEqual({ done: true, value: undefined });
  });

  it('R7 comes with throw, which drops what waits and rejects with its error', async () => {
    const { bus, stream } = filled();
    const thrown = stream.throw?.('error');
    expect(live(bus)).toBe(0);
    await expect(thrown).rejects.toBe('error');
    expect(await take(stream)).toBe('done');
  });

  it('R7 comes with its disposal', async () => {
    const { bus, stream } = filled();
    await (stream as unknown as AsyncDisposable)[Symbol.asyncDispose]();
    expect([live(bus), await take(stream)]).toEqual([0, 'done']);
  });

  it.each([
    ['the bus closes', (bus: EventBus<Numbers>) => void bus.close()],
    ['its pattern is given to off', (bus: EventBus<Numbers>) => bus.off('a')],
  ])('R7 comes when %s: what waits is handed out first', async (_, end) => {
    const { bus, stream } = filled({ buffer: 2 });
    end(bus);
    expect(live(bus)).toBe(0);
    expect(await rest(stream)).toEqual([4, 5, 'done']);
    expect(await take(stream)).toBe('done');
  });

  it.each<[string, (bus: EventBus<Numbers>, stream: NumberStream) => unknown]>([
    ['the bus closes', (bus) => bus.close()],
    ['its pattern is given to off', (bus) => bus.off('a')],
    ['it returns', (_, stream) => stream.return?.()],
    ['something is thrown into it', (_, stream) => stream.throw?.('error').catch(() => {})],
  ])('R7 answers every reader when %s', async (_, end) => {
    const bus = createEventBus<Numbers>();
    const stream = bus.stream('a');
    const reads = [take(stream), take(stream)];
    await end(bus, stream);
    expect(await Promise.all(reads)).toEqual(['done', 'done']);
  });
});

describe('the signal of a stream', () => {
  it('R7 drops what waits and fails the next read, once', async () => {
    const controller = new AbortController();
    const { bus, stream } = filled({ signal: controller.signal });
    controller.abort('enough');
    expect(live(bus)).toBe(0);
    expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
    expect(await rest(stream)).toEqual(['enough', 'done']);
  });

  it('R7 fails the first reader, and the others are done', async () => {
    const controller = new AbortController();
    const stream = createEventBus<Numbers>().stream('a', { signal: controller.signal });
    const reads = [take(stream), take(stream)];
    controller.abort('enough');
    expect(await Promise.all([...reads, take(stream)])).toEqual(['enough', 'done', 'done']);
  });

  it('R7 that has aborted already subscribes nobody', async () => {
    const signal = AbortSignal.abort('too late');
    const { bus, stream } = filled({ signal });
    expect(live(bus)).toBe(0);
    expect(await rest(stream)).toEqual(['too late', 'done']);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it('R7 stops what waits though the stream had ended before', async () => {
    const controller = new AbortController();
    const { bus, stream } = filled({ signal: controller.signal });
    bus.off('a');
    expect(await take(stream)).toBe(1);
    controller.abort('enough');
    expect(await rest(stream)).toEqual(['enough', 'done']);
  });

  it('R7 changes nothing once all was handed out, or the reader has left', async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const [ended, left] = [filled({ signal }), filled({ signal })];
    ended.bus.off('a');
    await rest(ended.stream);
    await left.stream.return?.();
    controller.abort();
    expect([await take(ended.stream), await take(left.stream)]).toEqual(['done', 'done']);
  });

  it('R7 is let go of when the loop ends', async () => {
    const { signal } = new AbortController();
    const { stream } = filled({ signal });
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    await stream.return?.();
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });
});

describe('a call of stream', () => {
  it.each<[string, () => unknown, new (...args: never[]) => Error]>([
    ['a bad pattern', () => createEventBus().stream('a b'), InvalidPatternError],
    ['a filter that is none', () => createEventBus().stream('a', { filter: 1 as never }), InvalidOptionError],
    ['no room at all', () => createEventBus().stream('a', { buffer: 0 }), InvalidOptionError],
    ['half a place', () => createEventBus().stream('a', { buffer: 1.5 }), InvalidOptionError],
    ['an unknown policy', () => createEventBus().stream('a', { overflow: 'dropAll' as never }), InvalidOptionError],
  ])('D10 R7 throws at once for %s', (_, call, kind) => {
    expect(call).toThrow(kind);
  });

  it('D10 R7 throws at once on a closed bus, and names itself', async () => {
    const bus = createEventBus();
    await bus.close();
    expect(() => bus.stream('a')).toThrow(BusClosedError);
    expect(() => bus.stream('a')).toThrow(/stream/);
  });

  it('R7 takes in what an observer emits meanwhile, and ends when that is too much', async () => {
    const bus = createEventBus<Numbers>();
    const stop = bus.inspect(({ kind }) => {
      if (kind === 'subscribed') for (let n = 1; n <= 3; n++) bus.emit('a', n);
    });
    const stream = bus.stream('a', { buffer: 1, overflow: 'reject' });
    stop();
    expect(live(bus)).toBe(0);
    const [one, error, ...after] = await rest(stream);
    expect([one, after]).toEqual([1, ['done']]);
    expect(error).toBeInstanceOf(QueueFullError);
  });
});
