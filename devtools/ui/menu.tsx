import { type KeyboardEvent, type ReactElement, type ReactNode, useEffect, useId, useRef, useState } from 'react';
import { Icon, type IconName } from './icons.js';

interface MenuProps {
  readonly label: string;
  readonly icon: IconName;
  /** Shown beside the icon. */
  readonly text?: string;
  /** Which end of the button the popup is flush with. */
  readonly align?: 'start' | 'end';
  /** What the popup holds; it is made only while the popup is open. */
  readonly children: (close: () => void) => ReactNode;
}

/** A button that opens a popup beneath it; Escape, or going elsewhere, closes it. */
export function Menu({ label, icon, text, align = 'start', children }: MenuProps): ReactElement {
  const [open, setOpen] = useState(false);
  const id = useId();
  const whole = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);

  useEffect(() => {
    if (!open) return;
    const root = whole.current?.getRootNode();
    const onPointerDown = (event: Event): void => {
      if (whole.current !== null && !event.composedPath().includes(whole.current)) setOpen(false);
    };
    // In the shadow root for the panel, on the document for the page around it.
    const targets = [root, document];
    for (const target of targets) target?.addEventListener('pointerdown', onPointerDown);
    return () => {
      for (const target of targets) target?.removeEventListener('pointerdown', onPointerDown);
    };
  }, [open]);

  const close = (): void => {
    setOpen(false);
    button.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (!open || event.key !== 'Escape') return;
    event.stopPropagation();
    close();
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it listens for the Escape of what is inside.
    <div className="menu" ref={whole} onKeyDown={onKeyDown}>
      <button
        ref={button}
        type="button"
        className="button"
        title={label}
        aria-label={label}
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        onClick={() => setOpen(!open)}
      >
        <Icon name={icon} />
        {text !== undefined && <span className="menu-text">{text}</span>}
      </button>
      {open && (
        <div id={id} role="group" aria-label={label} className={`menu-popup scroll ${align}`}>
          {children(close)}
        </div>
      )}
    </div>
  );
}
