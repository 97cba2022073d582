/**
 * A panel that shows what happens in a bus: events, their handlers, chains of events across tabs and workers, plugins,
 * and what was refused.
 *
 * @module
 */

export { CrosstownDevtools, type CrosstownDevtoolsProps } from './component.js';
export { type DevtoolsBus, type DevtoolsOptions, mountDevtools } from './mount.js';
export type { Dock, PanelOptions, Theme } from './views/panel-options.js';
