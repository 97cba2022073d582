import type { ReactElement } from 'react';

const fringe = Array.from({ length: 13 }, (_, index) => `M${54 + index * 7.7} 150v16`).join('');

export function Throw(): ReactElement {
  return (
    <g fill="none">
      <path d={fringe} stroke="#a64b4b" strokeWidth="3" strokeLinecap="round" />
      <rect x="50" y="110" width="100" height="42" rx="6" fill="#c96a62" />
      <path d="M50 124h100M50 138h100" stroke="#efc9a8" strokeWidth="4" />
      <rect x="46" y="78" width="108" height="40" rx="16" fill="#d98079" />
      <path d="M46 92h108M46 104h108" stroke="#f3d6b8" strokeWidth="4" />
      <rect x="52" y="48" width="96" height="38" rx="16" fill="#e6978f" />
      <path d="M53 60h94M53 72h94" stroke="#f8e3cc" strokeWidth="4" />
      <path d="M148 54a16 16 0 0 1 0 28c-8-6-8-22 0-28Z" fill="#b95b55" />
      <path d="M152 84a16 16 0 0 1 0 28c-8-6-8-22 0-28Z" fill="#a64b4b" />
    </g>
  );
}
