import type { ReactElement } from 'react';

interface ChoiceProps<T extends string> {
  readonly name: string;
  readonly legend: string;
  readonly choices: readonly { readonly value: T; readonly name: string; readonly note: string }[];
  readonly chosen: T;
  readonly onChoose: (value: T) => void;
}

/** One of a few, each with a word on what it does. */
export function Choice<T extends string>({ name, legend, choices, chosen, onChoose }: ChoiceProps<T>): ReactElement {
  return (
    <fieldset className="choice" data-few={choices.length < 3}>
      <legend>{legend}</legend>
      {choices.map(({ value, name: title, note }) => (
        <label key={value} className="card">
          <input type="radio" name={name} checked={chosen === value} onChange={() => onChoose(value)} />
          <span>
            {title}
            <small>{note}</small>
          </span>
        </label>
      ))}
    </fieldset>
  );
}
