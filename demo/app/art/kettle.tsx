import type { ReactElement } from 'react';

export function Kettle(): ReactElement {
  return (
    <g fill="none">
      <path d="M64 118C40 116 38 84 22 76" stroke="#4f5a5e" strokeWidth="8" strokeLinecap="round" />
      <path d="M142 88c34-8 40 40 6 50" stroke="#8a5a3a" strokeWidth="10" strokeLinecap="round" />
      <path d="M66 78h72l14 78a10 10 0 0 1-10 12H62a10 10 0 0 1-10-12Z" fill="#5f6d72" />
      <path d="M66 78h26l-6 90H62a10 10 0 0 1-10-12Z" fill="#839298" />
      <path d="M70 78a32 14 0 0 1 64 0Z" fill="#4f5a5e" />
      <circle cx="102" cy="58" r="8" fill="#8a5a3a" />
      <path d="M52 158a10 10 0 0 0 10 10h80a10 10 0 0 0 10-10v-6H52Z" fill="#3f494d" />
    </g>
  );
}
