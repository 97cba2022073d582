import { type CSSProperties, type KeyboardEvent, type ReactElement, useRef, useState } from 'react';
import type { Session } from '../model/session.js';
import { usePreference } from '../ui/preferences.js';
import { Splitter } from '../ui/splitter.js';
import { panelId, tabId } from '../ui/tabs.js';
import { EventDetail } from './detail/event-detail.js';
import { EventsView } from './events/events-view.js';
import { HandlersView } from './handlers/handlers-view.js';
import { PanelHeader, type Tab } from './panel-header.js';
import type { Dock, Theme } from './panel-options.js';
import { PluginsView } from './plugins/plugins-view.js';
import { TraceView } from './trace/trace-view.js';
import { useRoom } from './use-room.js';
import { useIsNarrow } from './use-session.js';

const NAME = 'crosstown';
const NARROW = 560;
const SMALLEST = 160;

const isNumber = (value: unknown): value is number => Number.isFinite(value);

interface OpenPanelProps {
  readonly session: Session;
  readonly dock: Dock;
  /** Undefined when it is not the reader's to choose. */
  readonly theme: Theme | undefined;
  readonly onDock: ((dock: Dock) => void) | undefined;
  readonly onTheme: (theme: Theme) => void;
  readonly onClose: () => void;
}

/** The open panel: what to look at, the view of it, and what is known of the event that is chosen. */
export function OpenPanel({ session, dock, theme, onDock, onTheme, onClose }: OpenPanelProps): ReactElement {
  const whole = useRef<HTMLElement>(null);
  const isNarrow = useIsNarrow(whole, NARROW);
  const [height, setHeight] = usePreference('height', 380, isNumber);
  const [width, setWidth] = usePreference('width', 620, isNumber);
  const [detailWidth, setDetailWidth] = usePreference('detail', 400, isNumber);
  const [tab, setTab] = useState<Tab>('events');
  const [selected, setSelected] = useState<number | undefined>(undefined);
  const [isDetailOpen, setDetailOpen] = useState(false);
  const isRight = dock === 'right';
  const limit = isRight ? innerWidth - 80 : innerHeight - 60;
  const size = Math.min(isRight ? width : height, limit);
  useRoom(dock, size);

  const open = (sequence: number): void => {
    setSelected(sequence);
    setDetailOpen(true);
  };
  const showEvents = (filter: string): void => {
    session.setFilter(filter);
    setTab('events');
  };
  const focusFilter = (event: KeyboardEvent): void => {
    const isTyping = (event.target as Element).closest('input, select, textarea') !== null;
    if (event.key !== '/' || isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    setTab('events');
    requestAnimationFrame(() => whole.current?.querySelector<HTMLInputElement>('.filter-input')?.focus());
  };
  const view = {
    events: (
      <EventsView
        session={session}
        isNarrow={isNarrow}
        selected={selected}
        onSelect={setSelected}
        onOpen={open}
        onClose={() => setDetailOpen(false)}
      />
    ),
    trace: <TraceView session={session} selected={selected} isNarrow={isNarrow} onOpen={open} onSelect={setSelected} />,
    handlers: <HandlersView session={session} onFilter={showEvents} />,
    plugins: <PluginsView session={session} isNarrow={isNarrow} onFilter={showEvents} />,
  }[tab];
  const showsDetail = isDetailOpen && selected !== undefined && (tab === 'events' || tab === 'trace');

  return (
    <section
      ref={whole}
      className="panel"
      data-dock={dock}
      aria-label="Crosstown devtools"
      data-narrow={isNarrow || undefined}
      style={{ '--size': `${size}px` } as CSSProperties}
      onKeyDown={focusFilter}
    >
      {dock !== 'inline' && (
        <Splitter
          label="Size of the panel"
          orientation={isRight ? 'vertical' : 'horizontal'}
          size={size}
          min={SMALLEST}
          max={limit}
          onResize={isRight ? setWidth : setHeight}
        />
      )}
      <PanelHeader
        name={NAME}
        session={session}
        tab={tab}
        onTab={setTab}
        dock={dock}
        onDock={onDock}
        theme={theme}
        onTheme={onTheme}
        onClose={onClose}
      />
      <div className="panel-body">
        <div className="view" role="tabpanel" id={panelId(NAME, tab)} aria-labelledby={tabId(NAME, tab)}>
          {view}
        </div>
        {showsDetail && (
          <>
            {!isNarrow && (
              <Splitter
                label="Width of the detail"
                orientation="vertical"
                size={detailWidth}
                min={240}
                max={(whole.current?.clientWidth ?? 1000) - 240}
                onResize={setDetailWidth}
              />
            )}
            <EventDetail
              key={selected}
              session={session}
              sequence={selected}
              width={isNarrow ? undefined : detailWidth}
              onSelect={setSelected}
              onTrace={tab === 'trace' ? undefined : () => setTab('trace')}
              onClose={() => setDetailOpen(false)}
            />
          </>
        )}
      </div>
    </section>
  );
}
