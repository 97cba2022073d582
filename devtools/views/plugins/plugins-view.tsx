import { type ReactElement, useCallback, useMemo, useState } from 'react';
import { handlersOf, readPlugins } from '../../model/plugin-row.js';
import type { Session } from '../../model/session.js';
import { usePreference } from '../../ui/preferences.js';
import { Splitter } from '../../ui/splitter.js';
import { useSlowVersion } from '../use-session.js';
import { PluginDetail } from './plugin-detail.js';
import { PluginTable } from './plugin-table.js';
import type { Question } from './refusal-list.js';
import { RefusalPane } from './refusal-pane.js';
import { WhyBox } from './why-box.js';

interface PluginsViewProps {
  readonly session: Session;
  readonly isNarrow: boolean;
  /** Shows the events that pass a filter. */
  readonly onFilter: (filter: string) => void;
}

const isNumber = (value: unknown): value is number => Number.isFinite(value);

/** The plugins of this bus, what was refused, and who may do what. */
export function PluginsView({ session, isNarrow, onFilter }: PluginsViewProps): ReactElement {
  const version = useSlowVersion(session);
  const { recorder } = session;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the version stands for what the recorder has taken in.
  const rows = useMemo(() => readPlugins(recorder), [recorder, version]);
  const [selected, setSelected] = useState<string | undefined>(undefined);
  const [question, setQuestion] = useState<Question>({ source: '', action: 'emit', type: '' });
  const [width, setWidth] = usePreference('plugin-detail', 340, isNumber);
  const row = rows.find(({ name }) => name === selected);
  const { all: refusals } = recorder.refusals;

  const select = (name: string | undefined): void => {
    setSelected(name);
    if (name !== undefined) setQuestion((asked) => ({ ...asked, source: name }));
  };
  const ask = useCallback(
    (asked: Question): void => {
      setQuestion(asked);
      // The answer stands behind the detail where that covers the view.
      if (isNarrow) setSelected(undefined);
    },
    [isNarrow],
  );
  return (
    <>
      <WhyBox recorder={recorder} plugins={rows.map(({ name }) => name)} question={question} onChange={setQuestion} />
      <div className="plugins">
        <div className="plugin-panes">
          {rows.length === 0 ? (
            <div className="empty">
              <h3>No plugin is on this bus</h3>
              <p>
                Plugins appear here with <code>bus.install(plugin)</code>; what is refused to a scope shows below.
              </p>
            </div>
          ) : (
            <PluginTable rows={rows} selected={selected} onSelect={select} onFilter={onFilter} />
          )}
          <RefusalPane lines={refusals} total={recorder.refusals.total} onAsk={ask} />
        </div>
        {row !== undefined && (
          <>
            {!isNarrow && (
              <Splitter
                label="Width of the plugin"
                orientation="vertical"
                size={width}
                min={240}
                max={800}
                onResize={setWidth}
              />
            )}
            <PluginDetail
              key={row.name}
              row={row}
              handlers={handlersOf(recorder, row.name)}
              refusals={recorder.refusals.of(row.name)}
              neededBy={rows.filter(({ info }) => info.dependsOn.includes(row.name)).map(({ name }) => name)}
              width={isNarrow ? undefined : width}
              onSelect={select}
              onAsk={ask}
              onClose={() => setSelected(undefined)}
            />
          </>
        )}
      </div>
    </>
  );
}
