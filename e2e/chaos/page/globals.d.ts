import type { Chaos } from './page.mjs';

declare global {
  /** What a test calls in a page. */
  var chaos: Chaos;
  /** What a page calls in a test: it is there as soon as this returns, even when the page dies next. */
  var tellTest: (text: string) => void;
}
