import { type ReactElement, useState } from 'react';
import { formatCount } from '../../ui/format.js';

const SHORT = 300;
/** More in one piece makes the page slow. */
const STEP = 20_000;

/** A string in quotes, cut where it is too long to be read at a glance. */
export function LongText({ text }: { readonly text: string }): ReactElement {
  const [shown, setShown] = useState(SHORT);
  if (text.length <= shown) return <>{JSON.stringify(text)}</>;
  return (
    <>
      {JSON.stringify(text.slice(0, shown)).slice(0, -1)}
      <button type="button" className="button small tree-more" onClick={() => setShown(shown + STEP)}>
        … {formatCount(text.length - shown)} more characters
      </button>
    </>
  );
}
