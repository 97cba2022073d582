/** Beyond this nothing is counted any more, so that a value that holds itself comes to an end. */
const ENOUGH = 1_000_000;

/** Roughly how many bytes a value takes in the database: what groups and rows are measured by. */
export function roughBytes(value: unknown): number {
  let bytes = 0;
  const open: unknown[] = [value];
  while (open.length > 0 && bytes < ENOUGH) {
    const next = open.pop();
    if (typeof next === 'string') bytes += next.length;
    else if (typeof next !== 'object' || next === null) bytes += 8;
    else if (ArrayBuffer.isView(next)) bytes += next.buffer.byteLength;
    else if (next instanceof ArrayBuffer) bytes += next.byteLength;
    else if (next instanceof Map) for (const [key, item] of next) open.push(key, item);
    else if (Array.isArray(next) || next instanceof Set) for (const item of next) open.push(item);
    else bytes += openFields(next, open);
  }
  return bytes;
}

function openFields(value: object, open: unknown[]): number {
  let bytes = 8;
  try {
    for (const [key, item] of Object.entries(value)) {
      bytes += key.length;
      open.push(item);
    }
  } catch {
    // A getter or a proxy threw: the database will refuse the value and say so.
  }
  return bytes;
}
