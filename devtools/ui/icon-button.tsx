import type { ReactElement } from 'react';
import { Icon, type IconName } from './icons.js';

interface IconButtonProps {
  readonly icon: IconName;
  /** What it does, for the eye when the pointer rests and for the ear. */
  readonly label: string;
  readonly pressed?: boolean;
  readonly onClick: () => void;
}

/** A button that is only a picture. */
export function IconButton({ icon, label, pressed, onClick }: IconButtonProps): ReactElement {
  return (
    <button type="button" className="button" title={label} aria-label={label} aria-pressed={pressed} onClick={onClick}>
      <Icon name={icon} />
    </button>
  );
}
