/** How many objects a value may have before those are told apart that it holds twice. */
const FEW = 500;

/**
 * Roughly how many bytes a value takes on the wire or on disk, counted no further than just above `limit`. Throws what a
 * getter in the value throws.
 *
 * @example
 * approximateBytes({ name: 'ada' }, 1000); // 15
 */
export function approximateBytes(value: unknown, limit: number): number {
  const bytes = countBytes(value, limit, FEW);
  // What holds itself was counted too often; to tell that apart from the start is slow, and hardly ever needed.
  return bytes > limit ? countBytes(value, limit, 0) : bytes;
}

function countBytes(value: unknown, limit: number, unchecked: number): number {
  let bytes = 0;
  let objects = 0;
  let seen: Set<object> | undefined;
  const open: object[] = [];
  const count = (part: unknown): void => {
    if (typeof part === 'string') bytes += part.length;
    else if (typeof part === 'object' && part !== null) open.push(part);
    else bytes += 8;
  };
  count(value);
  for (let at = open.pop(); at !== undefined && bytes <= limit; at = open.pop()) {
    bytes += 8;
    if (++objects > unchecked) {
      seen ??= new Set();
      if (seen.has(at)) continue;
      seen.add(at);
    }
    const prototype: unknown = Object.getPrototypeOf(at);
    if (prototype === Object.prototype || prototype === null) {
      for (const key in at) {
        bytes += key.length;
        count((at as Record<string, unknown>)[key]);
      }
    } else if (Array.isArray(at)) {
      // A length alone costs its sender nothing, and would keep this loop going for hours.
      bytes += at.length;
      if (bytes <= limit) for (let i = 0; i < at.length; i++) count(at[i]);
    } else {
      bytes += bufferBytes(at);
      for (const part of partsOf(at)) {
        count(part);
        if (bytes > limit) break;
      }
    }
  }
  return bytes;
}

/** Of a view, its whole buffer is copied. */
function bufferBytes(value: object): number {
  if (ArrayBuffer.isView(value)) return value.buffer.byteLength;
  return value instanceof ArrayBuffer ? value.byteLength : 0;
}

/** One after the other: of a million of them only as many are looked at as it takes to be too large. */
function* keysAndValues(map: ReadonlyMap<unknown, unknown>): Iterable<unknown> {
  for (const [key, value] of map) {
    yield key;
    yield value;
  }
}

function partsOf(value: object): Iterable<unknown> {
  if (ArrayBuffer.isView(value)) return [];
  if (value instanceof Set) return value;
  if (value instanceof Map) return keysAndValues(value);
  if (value instanceof Error) return [value.message, value.stack, value.cause];
  return Object.entries(value).flat();
}
