import { CrosstownDevtools } from 'crosstown/devtools';
import { type KeyboardEvent, type PointerEvent, type ReactElement, useState } from 'react';
import { useShop } from './shop-context.js';

const LEAST = 160;
const STEP = 40;
const most = (): number => Math.max(LEAST, Math.round(innerHeight * 0.75));

/** The devtools below the shop, as high as the visitor drags them. */
export function DevtoolsDock(): ReactElement {
  const { bus } = useShop();
  const [height, setHeight] = useState(() => Math.min(360, most()));
  const resize = (to: number): void => setHeight(Math.min(most(), Math.max(LEAST, Math.round(to))));

  const onPointerMove = (event: PointerEvent<HTMLElement>): void => {
    if (event.currentTarget.hasPointerCapture(event.pointerId)) resize(innerHeight - event.clientY);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const change = { ArrowUp: STEP, ArrowDown: -STEP }[event.key];
    if (change === undefined) return;
    event.preventDefault();
    resize(height + change);
  };
  return (
    <section className="dock" aria-label="Devtools" style={{ blockSize: height }}>
      <div
        className="dock-edge"
        role="separator"
        tabIndex={0}
        aria-label="Height of the devtools"
        aria-orientation="horizontal"
        aria-valuenow={height}
        aria-valuemin={LEAST}
        aria-valuemax={most()}
        onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
        onPointerMove={onPointerMove}
        onKeyDown={onKeyDown}
      />
      <CrosstownDevtools bus={bus} />
    </section>
  );
}
