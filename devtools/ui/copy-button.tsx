import { type ReactElement, useEffect, useState } from 'react';
import { Icon } from './icons.js';

const SHOWN_MS = 1500;

/** Copies a text that is made when it is asked for, and says whether that worked. */
export function CopyButton({ label, text }: { readonly label: string; readonly text: () => string }): ReactElement {
  const [result, setResult] = useState<'copied' | 'failed' | undefined>(undefined);
  useEffect(() => {
    if (result === undefined) return;
    const timer = setTimeout(() => setResult(undefined), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [result]);
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text());
      setResult('copied');
    } catch {
      setResult('failed');
    }
  };
  return (
    <button type="button" className="button outlined small" title={label} onClick={() => void copy()}>
      <Icon name={result === 'copied' ? 'check' : 'copy'} size={12} />
      <span aria-live="polite">{result ?? label}</span>
    </button>
  );
}
