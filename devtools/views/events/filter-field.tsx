import { type KeyboardEvent, type ReactElement, useId } from 'react';
import { Icon } from '../../ui/icons.js';

interface FilterFieldProps {
  readonly filter: string;
  readonly problems: readonly string[];
  readonly onChange: (filter: string) => void;
}

/** Where the filter is written; what of it makes no sense is said beneath. */
export function FilterField({ filter, problems, onChange }: FilterFieldProps): ReactElement {
  const id = useId();
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>): void => {
    // Keys of the list around it are letters here.
    event.stopPropagation();
    if (event.key !== 'Escape') return;
    event.preventDefault();
    if (filter === '') event.currentTarget.blur();
    else onChange('');
  };
  return (
    <div className="filter">
      <Icon name="search" size={13} />
      <input
        className="filter-input"
        type="text"
        role="searchbox"
        aria-label="Filter events"
        aria-describedby={problems.length > 0 ? id : undefined}
        aria-invalid={problems.length > 0}
        placeholder="Filter: words, type:cart.*, status:error, -source:ui"
        spellCheck={false}
        autoComplete="off"
        autoCapitalize="off"
        value={filter}
        onChange={({ target }) => onChange(target.value)}
        onKeyDown={onKeyDown}
      />
      {filter === '' ? (
        <kbd title="Press / to write here">/</kbd>
      ) : (
        <button type="button" className="button small" aria-label="Clear the filter" onClick={() => onChange('')}>
          <Icon name="close" size={11} />
        </button>
      )}
      {problems.length > 0 && (
        <div id={id} className="filter-problems" role="status">
          {problems.map((problem) => (
            <div key={problem}>{problem}</div>
          ))}
        </div>
      )}
    </div>
  );
}
