import { type ReactElement, useEffect, useState } from 'react';
import type { AppEvents } from '../events.js';
import { Icon, type IconName } from './Icon.js';
import { useShop } from './shop-context.js';

const SHOWN_MS = 5_000;

type Toast = AppEvents['notification.shown'] & { readonly id: string };

const icons: Readonly<Record<Toast['tone'], IconName>> = { good: 'check', plain: 'cart', bad: 'alert' };

/** The messages for the customer of this tab: the latest on each topic. */
export function Toasts(): ReactElement {
  const { bus } = useShop();
  const [toasts, setToasts] = useState<readonly Toast[]>([]);
  const remove = (id: string): void => setToasts((all) => all.filter((toast) => toast.id !== id));
  useEffect(
    () =>
      bus.on(
        'notification.shown',
        ({ id, data }, { node }) => {
          if (node === bus.nodeId)
            setToasts((all) => [{ ...data, id }, ...all.filter(({ topic }) => topic !== data.topic)]);
        },
        { name: 'page: toast' },
      ),
    [bus],
  );
  return (
    <div className="toasts" role="log" aria-label="Messages">
      {toasts.map((toast) => (
        <ToastItem key={toast.id} toast={toast} onGone={remove} />
      ))}
    </div>
  );
}

function ToastItem({ toast, onGone }: { readonly toast: Toast; readonly onGone: (id: string) => void }): ReactElement {
  const [held, setHeld] = useState(false);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the clock restarts when the pointer leaves, not at every render.
  useEffect(() => {
    // Bad news stays until it is dismissed.
    if (held || toast.tone === 'bad') return;
    const timer = setTimeout(() => onGone(toast.id), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [held, toast.id, toast.tone]);
  return (
    <div
      className="toast"
      data-tone={toast.tone}
      onPointerEnter={() => setHeld(true)}
      onPointerLeave={() => setHeld(false)}
    >
      <span className="toast-mark">
        <Icon name={icons[toast.tone]} />
      </span>
      <p>
        <strong>{toast.title}</strong>
        {toast.text}
      </p>
      <button type="button" className="tool" aria-label="Dismiss" onClick={() => onGone(toast.id)}>
        <Icon name="close" />
      </button>
    </div>
  );
}
