import { type ReactElement, useSyncExternalStore } from 'react';
import type { Session } from '../model/session.js';
import { IconButton } from '../ui/icon-button.js';
import { Icon } from '../ui/icons.js';
import { Tabs } from '../ui/tabs.js';
import type { Dock, Theme } from './panel-options.js';
import { TrafficStrip } from './traffic-strip.js';

export type Tab = 'events' | 'trace' | 'handlers' | 'plugins';

const views = [
  { id: 'events', title: 'Events' },
  { id: 'trace', title: 'Trace' },
  { id: 'handlers', title: 'Handlers' },
  { id: 'plugins', title: 'Plugins' },
] as const;

const nextTheme: Record<Theme, Theme> = { auto: 'light', light: 'dark', dark: 'auto' };

/** More are not counted in the tab, which would grow and shrink with them. */
const MOST_COUNTED = 999;

interface PanelHeaderProps {
  readonly name: string;
  readonly session: Session;
  readonly tab: Tab;
  readonly onTab: (tab: Tab) => void;
  readonly dock: Dock;
  readonly onDock: ((dock: Dock) => void) | undefined;
  readonly theme: Theme | undefined;
  readonly onTheme: (theme: Theme) => void;
  readonly onClose: () => void;
}

/** The top line: what to look at, how much there is, and where the panel stands. */
export function PanelHeader(props: PanelHeaderProps): ReactElement {
  const { name, session, tab, onTab, dock, onDock, theme, onTheme, onClose } = props;
  const otherDock = dock === 'bottom' ? 'right' : 'bottom';
  const denied = useSyncExternalStore(session.subscribe, () => session.getSnapshot().denied);
  const count = denied > MOST_COUNTED ? `${MOST_COUNTED}+` : String(denied);
  const mark = denied === 0 ? undefined : { count, words: 'refused' };
  const tabs = views.map((view) => (view.id === 'plugins' ? { ...view, mark } : view));
  return (
    <header className="panel-header">
      <span className="logo">
        <Icon name="logo" size={16} />
      </span>
      <Tabs label="Views" name={name} tabs={tabs} selected={tab} onSelect={onTab} />
      <TrafficStrip session={session} />
      <div className="panel-actions">
        {theme !== undefined && (
          <IconButton icon={theme} label={`Theme: ${theme}`} onClick={() => onTheme(nextTheme[theme])} />
        )}
        {onDock !== undefined && (
          <span className="dock-action">
            <IconButton icon={otherDock} label={`Dock to the ${otherDock}`} onClick={() => onDock(otherDock)} />
          </span>
        )}
        <IconButton icon="close" label="Close devtools" onClick={onClose} />
      </div>
    </header>
  );
}
