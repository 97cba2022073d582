import { type ReactElement, useEffect, useMemo } from 'react';
import type { DeadLetters } from '../../core/index.js';
import type { Recorder } from '../model/recorder.js';
import { Session } from '../model/session.js';
import { usePreference } from '../ui/preferences.js';
import { DeadLettersContext } from './detail/dead-letters-context.js';
import { Launcher } from './launcher.js';
import { OpenPanel } from './open-panel.js';
import type { Dock, PanelOptions, Theme } from './panel-options.js';

interface PanelProps {
  readonly recorder: Recorder;
  readonly deadLetters: DeadLetters;
  /** Asks other nodes for their handler runs while the panel is open. */
  readonly watch: () => () => void;
  readonly options: PanelOptions;
}

const isBoolean = (value: unknown): value is boolean => typeof value === 'boolean';
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
