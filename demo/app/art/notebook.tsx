import type { ReactElement } from 'react';

export function Notebook(): ReactElement {
  return (
    <g fill="none" transform="rotate(-6 100 100)">
      <rect x="54" y="34" width="100" height="136" rx="8" fill="#e9dfcc" />
      <rect x="48" y="30" width="100" height="136" rx="8" fill="#2f5b57" />
      <path d="M56 30h10v136H56a8 8 0 0 1-8-8V38a8 8 0 0 1 8-8Z" fill="#21423f" />
      <rect x="82" y="54" width="48" height="30" rx="3" fill="#f1e8d6" />
      <path d="M90 64h32M90 73h20" stroke="#2f5b57" strokeWidth="3" strokeLinecap="round" />
      <path d="M134 30v136" stroke="#e0703f" strokeWidth="5" />
      <path d="m150 60 22 86-5 18-13-13-22-86Z" fill="#e9b44c" />
      <path d="m154 151 13-5 5 0-5 18Z" fill="#f6e3bd" />
      <path d="m163 160 5-1-1 5Z" fill="#2b2b2b" />
      <path d="m150 60-18 5 3 11 18-5Z" fill="#d98a86" />
    </g>
  );
}
