import type { ReactElement } from 'react';

export function Chair(): ReactElement {
  return (
    <g fill="none" strokeLinecap="round" strokeLinejoin="round">
      <path d="m72 118-14 52M132 118l12 52M86 122l-4 42M120 122l6 42" stroke="#8d5d37" strokeWidth="7" />
      <path d="M66 38c-4 30 0 56 6 72M134 38c4 30 2 56-2 72" stroke="#a5703f" strokeWidth="7" />
      <path d="M64 40c22-10 50-10 72 0-1 12-2 18-4 26-22-7-44-7-64 0-2-8-4-14-4-26Z" fill="#c98f57" />
      <path d="M66 92c22-6 46-6 68 0" stroke="#a5703f" strokeWidth="6" />
      <path d="M56 112c30-10 60-10 90 0 4 8 3 14-2 16-28 6-58 6-86 0-5-2-6-8-2-16Z" fill="#d9a46c" />
      <path d="M56 118c30 8 60 8 90 0 1 6 0 9-2 10-28 6-58 6-86 0-2-1-3-4-2-10Z" fill="#b57b48" />
    </g>
  );
}
