import type { ReactElement } from 'react';

export function Candle(): ReactElement {
  return (
    <g fill="none">
      <circle cx="100" cy="58" r="40" fill="#ffd98a" opacity=".3" />
      <path d="M100 28c14 18 18 26 18 36a18 18 0 0 1-36 0c0-10 4-18 18-36Z" fill="#f7a53b" />
      <path d="M100 48c7 9 9 13 9 19a9 9 0 0 1-18 0c0-6 2-10 9-19Z" fill="#fff0c2" />
      <path d="M100 74v20" stroke="#463626" strokeWidth="4" strokeLinecap="round" />
      <rect x="66" y="92" width="68" height="78" rx="8" fill="#f4e6d0" />
      <path d="M74 92h18v78H74a8 8 0 0 1-8-8v-62a8 8 0 0 1 8-8Z" fill="#fdf6ea" />
      <rect x="66" y="116" width="68" height="32" fill="#9c5f43" />
      <path d="M80 128h40M88 137h24" stroke="#f4e6d0" strokeWidth="3" strokeLinecap="round" />
      <ellipse cx="100" cy="93" rx="34" ry="6" fill="#e5cfae" />
    </g>
  );
}
