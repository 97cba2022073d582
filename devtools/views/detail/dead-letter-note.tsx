import { type ReactElement, useContext, useEffect, useState } from 'react';
import { letterDiscarded } from '../../model/call-notes.js';
import { errorText } from '../../model/payload/safe-read.js';
import type { Recorder } from '../../model/recorder.js';
import type { Letter } from '../../model/run-log.js';
import { Icon } from '../../ui/icons.js';
import { DeadLettersContext } from './dead-letters-context.js';

interface DeadLetterNoteProps {
  readonly recorder: Recorder;
  readonly sequence: number;
  readonly letter: Letter;
}

/** Says that a handler has left a dead letter, and lets the reader try it again or discard it where its bus is at hand. */
export function DeadLetterNote({ recorder, sequence, letter }: DeadLetterNoteProps): ReactElement {
  const { id, isOpen } = letter;
  const letters = useContext(DeadLettersContext);
  const [isThere, setIsThere] = useState<boolean | undefined>(undefined);
  const [problem, setProblem] = useState('');

  // Whoever else has the bus may have taken the letter: nothing tells the panel of that.
  useEffect(() => {
    if (id === undefined || !isOpen) return;
    let isCurrent = true;
    letters?.list().then(
      (list) => isCurrent && setIsThere(list.some((each) => each.id === id)),
      // A store that cannot be asked may still have it.
      (error: unknown) => isCurrent && setProblem(errorText(error)),
    );
    return () => {
      isCurrent = false;
    };
  }, [letters, id, isOpen]);

  if (id === undefined) {
    return <Note text="Dead letter. It is on the other node, out of this panel's reach." />;
  }
  if (!isOpen || isThere === false)
    return <Note text="Left a dead letter, which was tried again or discarded since." />;

  const attempt = async (work: () => Promise<unknown>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      setProblem(errorText(error));
    }
  };
  const retry = async (): Promise<unknown> => letters?.retry(id);
  const discard = async (): Promise<void> => {
    if ((await letters?.discard(id)) === true) letterDiscarded(recorder, sequence, id);
    else setIsThere(false);
  };
  return (
    <Note text="Dead letter: this handler did not handle the event.">
      <span className="letter-actions">
        <button type="button" className="button outlined small" onClick={() => void attempt(retry)}>
          <Icon name="retry" size={11} />
          Retry
        </button>
        <button type="button" className="button outlined small" onClick={() => void attempt(discard)}>
          Discard
        </button>
      </span>
      {problem !== '' && (
        <span className="mono" role="status">
          {problem}
        </span>
      )}
    </Note>
  );
}

function Note({ text, children }: { readonly text: string; readonly children?: React.ReactNode }): ReactElement {
  return (
    <div className="letter-note">
      <span className="status error">
        <Icon name="letter" size={13} />
      </span>
      {text}
      {children}
    </div>
  );
}
