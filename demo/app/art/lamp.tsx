import { type ReactElement, useId } from 'react';

export function Lamp(): ReactElement {
  const light = useId();
  return (
    <g fill="none">
      <linearGradient id={light} x2="0" y2="1">
        <stop stopColor="#ffd98a" stopOpacity=".75" />
        <stop offset="1" stopColor="#ffd98a" stopOpacity="0" />
      </linearGradient>
      <path d="M52 92 28 172h92L84 92Z" fill={`url(#${light})`} />
      <path d="M148 168V74a40 40 0 0 0-80-2" stroke="#b58a3c" strokeWidth="5" strokeLinecap="round" />
      <path d="M122 168h52a0 0 0 0 1 0 0 6 6 0 0 0-6-8h-40a6 6 0 0 0-6 8Z" fill="#8a6626" />
      <path d="M38 92a34 34 0 0 1 60-22 34 34 0 0 1 8 22Z" transform="translate(-4)" fill="#d4a656" />
      <path d="M38 92a34 34 0 0 1 22-32 44 44 0 0 0-8 32Z" transform="translate(-4)" fill="#e9c685" />
      <ellipse cx="68" cy="93" rx="15" ry="6" fill="#fff3d1" />
    </g>
  );
}
