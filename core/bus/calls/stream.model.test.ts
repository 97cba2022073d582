import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type BusEvent, createEventBus, type Overflow } from '../../index.js';
import { reactions } from '../deferred.test.kit.js';

type Step = 'emit' | 'next' | 'return' | 'throw' | 'abort' | 'off' | 'close';

interface Limits {
  readonly buffer: number;
  readonly overflow: Overflow;
}

/** What somebody sees of a stream: how each read was answered, `open` until then, and which events were let go. */
interface Seen {
  readonly reads: readonly string[];
  readonly lost: readonly number[];
  readonly subscribed: boolean;
}

/** A stream that keeps nothing but the story of its steps, and reads it from the start whenever it is asked. */
function model(steps: readonly Step[], { buffer, overflow }: Limits): Seen {
  const reads: string[] = [];
  const lost: number[] = [];
  let waiting: number[] = [];
  let subscribed = true;
  let aborted = false;
  let closed = false;
  let n = 0;
  /** What reads are told after the waiting events; the last one for ever. */
  let tail: string[] = [];
  const answer = (): void => {
    for (let read = reads.indexOf('open'); read >= 0; read = reads.indexOf('open')) {
      const event = waiting.shift();
      if (event !== undefined) reads[read] = String(event);
      else if (tail.length > 0) reads[read] = (tail.length > 1 ? tail.shift() : tail[0]) as string;
      else return;
    }
  };
  const end = (...told: string[]): void => {
    if (subscribed) tail = told;
    subscribed = false;
  };
  for (const step of steps) {
    if (step === 'emit') {
      if (closed) continue;
      n++;
      if (!subscribed) continue;
      waiting.push(n);
      answer();
      if (waiting.length > buffer) {
        lost.push(...(overflow === 'dropOldest' ? waiting.splice(0, 1) : waiting.splice(-1)));
        if (overflow === 'reject') end('full', 'done');
      }
    } else if (step === 'next') reads.push('open');
    else if (step === 'off') end('done');
    else if (step === 'close') {
      closed = true;
      end('done');
    } else if (step === 'abort') {
      if (!aborted && (subscribed || waiting.length > 0)) tail = ['aborted', 'done'];
      if (!aborted) waiting = [];
      aborted = true;
      subscribed = false;
    } else {
      subscribed = false;
      waiting = [];
      // Who was reading is told of the end like everybody; a failure nobody has heard of is not told any more.
      tail = ['done'];
    }
    answer();
  }
  return { reads, lost, subscribed };
}

async function real(steps: readonly Step[], { buffer, overflow }: Limits): Promise<Seen> {
  const bus = createEventBus<{ a: number }>();
  const lost: number[] = [];
  bus.inspect((told) => {
    if (told.kind === 'dropped') lost.push((told.event as BusEvent<'a', number>).data);
  });
  const controller = new AbortController();
  const stream = bus.stream('a', { buffer, overflow, signal: controller.signal });
  const reads: string[] = [];
  let n = 0;
  let closed = false;
  const read = (): void => {
    const at = reads.push('open') - 1;
    stream.next().then(
      ({ done, value }) => {
        reads[at] = done === true ? 'done' : String(value.data);
      },
      (error: unknown) => {
        reads[at] = error === 'aborted' ? 'aborted' : 'full';
      },
    );
  };
  for (const step of steps) {
    if (step === 'emit') {
      if (!closed) bus.emit('a', ++n);
    } else if (step === 'next') read();
    else if (step === 'return') void stream.return?.();
    else if (step === 'throw') stream.throw?.('thrown').catch(() => {});
    else if (step === 'abort') controller.abort('aborted');
    else if (step === 'off') bus.off('a');
    else {
      closed = true;
      void bus.close();
    }
  }
  await reactions();
  return { reads, lost, subscribed: bus.stats().subscriptions === 1 };
}

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 12, arbitrary: fc.constant<Step>('emit') },
    { weight: 8, arbitrary: fc.constant<Step>('next') },
    { weight: 1, arbitrary: fc.constantFrom<Step>('return', 'throw', 'abort', 'off', 'close') },
  ),
  { maxLength: 40 },
);

const limits: fc.Arbitrary<Limits> = fc.record({
  buffer: fc.oneof(fc.integer({ min: 1, max: 4 }), fc.constant(Number.POSITIVE_INFINITY)),
  overflow: fc.constantFrom<Overflow>('dropOldest', 'dropNewest', 'reject'),
});

it('R7 a stream does what its naive model does, whatever happens to it', async () => {
  await fc.assert(
    fc.asyncProperty(steps, limits, async (story, limit) => {
      expect(await real(story, limit)).toEqual(model(story, limit));
    }),
    { numRuns: 1_000 },
  );
});

it('R7 no read of a stream that has ended stays open', async () => {
  await fc.assert(
    fc.asyncProperty(
      steps,
      limits,
      fc.constantFrom<Step>('return', 'throw', 'abort', 'off', 'close'),
      async (story, limit, end) => {
        const { reads, subscribed } = await real([...story, end, 'next'], limit);
        expect([reads.includes('open'), subscribed]).toEqual([false, false]);
      },
    ),
    { numRuns: 300 },
  );
});
