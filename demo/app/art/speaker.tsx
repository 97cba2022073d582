import type { ReactElement } from 'react';

export function Speaker(): ReactElement {
  return (
    <g fill="none">
      <path d="M66 168v6M134 168v6" stroke="#4d3524" strokeWidth="8" strokeLinecap="round" />
      <rect x="52" y="28" width="96" height="142" rx="16" fill="#a8744a" />
      <rect x="60" y="36" width="80" height="126" rx="10" fill="#2c2b33" />
      <circle cx="100" cy="68" r="17" fill="#45444f" />
      <circle cx="100" cy="68" r="8" fill="#1b1a20" />
      <circle cx="100" cy="121" r="31" fill="#45444f" />
      <circle cx="100" cy="121" r="24" fill="#34333c" />
      <circle cx="100" cy="121" r="10" fill="#1b1a20" />
      <path d="M82 106a24 24 0 0 1 18-9" stroke="#7b7987" strokeWidth="3" strokeLinecap="round" />
      <circle cx="130" cy="48" r="3" fill="#7fe0a8" />
    </g>
  );
}
