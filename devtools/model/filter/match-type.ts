/**
 * Whether an event type fits what is written behind `type:`. With a `*` it is a pattern of the bus: `*` is one segment,
 * `**` any number, a bare `*` everything. Without one it is a part of the type, so that it can be typed as one goes.
 */
export function matchType(wanted: string, type: string): boolean {
  if (!wanted.includes('*')) return type.toLowerCase().includes(wanted.toLowerCase());
  if (wanted === '*') return true;
  return matchSegments(wanted.split('.'), type.split('.'));
}

/** Only the last `**` is ever tried again, so the time is at most the product of the lengths. */
function matchSegments(wanted: readonly string[], segments: readonly string[]): boolean {
  let w = 0;
  let retry = -1;
  let resume = 0;
  for (let s = 0; s < segments.length; ) {
    if (wanted[w] === '**') {
      retry = ++w;
      resume = s;
    } else if (w < wanted.length && (wanted[w] === '*' || wanted[w] === segments[s])) {
      w++;
      s++;
    } else if (retry >= 0) {
      w = retry;
      s = ++resume;
    } else return false;
  }
  while (wanted[w] === '**') w++;
  return w === wanted.length;
}
