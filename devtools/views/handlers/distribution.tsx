import type { ReactElement } from 'react';
import type { Histogram } from '../../model/histogram.js';
import { formatDuration } from '../../ui/format.js';

const BARS = 24;
const BAR_WIDTH = 4;
const HEIGHT = 16;

/** How long a handler took how often: from the shortest duration on the left to the longest, each bar as much longer. */
export function Distribution({ histogram }: { readonly histogram: Histogram }): ReactElement {
  const { from, to, counts } = histogram.bars(BARS);
  const most = Math.max(1, ...counts);
  const words = histogram.count === 0 ? 'No durations' : `From ${formatDuration(from)} to ${formatDuration(to)}`;
  return (
    <svg className="distribution" width={BARS * BAR_WIDTH} height={HEIGHT} role="img" aria-label={words}>
      <title>{words}</title>
      {counts.map((count, bar) => {
        // What happened once in a million is still seen.
        const height = count === 0 ? 0 : Math.max(1.5, (count / most) * HEIGHT);
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: a bar is its place.
          <rect key={bar} x={bar * BAR_WIDTH} y={HEIGHT - height} width={BAR_WIDTH - 1} height={height} />
        );
      })}
    </svg>
  );
}
