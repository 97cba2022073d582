import { createRoot } from 'react-dom/client';
import { defaultChannel } from './model/devtools-channel.js';
import { loadHistory, type RememberingBus } from './model/history.js';
import { Recorder, type WatchedBus } from './model/recorder.js';
import { type SharedBus, shareBus } from './model/share.js';
import { watchOthers } from './model/watch.js';
import { createShadow } from './ui/shadow.js';
import detailCss from './views/detail/detail.css?inline';
import eventsCss from './views/events/events.css?inline';
import handlersCss from './views/handlers/handlers.css?inline';
import panelCss from './views/panel.css?inline';
import { Panel } from './views/panel.js';
import type { PanelOptions } from './views/panel-options.js';
import pluginsCss from './views/plugins/plugins.css?inline';
import traceCss from './views/trace/trace.css?inline';

/** What the devtools need of a bus; every bus has it, whatever its events are. */
export type DevtoolsBus = WatchedBus & RememberingBus & SharedBus;

/** How the devtools are mounted; every option may be left out. */
export interface DevtoolsOptions extends PanelOptions {
  /** Events kept, rounded up to a power of two; 65,536 by default. */
  readonly capacity?: number;
  /** Events read from the bus's store when the panel begins, so that what was is there after a reload; 500 by default, 0 for none, at most 1,024. */
  readonly history?: number;
  /**
   * Name of the BroadcastChannel on which panels and nodes tell each other of handler runs; made from the `name` of the
   * bus by default, `false` for none.
   */
  readonly shareChannel?: string | false;
}

/** A mounted panel. */
export interface MountedPanel {
  update(options: PanelOptions): void;
  unmount(): void;
}

const DEFAULT_HISTORY = 500;

/** Begins to record and shows the panel. */
export function mountPanel(bus: DevtoolsBus, element: Element, options: DevtoolsOptions): MountedPanel {
  const { capacity, history = DEFAULT_HISTORY, shareChannel = defaultChannel(bus.name) } = options;
  const recorder = new Recorder(bus, capacity);
  recorder.start();
  if (history > 0) void loadHistory(recorder, bus, history);
  const unshare = shareChannel === false ? undefined : shareBus(bus, shareChannel);
  const watch = (): (() => void) => (shareChannel === false ? () => {} : watchOthers(recorder, shareChannel));

  const css = [panelCss, eventsCss, detailCss, traceCss, handlersCss, pluginsCss];
  const { host, root: shadow } = createShadow(element, css);
  const place = shadow.appendChild(element.ownerDocument.createElement('div'));
  // The panel's size is a share of the element's, not of what stands between.
  place.style.display = 'contents';
  const root = createRoot(place);
  const update = (next: PanelOptions): void =>
    root.render(<Panel recorder={recorder} deadLetters={bus.deadLetters} watch={watch} options={next} />);
  update(options);
  return {
    update,
    unmount(): void {
      recorder.stop();
      unshare?.();
      host.remove();
      // React may be rendering the page around us, and would not have another root taken down meanwhile.
      queueMicrotask(() => root.unmount());
    },
  };
}

/**
 * Records what happens in a bus and shows it in a panel inside `element`, until the returned function is called. The
 * panel lives in a shadow root and brings its own styles.
 *
 * @example
 * import { createEventBus } from 'crosstown';
 * import { mountDevtools } from 'crosstown/devtools';
 *
 * const bus = createEventBus({ name: 'shop' });
 * const unmount = mountDevtools(bus, document.body, { dock: 'right' });
 */
export function mountDevtools(bus: DevtoolsBus, element: Element, options: DevtoolsOptions = {}): () => void {
  return mountPanel(bus, element, options).unmount;
}
