import { type ReactElement, useEffect, useRef } from 'react';
import { type DevtoolsBus, type DevtoolsOptions, type MountedPanel, mountPanel } from './mount.js';

/** Properties of {@link CrosstownDevtools}. */
export interface CrosstownDevtoolsProps extends DevtoolsOptions {
  readonly bus: DevtoolsBus;
}

/**
 * The devtools panel of a bus, as a React component. What the panel does stays in it: no event of its elements reaches
 * the application, and no render of the application renders it.
 *
 * @example
 * import { createEventBus } from 'crosstown';
 * import { CrosstownDevtools } from 'crosstown/devtools';
 *
 * const bus = createEventBus({ name: 'shop' });
 * export const App = () => <CrosstownDevtools bus={bus} dock="bottom" />;
 */
export function CrosstownDevtools({ bus, ...options }: CrosstownDevtoolsProps): ReactElement {
  const place = useRef<HTMLDivElement>(null);
  const panel = useRef<MountedPanel | undefined>(undefined);
  const latest = useRef<DevtoolsOptions>(options);
  latest.current = options;
  const { capacity, history, shareChannel } = options;

  // biome-ignore lint/correctness/useExhaustiveDependencies: what the recorder is made of; the rest is updated below.
  useEffect(() => {
    if (place.current === null) return;
    panel.current = mountPanel(bus, place.current, latest.current);
    return () => panel.current?.unmount();
  }, [bus, capacity, history, shareChannel]);
  useEffect(() => panel.current?.update(latest.current));

  return <div ref={place} style={{ display: 'contents' }} />;
}
