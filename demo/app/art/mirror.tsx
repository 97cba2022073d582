import type { ReactElement } from 'react';

export function Mirror(): ReactElement {
  return (
    <g fill="none">
      <path d="M100 20v22" stroke="#7a5a3c" strokeWidth="5" strokeLinecap="round" />
      <path d="M68 62c8-20 18-26 32-26s24 6 32 26" stroke="#7a5a3c" strokeWidth="4" />
      <circle cx="100" cy="108" r="62" fill="#8a6543" />
      <circle cx="100" cy="108" r="52" fill="#bcd7de" />
      <path d="M100 56a52 52 0 0 1 40 85L67 68a52 52 0 0 1 33-12Z" fill="#d5e8ec" />
      <path d="m72 82 56 56M62 94l44 44" stroke="#fff" strokeOpacity=".8" strokeWidth="5" strokeLinecap="round" />
      <circle cx="100" cy="20" r="6" fill="#5a412b" />
    </g>
  );
}
