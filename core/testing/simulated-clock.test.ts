import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { CrosstownError, InvalidOptionError } from '../index.js';
import { SimulatedClock } from './simulated-clock.js';

const start = Date.parse('2020-01-01T00:00:00Z');

/** A clock, and a log of what ran with the milliseconds that had gone by. */
function logged(): { clock: SimulatedClock; log: [string, number][]; note: (what: string) => () => void } {
  const clock = new SimulatedClock();
  const log: [string, number][] = [];
  return { clock, log, note: (what) => () => void log.push([what, clock.precise() - start]) };
}

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('a simulated clock', () => {
  it('stands at the beginning of 2020, or where it is told to begin, until it is advanced', async () => {
    const clock = new SimulatedClock();
    expect([clock.now(), clock.precise()]).toEqual([start, start]);
    await clock.advance(1.5);
    expect([clock.now(), clock.precise()]).toEqual([start + 1, start + 1.5]);
    expect(new SimulatedClock({ startAt: 5 }).now()).toBe(5);
  });

  it('runs timers by time and then in the order they were set, each at its own time', async () => {
    const { clock, log, note } = logged();
    clock.setTimeout(note('late'), 30);
    clock.setTimeout(note('first'), 10);
    clock.setTimeout(note('second'), 10);
    clock.setTimeout(note('not yet'), 31);
    await clock.advance(30);
    expect(log).toEqual([
      ['first', 10],
      ['second', 10],
      ['late', 30],
    ]);
    expect(clock.pending).toBe(1);
  });

  it('runs what timers set, if it comes due on the way', async () => {
    const { clock, log, note } = logged();
    clock.setTimeout(() => {
      clock.setTimeout(note('at once'), 0);
      clock.setTimeout(note('in time'), 5);
      clock.setTimeout(note('too late'), 6);
    }, 5);
    clock.setTimeout(note('before'), 7);
    await clock.advance(10);
    expect(log.map(([what]) => what)).toEqual(['at once', 'before', 'in time']);
  });

  it('lets every reaction run before time goes on, however long their chain is', async () => {
    const { clock, log, note } = logged();
    const hops = async (): Promise<void> => {
      for (let i = 0; i < 5_000; i++) await undefined;
      note('reacted')();
    };
    clock.setTimeout(() => void hops(), 10);
    clock.setTimeout(note('later'), 20);
    void hops();
    await clock.advance(20);
    expect(log).toEqual([
      ['reacted', 0],
      ['reacted', 10],
      ['later', 20],
    ]);
  });

  it('sees timers that reactions set, at the time they set them', async () => {
    const { clock, log, note } = logged();
    const sleep = (ms: number): Promise<void> => new Promise((resolve) => void clock.setTimeout(resolve, ms));
    const worker = async (): Promise<void> => {
      for (let i = 0; i < 3; i++) {
        await sleep(10);
        note('woke')();
      }
    };
    void worker();
    await clock.advance(1_000);
    expect(log.map(([, at]) => at)).toEqual([10, 20, 30]);
  });

  it('runs what is due now when no time goes by, and nothing else', async () => {
    const { clock, log, note } = logged();
    clock.setTimeout(note('now'), 0);
    clock.setTimeout(note('negative'), -5);
    clock.setTimeout(note('without a number'), Number.NaN);
    clock.setTimeout(note('soon'), 0.01);
    clock.setTimeout(note('never'), Number.POSITIVE_INFINITY);
    await clock.advance(0);
    expect(log.map(([what]) => what)).toEqual(['now', 'negative', 'without a number']);
    expect(clock.pending).toBe(2);
  });

  it('runs no timer that was cleared, not even by the one before it', async () => {
    const { clock, log, note } = logged();
    const [one, two] = [clock.setTimeout(note('one'), 1), clock.setTimeout(note('two'), 2)];
    clock.setTimeout(() => clock.clearTimeout(two), 1);
    clock.setTimeout(note('three'), 2);
    await clock.advance(1);
    for (const timer of [one, two, undefined, null, 7, {}]) clock.clearTimeout(timer);
    await clock.advance(1);
    expect(log.map(([what]) => what)).toEqual(['one', 'three']);
  });

  it('leaves the timers of another clock alone', () => {
    const [clock, other] = [new SimulatedClock(), new SimulatedClock()];
    clock.setTimeout(() => {}, 1);
    clock.clearTimeout(other.setTimeout(() => {}, 1));
    expect([clock.pending, other.pending]).toEqual([1, 1]);
  });

  it('advances one call after the other, even from a timer', async () => {
    const { clock, log, note } = logged();
    clock.setTimeout(() => void clock.advance(10).then(note('inner')), 5);
    clock.setTimeout(note('timer'), 12);
    await Promise.all([clock.advance(10).then(note('first')), clock.advance(1).then(note('second'))]);
    await clock.advance(0);
    expect(log).toEqual([
      ['first', 10],
      ['second', 11],
      ['timer', 12],
      ['inner', 21],
    ]);
  });

  it('stops where a timer throws, and goes on from there', async () => {
    const { clock, log, note } = logged();
    const error = new Error('thrown');
    clock.setTimeout(() => {
      throw error;
    }, 5);
    clock.setTimeout(note('after'), 6);
    await expect(clock.advance(10)).rejects.toBe(error);
    expect([clock.precise() - start, clock.pending]).toEqual([5, 1]);
    await clock.advance(1);
    expect(log).toEqual([['after', 6]]);
  });

  it('gives up on timers that need no time and never end', async () => {
    const clock = new SimulatedClock();
    const again = (): void => void clock.setTimeout(again, 0);
    again();
    const error: unknown = await clock.advance(0).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(CrosstownError);
    expect(error).toMatchObject({ code: 'ENDLESS_TIMERS' });
  });

  it('takes many timers at one instant, and many instants without time, for no such loop', async () => {
    const clock = new SimulatedClock();
    let ran = 0;
    for (let i = 0; i < 11_000; i++) clock.setTimeout(() => ran++, 5);
    await clock.advance(5);
    for (let i = 0; i < 11_000; i++) {
      clock.setTimeout(() => ran++, 0);
      await clock.advance(0);
    }
    expect(ran).toBe(22_000);
    const every = (): void => void (++ran && clock.setTimeout(every, 1));
    every();
    await clock.advance(11_000);
    expect(ran).toBe(33_001);
  });

  it('has its time of day set without durations or timers taking notice', async () => {
    const { clock, log, note } = logged();
    clock.setTimeout(note('timer'), 10);
    clock.set(start - 3_600_000);
    expect([clock.now(), clock.precise()]).toEqual([start - 3_600_000, start]);
    await clock.advance(10);
    expect([clock.now(), clock.precise()]).toEqual([start - 3_599_990, start + 10]);
    expect(log).toEqual([['timer', 10]]);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY])('takes %s neither as a time nor as a duration', (value) => {
    const clock = new SimulatedClock();
    expect(() => new SimulatedClock({ startAt: value })).toThrow(InvalidOptionError);
    expect(() => clock.set(value)).toThrow(InvalidOptionError);
    expect(() => clock.advance(value)).toThrow(InvalidOptionError);
    expect(() => clock.advance(-1)).toThrow(InvalidOptionError);
  });

  it('neither minds nor moves the timers that a test runner has faked', async () => {
    vi.useFakeTimers({ toFake: [...fakeable] });
    const { clock, log, note } = logged();
    setTimeout(note('faked'), 0);
    clock.setTimeout(() => void Promise.resolve().then(note('reacted')), 10);
    await clock.advance(10);
    expect(log).toEqual([['reacted', 10]]);
    expect(vi.getTimerCount()).toBe(1);
  });

  it('works where there are no message channels', async () => {
    vi.stubGlobal('MessageChannel', undefined);
    const { clock, log, note } = logged();
    const hops = async (): Promise<void> => {
      for (let i = 0; i < 500; i++) await undefined;
      note('reacted')();
    };
    clock.setTimeout(() => void hops(), 10);
    clock.setTimeout(note('later'), 20);
    await clock.advance(20);
    expect(log.map(([what]) => what)).toEqual(['reacted', 'later']);
  });

  it('runs what a plain list of timers would run, in the same order', async () => {
    const timer = fc.record({ delayMs: fc.nat(20), cleared: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(
        fc.array(timer, { maxLength: 30 }),
        fc.array(fc.nat(15), { maxLength: 4 }),
        async (set, steps) => {
          const clock = new SimulatedClock();
          const ran: number[] = [];
          const timers = set.map(({ delayMs }, i) => clock.setTimeout(() => ran.push(i), delayMs));
          for (const [i, { cleared }] of set.entries()) if (cleared) clock.clearTimeout(timers[i]);
          for (const step of steps) await clock.advance(step);
          const passed = steps.reduce((sum, step) => sum + step, 0);
          const live = set.map((one, i) => ({ ...one, i })).filter(({ cleared }) => !cleared);
          const due = live.filter(({ delayMs }) => steps.length > 0 && delayMs <= passed);
          expect(ran).toEqual(due.toSorted((a, b) => a.delayMs - b.delayMs || a.i - b.i).map(({ i }) => i));
          expect(clock.pending).toBe(live.length - due.length);
        },
      ),
    );
  });
});

/** What vitest can fake, which is more than it fakes by default. */
const fakeable = [
  'setTimeout',
  'clearTimeout',
  'setInterval',
  'clearInterval',
  'setImmediate',
  'clearImmediate',
  'queueMicrotask',
  'Date',
  'performance',
] as const;
