/** A stretch of time and where it is drawn, as shares of the width. */
export interface Segment {
  readonly from: number;
  readonly to: number;
  readonly left: number;
  readonly right: number;
  /** Nothing happens in it, so it is drawn shorter than it was. */
  readonly isIdle: boolean;
}

/** How times become places: evenly, but for long stretches in which nothing happens. */
export interface TimeScale {
  readonly segments: readonly Segment[];
  /** Where a time is drawn, from 0 to 1. */
  x(time: number): number;
  /** Round times to draw lines at, about `count` of them. */
  ticks(count: number): readonly number[];
}

/** Shorter pauses are drawn as they are. */
const SHORTEST_IDLE_MS = 100;
/** Share of the width for one idle stretch, and for all of them. */
const IDLE_WIDTH = 0.05;
const MOST_IDLE_WIDTH = 0.35;

/**
 * Makes a scale for what happened in these intervals. A pause is idle when it is longer than 100 ms and than half of
 * all the time in which something happened.
 */
export function createTimeScale(intervals: readonly { readonly from: number; readonly to: number }[]): TimeScale {
  const busy = merge(intervals);
  const first = busy[0]?.from ?? 0;
  const last = busy.at(-1)?.to ?? 0;
  const active = busy.reduce((sum, { from, to }) => sum + to - from, 0);
  const idleFrom = Math.max(SHORTEST_IDLE_MS, active / 2);
  const pauses: { from: number; to: number }[] = [];
  for (let i = 1; i < busy.length; i++) {
    const from = (busy[i - 1] as Interval).to;
    const { from: to } = busy[i] as Interval;
    if (to - from > idleFrom) pauses.push({ from, to });
  }
  const idle = pauses.reduce((sum, { from, to }) => sum + to - from, 0);
  const idleWidth = pauses.length === 0 ? 0 : Math.min(IDLE_WIDTH, MOST_IDLE_WIDTH / pauses.length);
  // Everything may have happened in one instant.
  const perMs = (1 - idleWidth * pauses.length) / Math.max(last - first - idle, 1e-6);
  const segments: Segment[] = [];
  let left = 0;
  let from = first;
  const add = (to: number, isIdle: boolean): void => {
    const right = left + (isIdle ? idleWidth : (to - from) * perMs);
    segments.push({ from, to, left, right, isIdle });
    left = right;
    from = to;
  };
  for (const pause of pauses) {
    add(pause.from, false);
    add(pause.to, true);
  }
  add(last, false);
  return { segments, x: (time) => place(segments, time), ticks: (count) => ticks(segments, count) };
}

interface Interval {
  from: number;
  to: number;
}

function merge(intervals: readonly { readonly from: number; readonly to: number }[]): Interval[] {
  const merged: Interval[] = [];
  for (const { from, to } of [...intervals].sort((a, b) => a.from - b.from)) {
    const last = merged.at(-1);
    if (last !== undefined && from <= last.to) last.to = Math.max(last.to, to);
    else merged.push({ from, to });
  }
  return merged;
}

function place(segments: readonly Segment[], time: number): number {
  const segment = segments.find(({ to }) => time <= to) ?? segments.at(-1);
  if (segment === undefined) return 0;
  const length = segment.to - segment.from;
  const share = length === 0 ? 0 : (time - segment.from) / length;
  return Math.min(1, Math.max(0, segment.left + share * (segment.right - segment.left)));
}

function ticks(segments: readonly Segment[], count: number): number[] {
  const busy = segments.filter(({ isIdle }) => !isIdle);
  const shown = busy.reduce((sum, { from, to }) => sum + to - from, 0);
  if (shown <= 0) return [];
  const rough = shown / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10);
  const start = segments[0]?.from ?? 0;
  const found: number[] = [];
  for (const { from, to } of busy) {
    for (let tick = Math.ceil((from - start) / step); start + tick * step <= to; tick++)
      found.push(start + tick * step);
  }
  return found;
}
