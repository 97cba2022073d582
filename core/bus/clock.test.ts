import { afterEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../index.js';

afterEach(() => {
  vi.unstubAllGlobals();
});

describe('the clock of the platform', () => {
  it('measures in milliseconds since the epoch, as it reads the time, and never goes back', () => {
    expect(Math.abs(systemClock.precise() - systemClock.now())).toBeLessThan(60_000);
    const readings = Array.from({ length: 1000 }, () => systemClock.precise());
    expect(readings).toEqual([...readings].sort((a, b) => a - b));
  });

  it('calls once, and not when it was cleared', async () => {
    let calls = 0;
    systemClock.clearTimeout(systemClock.setTimeout(() => calls++, 1));
    await new Promise<void>((resolve) => systemClock.setTimeout(resolve, 5));
    expect(calls).toBe(0);
  });

  it('sets no timer that keeps a process alive', () => {
    const timer = systemClock.setTimeout(() => {}, 1000) as NodeJS.Timeout;
    expect(timer.hasRef()).toBe(false);
    systemClock.clearTimeout(timer);
  });

  it.each([7, null, {}, undefined])('takes a timer as the platform gives it: %j', (timer) => {
    vi.stubGlobal('setTimeout', () => timer);
    expect(systemClock.setTimeout(() => {}, 1)).toBe(timer);
  });

  it('waits as long as a timer can when it is asked for longer', () => {
    const delays: unknown[] = [];
    vi.stubGlobal('setTimeout', (_: unknown, delayMs: number) => delays.push(delayMs));
    systemClock.setTimeout(() => {}, 2 ** 31);
    systemClock.setTimeout(() => {}, 5);
    expect(delays).toEqual([2 ** 31 - 1, 5]);
  });
});
