/** Height of a line in pixels: where there is little width there is likely a thumb. */
export function rowHeight(isNarrow: boolean): number {
  return isNarrow ? 34 : 24;
}
