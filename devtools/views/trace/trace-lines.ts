import type { HandlerRun } from '../../model/event-row.js';
import type { Trace, TraceEvent } from '../../model/trace/build-trace.js';

/** One line of the waterfall: an event, or a call of one of its handlers. */
export interface TraceLine {
  readonly key: string;
  readonly depth: number;
  readonly event: TraceEvent;
  readonly run: HandlerRun | undefined;
  /** Times in epoch ms. */
  readonly from: number;
  readonly to: number;
}

/**
 * A trace as lines: every event, with the calls of its handlers beneath it.
 * @param now where what still runs ends, epoch ms
 */
export function traceLines(trace: Trace, now: number): readonly TraceLine[] {
  return trace.events.flatMap((event) => {
    const runs = event.runs.map(
      (run, i): TraceLine => ({
        key: `${event.id} ${i}`,
        depth: event.depth + 1,
        event,
        run,
        from: run.start,
        to: run.durationMs === undefined ? Math.max(now, run.start) : run.start + run.durationMs,
      }),
    );
    const to = runs.reduce((last, line) => Math.max(last, line.to), event.at);
    return [{ key: event.id, depth: event.depth, event, run: undefined, from: event.at, to }, ...runs];
  });
}
