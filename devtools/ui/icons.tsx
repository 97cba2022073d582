import type { ReactElement } from 'react';

/** The icons of the panel: strokes on a 16 x 16 grid. */
const paths = {
  logo: 'M2 5h4l4 6h4M2 11h4l4-6h4',
  pause: 'M5.5 3.5v9M10.5 3.5v9',
  resume: 'M5 3.5l7.5 4.5L5 12.5z',
  clear: 'M3 8a5 5 0 1 0 10 0A5 5 0 1 0 3 8M4.5 11.5l7-7',
  close: 'M4 4l8 8M12 4l-8 8',
  search: 'M7 3a4 4 0 1 0 0 8 4 4 0 1 0 0-8M10 10l3.5 3.5',
  filter: 'M2.5 4h11M4.5 8h7M6.5 12h3',
  columns: 'M2.5 3.5h11v9h-11zM6.2 3.5v9M9.8 3.5v9',
  auto: 'M8 2.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 1 0 0-11M8 2.5v11M8 5h2.7M8 8h5.4M8 11h2.7',
  light:
    'M8 5.2a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 1 0 0-5.6M8 1.5v1.3M8 13.2v1.3M1.5 8h1.3M13.2 8h1.3M3.4 3.4l.9.9M11.7 11.7l.9.9M3.4 12.6l.9-.9M11.7 4.3l.9-.9',
  dark: 'M13 9.6A5.5 5.5 0 0 1 6.4 3 5.5 5.5 0 1 0 13 9.6',
  bottom: 'M2.5 3h11v10h-11zM2.5 9.5h11',
  right: 'M2.5 3h11v10h-11zM9.5 3v10',
  collapse: 'M4 6l4 4 4-4',
  chevron: 'M6 4l4 4-4 4',
  down: 'M8 3v10M4 9l4 4 4-4',
  copy: 'M5.5 5.5v-3h8v8h-3M2.5 5.5h8v8h-8z',
  check: 'M3.5 8.5l3 3 6-7',
  ok: 'M3.5 8.5l3 3 6-7',
  error: 'M4.5 4.5l7 7M11.5 4.5l-7 7',
  cancelled: 'M3 8a5 5 0 1 0 10 0A5 5 0 1 0 3 8M5 8h6',
  dropped: 'M3 8a5 5 0 1 0 10 0A5 5 0 1 0 3 8M4.5 4.5l7 7',
  expired: 'M3 8a5 5 0 1 0 10 0A5 5 0 1 0 3 8M8 5v3.2l2 1.3',
  vetoed: 'M8 2.5l4.5 1.6v3.6c0 2.8-1.9 4.6-4.5 5.8-2.6-1.2-4.5-3-4.5-5.8V4.1zM6 8h4',
  letter: 'M2.5 4h11v8.5h-11zM2.5 5L8 9l5.5-4',
  retry: 'M13 8a5 5 0 1 1-1.6-3.7M13 2.2v2.6h-2.6',
  pending: 'M13 8a5 5 0 1 1-2.5-4.3',
  unheard: 'M4 8a4 4 0 1 0 8 0 4 4 0 1 0-8 0',
  stored: 'M3.5 4.5c0-2.7 9-2.7 9 0v7c0 2.7-9 2.7-9 0zM3.5 4.5c0 2.7 9 2.7 9 0',
  trace: 'M2.5 4h5M5.5 8h6M8.5 12h5',
} as const;

export type IconName = keyof typeof paths;

/** A picture that says nothing by itself: what carries it has a label. */
export function Icon({ name, size = 14 }: { readonly name: IconName; readonly size?: number }): ReactElement {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.5"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      <path d={paths[name]} />
    </svg>
  );
}
