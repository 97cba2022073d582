import type { ReactElement } from 'react';

export function Lamp(): ReactElement {
  return (
    <g fill="none">
      <path d="M86 84 38 172h124L114 84Z" fill="#ffd98a" opacity=".35" />
      <path d="M148 168V74a40 40 0 0 0-80-2" stroke="#b58a3c" strokeWidth="5" strokeLinecap="round" />
      <path d="M122 168h52a0 0 0 0 1 0 0 6 6 0 0 0-6-8h-40a6 6 0 0 0-6 8Z" fill="#8a6626" />
      <path d="M38 92a34 34 0 0 1 60-22 34 34 0 0 1 8 22Z" transform="translate(-4)" fill="#d4a656" />
      <path d="M38 92a34 34 0 0 1 22-32 44 44 0 0 0-8 32Z" transform="translate(-4)" fill="#e9c685" />
      <ellipse cx="68" cy="93" rx="15" ry="6" fill="#fff3d1" />
    </g>
  );
}
