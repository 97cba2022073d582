import type { ReactElement } from 'react';

export function Clock(): ReactElement {
  return (
    <g fill="none">
      <path d="m64 152-10 18M136 152l10 18" stroke="#3b3f52" strokeWidth="8" strokeLinecap="round" />
      <circle cx="100" cy="100" r="66" fill="#3b3f52" />
      <circle cx="100" cy="100" r="56" fill="#f8f4ec" />
      <path d="M100 44a56 56 0 0 0-56 56h56Z" fill="#fff" />
      <path d="M100 52v8M100 140v8M52 100h8M140 100h8" stroke="#3b3f52" strokeWidth="4" strokeLinecap="round" />
      <path d="M100 100V72M100 100l22 14" stroke="#22263a" strokeWidth="6" strokeLinecap="round" />
      <path d="m100 100-16 34" stroke="#d9623f" strokeWidth="3" strokeLinecap="round" />
      <circle cx="100" cy="100" r="5" fill="#d9623f" />
    </g>
  );
}
