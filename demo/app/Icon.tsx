import type { ReactElement } from 'react';

const paths = {
  cart: 'M3 4h2.2l2 11.2a1 1 0 0 0 1 .8h8.9a1 1 0 0 0 1-.8L19.6 8H6M9.5 20.2h.01M16.5 20.2h.01',
  close: 'M6 6l12 12M18 6 6 18',
  plus: 'M12 6v12M6 12h12',
  minus: 'M6 12h12',
  check: 'm5 12.5 4.5 4.5L19 7.5',
  alert: 'M12 5v8.5M12 18.5h.01',
  pulse: 'M2.5 12h4l3-7 5 14 3-7h4',
  mask: 'M3 8.5c3-1.6 6-1.6 9 0 3-1.6 6-1.6 9 0v3.2a4.6 4.6 0 0 1-8.3 2.8 1 1 0 0 0-1.4 0A4.6 4.6 0 0 1 3 11.7ZM7 11.2h2M15 11.2h2',
  sun: 'M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8ZM12 3v1.5M12 19.5V21M3 12h1.5M19.5 12H21M5.6 5.6l1.1 1.1M17.3 17.3l1.1 1.1M5.6 18.4l1.1-1.1M17.3 6.7l1.1-1.1',
  moon: 'M19.5 14.5A8 8 0 0 1 9.5 4.5a8 8 0 1 0 10 10Z',
  back: 'M14.5 6 8.5 12l6 6',
} as const;

export type IconName = keyof typeof paths;

export function Icon({ name }: { readonly name: IconName }): ReactElement {
  return (
    <svg className="icon" viewBox="0 0 24 24" aria-hidden="true">
      <path d={paths[name]} />
    </svg>
  );
}
