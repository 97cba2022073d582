const hex = Array.from({ length: 256 }, (_, byte) => (byte + 256).toString(16).slice(1));
const pool = new Uint8Array(6 * 512);
let used = pool.length;

/**
 * A UUIDv7 (RFC 9562 §5.7) that sorts by time and, within one millisecond, by sequence: the 32 bits behind the
 * time are the sequence (§6.2, method 1), the 42 after them are random.
 */
export function uuidv7(timestamp: number, sequence: number): string {
  // Random bytes are drawn in bulk, and on first use only: some edge runtimes forbid randomness at module scope.
  if (used === pool.length) {
    crypto.getRandomValues(pool);
    used = 0;
  }
  const at = used;
  used += 6;
  const high = Math.floor(timestamp / 0x1_0000_0000);
  const low = timestamp >>> 0;
  const count = sequence >>> 0;
  return `${byte(high >>> 8)}${byte(high)}${byte(low >>> 24)}${byte(low >>> 16)}-${byte(low >>> 8)}${byte(low)}-${byte(
    0x70 | (count >>> 28),
  )}${byte(count >>> 20)}-${byte(0x80 | ((count >>> 14) & 63))}${byte(count >>> 6)}-${byte(
    ((count & 63) << 2) | (random(at) & 3),
  )}${byte(random(at + 1))}${byte(random(at + 2))}${byte(random(at + 3))}${byte(random(at + 4))}${byte(random(at + 5))}`;
}

function byte(value: number): string {
  return hex[value & 255] as string;
}

function random(at: number): number {
  return pool[at] as number;
}
