import { type CSSProperties, type KeyboardEvent, type ReactElement, useEffect, useMemo, useRef, useState } from 'react';
import type { DeadLetters } from '../../core/index.js';
import type { Recorder } from '../model/recorder.js';
import { Session } from '../model/session.js';
import { usePreference } from '../ui/preferences.js';
import { Splitter } from '../ui/splitter.js';
import { panelId, tabId } from '../ui/tabs.js';
import { DeadLettersContext } from './detail/dead-letters-context.js';
import { EventDetail } from './detail/event-detail.js';
import { EventsView } from './events/events-view.js';
import { HandlersView } from './handlers/handlers-view.js';
import { Launcher } from './launcher.js';
import { PanelHeader, type Tab } from './panel-header.js';
import type { Dock, PanelOptions, Theme } from './panel-options.js';
import { TraceView } from './trace/trace-view.js';
import { useRoom } from './use-room.js';
import { useIsNarrow } from './use-session.js';

interface PanelProps {
  readonly recorder: Recorder;
  readonly deadLetters: DeadLetters;
  /** Asks other nodes for their handler runs while the panel is open. */
  readonly watch: () => () => void;
  readonly options: PanelOptions;
}

const NAME = 'crosstown';
const NARROW = 560;
const SMALLEST = 160;

const isBoolean = (value: unknown): value is boolean => typeof value === 'boolean';
const isNumber = (value: unknown): value is number => Number.isFinite(value);
const isTheme = (value: unknown): value is Theme => value === 'auto' || value === 'light' || value === 'dark';
const isEdge = (value: unknown): value is Dock => value === 'bottom' || value === 'right';

/** The whole panel: closed to a button, or open at its place. */
export function Panel({ recorder, deadLetters, watch, options }: PanelProps): ReactElement {
  const session = useMemo(() => new Session(recorder, (run) => requestAnimationFrame(run)), [recorder]);
  const [edge, setEdge] = usePreference<Dock>('dock', options.dock ?? 'bottom', isEdge);
  const dock = options.dock === 'inline' ? 'inline' : edge;
  const [chosenOpen, setOpen] = usePreference('open', options.initialOpen ?? true, isBoolean);
  const isOpen = chosenOpen || options.onClose !== undefined;
  const [chosenTheme, setTheme] = usePreference<Theme>('theme', 'auto', isTheme);
  const isThemeFixed = options.theme !== undefined && options.theme !== 'auto';
  const theme = isThemeFixed ? options.theme : chosenTheme;

  useEffect(() => (isOpen ? watch() : undefined), [isOpen, watch]);

  const close = (): void => {
    if (options.onClose === undefined) setOpen(false);
    else options.onClose();
  };
  return (
    <div className="crosstown" data-theme={theme} data-dock={dock}>
      {isOpen ? (
        <DeadLettersContext value={deadLetters}>
          <OpenPanel
            session={session}
            dock={dock}
            theme={isThemeFixed ? undefined : theme}
            onDock={dock === 'inline' ? undefined : setEdge}
            onTheme={setTheme}
            onClose={close}
          />
        </DeadLettersContext>
      ) : (
        <Launcher recorder={recorder} onOpen={() => setOpen(true)} />
      )}
    </div>
  );
}

interface OpenPanelProps {
  readonly session: Session;
  readonly dock: Dock;
  /** Undefined when it is not the reader's to choose. */
  readonly theme: Theme | undefined;
  readonly onDock: ((dock: Dock) => void) | undefined;
  readonly onTheme: (theme: Theme) => void;
  readonly onClose: () => void;
}

function OpenPanel({ session, dock, theme, onDock, onTheme, onClose }: OpenPanelProps): ReactElement {
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
  const focusFilter = (event: KeyboardEvent): void => {
    const isTyping = (event.target as Element).closest('input, textarea') !== null;
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
    handlers: (
      <HandlersView
        session={session}
        onFilter={(filter) => {
          session.setFilter(filter);
          setTab('events');
        }}
      />
    ),
  }[tab];
  const showsDetail = isDetailOpen && selected !== undefined && tab !== 'handlers';

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
