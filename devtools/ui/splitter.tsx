import { type KeyboardEvent, type PointerEvent, type ReactElement, useRef } from 'react';

interface SplitterProps {
  readonly label: string;
  /** The direction of the line: a vertical one is moved sideways. */
  readonly orientation: 'vertical' | 'horizontal';
  /** Size in pixels of what stands behind the line: to its right, or below it. */
  readonly size: number;
  readonly min: number;
  readonly max: number;
  readonly onResize: (size: number) => void;
}

const STEP = 16;

/** A line between two parts that is moved with the pointer or the arrow keys. */
export function Splitter({ label, orientation, size, min, max, onResize }: SplitterProps): ReactElement {
  const drag = useRef<{ readonly from: number; readonly size: number } | undefined>(undefined);
  const place = (event: PointerEvent): number => (orientation === 'vertical' ? event.clientX : event.clientY);
  const resize = (to: number): void => onResize(Math.round(Math.min(Math.max(to, min), Math.max(min, max))));

  const onPointerDown = (event: PointerEvent<HTMLElement>): void => {
    if (event.button !== 0) return;
    event.preventDefault();
    event.currentTarget.setPointerCapture(event.pointerId);
    event.currentTarget.dataset['dragging'] = '';
    drag.current = { from: place(event), size };
  };
  const onPointerMove = (event: PointerEvent<HTMLElement>): void => {
    if (drag.current !== undefined) resize(drag.current.size + drag.current.from - place(event));
  };
  const onPointerEnd = (event: PointerEvent<HTMLElement>): void => {
    drag.current = undefined;
    delete event.currentTarget.dataset['dragging'];
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const [larger, smaller] = orientation === 'vertical' ? ['ArrowLeft', 'ArrowRight'] : ['ArrowUp', 'ArrowDown'];
    if (event.key !== larger && event.key !== smaller) return;
    event.preventDefault();
    event.stopPropagation();
    resize(size + (event.key === larger ? STEP : -STEP));
  };

  return (
    <div
      className="splitter"
      role="separator"
      tabIndex={0}
      aria-label={label}
      aria-orientation={orientation}
      aria-valuenow={Math.round(size)}
      aria-valuemin={min}
      aria-valuemax={Math.max(min, Math.round(max))}
      onPointerDown={onPointerDown}
      onPointerMove={onPointerMove}
      onPointerUp={onPointerEnd}
      onPointerCancel={onPointerEnd}
      onKeyDown={onKeyDown}
    />
  );
}
