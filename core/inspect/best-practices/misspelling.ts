/** In shorter words one letter makes another word; in longer ones two letters may be wrong. */
const SHORT = 5;
const LONG = 10;

/** Words that are one letter from another that is as good a name: whoever writes one of them means it. */
const words: ReadonlySet<string> = new Set(
  (
    'adapted adopted cached cashed changed charged cloned closed contact contract failed filed filled ' +
    'liked linked listed lifted modal model packed parked parsed passed pasted patent patient paused picked pinged ' +
    'pinned posted price prize quota quote rated raised scaled score sealed ' +
    'shipped skipped slice slide space stage staged started starred state stated stepped stopped store ' +
    'track trade truck'
  ).split(' '),
);

/**
 * Whether one type is the other with a slip in one segment: a letter missing, added, another one, or two in the wrong
 * order. Not where a word has another beginning (`locked`, `unlocked`) or ending (`reserve`, `reserved`), nor
 * where both are words (`changed`, `charged`): those are two words.
 */
export function isMisspelling(type: string, meant: string): boolean {
  if (Math.abs(type.length - meant.length) > 2) return false;
  const segments = type.split('.');
  const others = meant.split('.');
  if (segments.length !== others.length) return false;
  const at = segments.findIndex((segment, i) => segment !== others[i]);
  if (at === -1 || segments.some((segment, i) => i > at && segment !== others[i])) return false;
  return isSlip(segments[at] ?? '', others[at] ?? '');
}

function isSlip(word: string, other: string): boolean {
  const length = Math.min(word.length, other.length);
  if (length < SHORT || word[0] !== other[0] || !/^\p{Ll}+$/u.test(word + other)) return false;
  if (word.startsWith(other) || other.startsWith(word) || (words.has(word) && words.has(other))) return false;
  return distance(word, other) <= (length < LONG ? 1 : 2);
}

/** Insertions, deletions, substitutions and swaps of neighbours from one to the other. */
function distance(a: string, b: string): number {
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const isSame = a[i - 1] === b[j - 1];
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const edits = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + (isSame ? 0 : 1));
      row.push(isSwap ? Math.min(edits, (before[j - 2] ?? 0) + 1) : edits);
    }
    before = last;
    last = row;
  }
  return last[b.length] ?? 0;
}
