import type { Clock } from '../index.js';

const made = new WeakMap<Clock, number>();

/**
 * The next id of a simulated world: a UUIDv7 (RFC 9562) whose random part is the count of ids made on the same clock, so
 * that buses that share the clock never make the same id, and a test that runs again makes the same ones.
 */
export function testId(clock: Clock): string {
  const count = (made.get(clock) ?? 0) + 1;
  made.set(clock, count);
  const time = hex(Math.max(0, Math.floor(clock.precise())));
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-${hex(count)}`;
}

function hex(value: number): string {
  return value.toString(16).padStart(12, '0').slice(-12);
}
