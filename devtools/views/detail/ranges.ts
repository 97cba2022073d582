import { CHUNK } from '../../model/payload/children.js';

/** A part of the entries of a value: from, up to but not including to. */
export interface EntryRange {
  readonly from: number;
  readonly to: number;
}

/** How more than a hundred entries are divided into at most a hundred ranges; none when they can be shown as they are. */
export function rangesOf(from: number, to: number): readonly EntryRange[] {
  const count = to - from;
  if (count <= CHUNK) return [];
  let step = CHUNK;
  while (count / step > CHUNK) step *= CHUNK;
  return Array.from({ length: Math.ceil(count / step) }, (_, i) => ({
    from: from + i * step,
    to: Math.min(to, from + (i + 1) * step),
  }));
}
