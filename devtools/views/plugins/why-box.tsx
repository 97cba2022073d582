import { type ReactElement, useId } from 'react';
import type { Verdict } from '../../../core/index.js';
import { errorSentence } from '../../model/payload/safe-read.js';
import type { Recorder } from '../../model/recorder.js';
import { Icon } from '../../ui/icons.js';
import { actions } from './permission-text.js';
import type { Question } from './refusal-list.js';

/** Names that are proposed at most. */
const MOST_PROPOSED = 200;

interface WhyBoxProps {
  readonly recorder: Recorder;
  /** Names of the plugins. */
  readonly plugins: readonly string[];
  readonly question: Question;
  readonly onChange: (question: Question) => void;
}

/** Asks the policy of this bus whether a source may do something; that of other nodes is not known here. */
export function WhyBox({ recorder, plugins, question, onChange }: WhyBoxProps): ReactElement {
  const id = useId();
  const { source, action, type } = question;
  const sources = new Set([...plugins, ...recorder.sources.first(MOST_PROPOSED)]);
  const isAsked = source !== '' && type !== '';
  return (
    <form className="why" aria-label="Who may do what" onSubmit={(event) => event.preventDefault()}>
      <div className="why-fields">
        <span className="dim">May</span>
        <input
          className="why-source mono"
          aria-label="Source"
          placeholder="source"
          list={`${id}sources`}
          value={source}
          onChange={({ target }) => onChange({ ...question, source: target.value.trim() })}
        />
        <select
          aria-label="Action"
          value={action}
          onChange={({ target }) => onChange({ ...question, action: actions[target.selectedIndex] ?? 'emit' })}
        >
          {actions.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
        <input
          className="why-type mono"
          aria-label="Type"
          placeholder="event.type"
          list={`${id}types`}
          value={type}
          onChange={({ target }) => onChange({ ...question, type: target.value.trim() })}
        />
        <span className="dim">?</span>
        <Proposals id={`${id}sources`} values={[...sources].filter((name) => name !== '')} />
        <Proposals id={`${id}types`} values={recorder.types.first(MOST_PROPOSED)} />
      </div>
      <div className="verdict" role="status">
        {isAsked ? (
          <Answer recorder={recorder} question={question} />
        ) : (
          <span className="dim">The policy of this bus answers, and says why.</span>
        )}
      </div>
    </form>
  );
}

function Proposals({ id, values }: { readonly id: string; readonly values: readonly string[] }): ReactElement {
  return (
    <datalist id={id}>
      {values.map((value) => (
        <option key={value} value={value} />
      ))}
    </datalist>
  );
}

function Answer({ recorder, question }: Pick<WhyBoxProps, 'recorder' | 'question'>): ReactElement {
  const { source, action, type } = question;
  let verdict: Verdict;
  try {
    verdict = recorder.policy.explain(source, action, type);
  } catch (error) {
    return <span className="verdict-reason verdict-fault">{errorSentence(error)}</span>;
  }
  const { allowed, reason, pattern, grant, groups } = verdict;
  const mark = allowed ? 'ok' : 'error';
  return (
    <>
      <span className={`status verdict-word ${mark}`}>
        <Icon name={mark} size={12} />
        {allowed ? 'Yes' : 'No'}
      </span>
      <span className="verdict-reason">{`${reason.charAt(0).toUpperCase()}${reason.slice(1)}.`}</span>
      <span className="verdict-facts">
        {pattern !== undefined && <Fact name="pattern" value={pattern} />}
        {grant !== undefined && <Fact name="grant" value={grant} />}
        {groups.length > 0 && <Fact name={groups.length > 1 ? 'groups' : 'group'} value={groups.join(', ')} />}
      </span>
    </>
  );
}

function Fact({ name, value }: { readonly name: string; readonly value: string }): ReactElement {
  return (
    <span className="badge">
      {name} <span className="mono">{value}</span>
    </span>
  );
}
