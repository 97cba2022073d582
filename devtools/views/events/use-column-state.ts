import { useMemo } from 'react';
import { usePreference } from '../../ui/preferences.js';
import { WIDE_COLUMNS } from './event-columns.js';

type Sizes = Record<string, number>;
type Visibility = Record<string, boolean>;

/** What the reader has made of the columns, and how to change it. */
export interface ColumnState {
  readonly sizes: Sizes;
  /** What is shown: the reader's choice, less what a narrow list has no room for. */
  readonly visibility: Visibility;
  readonly setSizes: (sizes: Sizes) => void;
  readonly setVisibility: (visibility: Visibility) => void;
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
const isSizes = (value: unknown): value is Sizes => isRecord(value) && Object.values(value).every(Number.isFinite);
const isVisibility = (value: unknown): value is Visibility =>
  isRecord(value) && Object.values(value).every((each) => typeof each === 'boolean');

/** A glyph without its word. */
const sizesWhenNarrow: Sizes = { status: 36, duration: 70 };
const hiddenWhenNarrow: Visibility = Object.fromEntries(WIDE_COLUMNS.map((id) => [id, false]));

/** Sizes and visibility of the columns, kept beyond the page. */
export function useColumnState(isNarrow: boolean): ColumnState {
  const [sizes, setSizes] = usePreference<Sizes>('column-sizes', {}, isSizes);
  const [chosen, setVisibility] = usePreference<Visibility>('columns', { delta: false }, isVisibility);
  return useMemo(
    () => ({
      sizes: isNarrow ? { ...sizes, ...sizesWhenNarrow } : sizes,
      visibility: isNarrow ? { ...chosen, ...hiddenWhenNarrow } : chosen,
      setSizes,
      setVisibility,
    }),
    [sizes, chosen, setSizes, setVisibility, isNarrow],
  );
}
