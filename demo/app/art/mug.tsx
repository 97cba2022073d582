import type { ReactElement } from 'react';

export function Mug(): ReactElement {
  return (
    <g fill="none">
      <path
        d="M84 52c-8-10 8-16 0-28M108 52c-8-10 8-16 0-28"
        stroke="#fff"
        strokeOpacity=".65"
        strokeWidth="5"
        strokeLinecap="round"
      />
      <path d="M132 88h12a22 22 0 0 1 0 44h-12" stroke="#3c6f86" strokeWidth="11" />
      <path d="M52 72h84v70a24 24 0 0 1-24 24H76a24 24 0 0 1-24-24Z" fill="#4b87a1" />
      <path d="M52 72h30v94h-6a24 24 0 0 1-24-24Z" fill="#6ba5bd" />
      <path d="M52 122h84v20a24 24 0 0 1-24 24H76a24 24 0 0 1-24-24Z" fill="#f0e7d8" />
      <path d="M52 122h30v44h-6a24 24 0 0 1-24-24Z" fill="#fbf5ea" />
      <ellipse cx="94" cy="72" rx="42" ry="10" fill="#356277" />
      <ellipse cx="94" cy="74" rx="35" ry="7" fill="#4a2f20" />
    </g>
  );
}
