import { useInsertionEffect, useRef } from 'react';

/** Deeper than this nothing is compared, as it may have no end. */
const MAX_DEPTH = 50;

/** The value of the last commit while the new one says the same: what is written inline is another object each time. */
export function useByValue<T>(value: T): T {
  const last = useRef(value);
  const kept = isSame(last.current, value) ? last.current : value;
  useInsertionEffect(() => {
    last.current = kept;
  });
  return kept;
}

/** Whether two values say the same: plain objects, lists and dates by what is in them, all others by identity. */
export function isSame(one: unknown, other: unknown, depth = 0): boolean {
  if (Object.is(one, other)) return true;
  if (one instanceof Date && other instanceof Date) return Object.is(one.getTime(), other.getTime());
  if (!isPlain(one) || !isPlain(other) || Array.isArray(one) !== Array.isArray(other) || depth > MAX_DEPTH)
    return false;
  const keys = Object.keys(one);
  return (
    keys.length === Object.keys(other).length &&
    keys.every((key) => Object.hasOwn(other, key) && isSame(one[key], other[key], depth + 1))
  );
}

function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === Array.prototype || prototype === null;
}
