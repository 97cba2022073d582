import type { ReactElement } from 'react';

export function Plant(): ReactElement {
  return (
    <g fill="none">
      <path d="M100 122c-4-34-26-50-52-52 2 30 22 50 52 52Z" fill="#5d8f5a" />
      <path d="M100 122c0-40 20-64 50-70 6 36-14 64-50 70Z" fill="#74a96a" />
      <path d="M100 124c-16-28-14-62 2-90 18 28 18 62-2 90Z" fill="#8fc07d" />
      <path
        d="M100 124c0-28 0-58 2-84M100 122C92 98 76 82 54 74M100 122c8-30 24-52 46-66"
        stroke="#456f45"
        strokeWidth="2.5"
      />
      <path d="M58 116h84l-8 44a10 10 0 0 1-10 8H76a10 10 0 0 1-10-8Z" fill="#c76f4d" />
      <path d="M58 116h30l2 52H76a10 10 0 0 1-10-8Z" fill="#dd8a66" />
      <path d="M54 110h92v14H54Z" fill="#b55f3f" />
      <path d="M54 110h36v14H54Z" fill="#cf7a58" />
    </g>
  );
}
