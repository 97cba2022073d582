import { type KeyboardEvent, type ReactElement, useRef } from 'react';

/** A count beside the title of a tab, and the words for what is counted. */
interface TabMark {
  readonly count: string;
  readonly words: string;
}

interface TabsProps<T extends string> {
  readonly label: string;
  readonly tabs: readonly { readonly id: T; readonly title: string; readonly mark?: TabMark | undefined }[];
  readonly selected: T;
  readonly onSelect: (tab: T) => void;
  /** Ids of tab and panel are made from it. */
  readonly name: string;
}

/** The ids that tie a tab to its panel. */
export const tabId = (name: string, tab: string): string => `${name}-tab-${tab}`;
export const panelId = (name: string, tab: string): string => `${name}-panel-${tab}`;

/** Tabs as the ARIA practices describe them: one stop for the Tab key, arrows between. */
export function Tabs<T extends string>({ label, tabs, selected, onSelect, name }: TabsProps<T>): ReactElement {
  const list = useRef<HTMLDivElement>(null);
  const onKeyDown = (event: KeyboardEvent): void => {
    const at = tabs.findIndex(({ id }) => id === selected);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    const next = (to + tabs.length) % tabs.length;
    const tab = tabs[next];
    if (tab === undefined) return;
    onSelect(tab.id);
    (list.current?.children[next] as HTMLElement | undefined)?.focus();
  };
  return (
    <div className="tabs" role="tablist" aria-label={label} ref={list} onKeyDown={onKeyDown}>
      {tabs.map(({ id, title, mark }) => (
        <button
          key={id}
          type="button"
          role="tab"
          id={tabId(name, id)}
          aria-selected={id === selected}
          aria-controls={id === selected ? panelId(name, id) : undefined}
          tabIndex={id === selected ? 0 : -1}
          onClick={() => onSelect(id)}
        >
          {title}
          {mark !== undefined && (
            <span className="badge warn tab-mark">
              {mark.count}
              <span className="visually-hidden"> {mark.words}</span>
            </span>
          )}
        </button>
      ))}
    </div>
  );
}
