import type { ReactElement } from 'react';

export function Vase(): ReactElement {
  return (
    <g fill="none">
      <path
        d="M80 72C76 50 66 34 56 24M122 70c2-20 10-36 24-48"
        stroke="#7c8a52"
        strokeWidth="3.5"
        strokeLinecap="round"
      />
      <path d="M64 36c-14 2-20-6-22-16 12-2 20 4 22 16ZM72 52c2-12 10-16 20-16 0 10-8 16-20 16Z" fill="#94a463" />
      <circle cx="148" cy="22" r="10" fill="#e58f7a" />
      <circle cx="136" cy="34" r="7" fill="#f0ab95" />
      <path
        d="M70 70h22c0 20 4 30 8 34 4-4 8-14 8-34h24c0 24 18 34 18 62a38 38 0 0 1-38 38H90a38 38 0 0 1-38-38c0-28 18-38 18-62Z"
        fill="#d8c9ee"
      />
      <path d="M70 70h10c0 24-14 34-14 62 0 22 12 34 26 38h-2a38 38 0 0 1-38-38c0-28 18-38 18-62Z" fill="#efe6fb" />
      <path d="M148 122c2 32-16 48-38 48h2a38 38 0 0 0 38-38c0-4-1-7-2-10Z" fill="#b8a4d8" />
      <ellipse cx="81" cy="70" rx="11" ry="4" fill="#8f7bb3" />
      <ellipse cx="120" cy="70" rx="12" ry="4" fill="#8f7bb3" />
    </g>
  );
}
