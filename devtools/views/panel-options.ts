/** Where the panel stands: at an edge of the window, or in the element it was given. */
export type Dock = 'bottom' | 'right' | 'inline';

/** How the panel is coloured; `auto` follows the system. */
export type Theme = 'auto' | 'light' | 'dark';

/** How the panel looks; may change while it is shown. */
export interface PanelOptions {
  /** `bottom` by default; the reader may move it between the edges. */
  readonly dock?: Dock;
  /** Whether the panel is open at first, where the reader has not chosen; true by default. */
  readonly initialOpen?: boolean;
  /** `auto` (default) follows the system, and the reader may choose. */
  readonly theme?: Theme;
  /** Called instead of folding the panel to a button when the reader closes it. */
  readonly onClose?: () => void;
}
