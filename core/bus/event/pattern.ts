import { InvalidEventTypeError, InvalidOptionError, InvalidPatternError } from '../errors.js';

const MAX_LENGTH = 256;
const SPACE = 0x20;
const DOLLAR = 0x24;
const STAR = 0x2a;
const DOT = 0x2e;
const TILDE = 0x7e;
const segment = /^[^\s\p{Cc}*.]+$/u;
const wellFormed = /^[^\s\p{Cc}*.]+(?:\.[^\s\p{Cc}*.]+)*$/u;

/**
 * Throws unless `type` names a concrete event: 1 to 256 characters, non-empty segments joined by dots, without white
 * space, control characters or `*`; a leading `$` is the bus's own.
 *
 * @throws InvalidEventTypeError
 */
export function assertEventType(type: unknown): asserts type is string {
  if (!isEventType(type)) throw new InvalidEventTypeError(type, whyNotType(type));
  if (type.startsWith('$')) throw new InvalidEventTypeError(type, 'types that begin with "$" belong to the bus');
}

/** Whether `type` is well formed, the bus's own types included. */
export function isEventType(type: unknown): type is string {
  if (typeof type !== 'string' || type.length === 0 || type.length > MAX_LENGTH) return false;
  let segmentStart = true;
  for (let i = 0; i < type.length; i++) {
    const code = type.charCodeAt(i);
    // Letters and digits first, as types are made of them.
    if (code > DOT && code <= TILDE) segmentStart = false;
    else if (code === DOT) {
      if (segmentStart) return false;
      segmentStart = true;
    } else if (code <= SPACE || code === STAR) return false;
    else if (code > TILDE) return wellFormed.test(type);
    else segmentStart = false;
  }
  return !segmentStart;
}

function whyNotType(type: unknown): string {
  if (typeof type !== 'string') return `it is ${type === null ? 'null' : typeof type}, not a string`;
  if (type.length > MAX_LENGTH) return `it has ${type.length} characters, over ${MAX_LENGTH}`;
  if (type.includes('*')) return 'a wildcard stands only in patterns';
  return whySegments(type);
}

function whySegments(text: string): string {
  if (text === '' || text.split('.').includes('')) return 'it has an empty segment';
  return 'it has white space or a control character';
}

/** Whether a pattern is a type that anybody may subscribe to: well formed, and not the bus's own. */
export function isSubscribableType(pattern: string): boolean {
  return isEventType(pattern) && pattern.charCodeAt(0) !== DOLLAR;
}

/** Whether a pattern stands for more than the one type it spells. */
export function isWildcard(pattern: string): boolean {
  return pattern.includes('*');
}

/**
 * The segments of a pattern, with a bare `*` read as `**` and neighbouring `**` merged.
 *
 * @throws InvalidPatternError
 */
export function parsePattern(pattern: unknown): readonly string[] {
  if (typeof pattern !== 'string') throw new InvalidPatternError(pattern, 'it is not a string');
  if (pattern.length > MAX_LENGTH) throw new InvalidPatternError(pattern, `it is longer than ${MAX_LENGTH} characters`);
  if (pattern.startsWith('$')) throw new InvalidPatternError(pattern, 'types that begin with "$" belong to the bus');
  if (pattern === '*') return ['**'];
  const segments: string[] = [];
  for (const part of pattern.split('.')) {
    if (part === '**' && segments.at(-1) === '**') continue;
    if (part !== '*' && part !== '**' && !segment.test(part))
      throw new InvalidPatternError(pattern, whyNotSegment(part));
    segments.push(part);
  }
  return segments;
}

function whyNotSegment(part: string): string {
  return part.includes('*') ? `"${part}" mixes a wildcard with text` : whySegments(part);
}

/**
 * A predicate that says which event types a pattern, or any of several, matches; its time grows with the product of
 * the two lengths at most.
 *
 * @throws InvalidPatternError
 * @example
 * const matches = compilePattern(['user.*', '**.encrypted']);
 * matches('user.created'); // true
 */
export function compilePattern(pattern: string | readonly string[]): (type: string) => boolean {
  const patterns = typeof pattern === 'string' ? [pattern] : pattern;
  const exact = new Set<string>();
  const wild: (readonly string[])[] = [];
  for (const one of patterns) {
    const segments = parsePattern(one);
    if (isWildcard(one)) wild.push(segments);
    else exact.add(one);
  }
  if (wild.some((segments) => segments.length === 1 && segments[0] === '**')) return (type) => !type.startsWith('$');
  return (type) => {
    if (exact.has(type)) return true;
    if (wild.length === 0 || type.startsWith('$')) return false;
    const parts = type.split('.');
    return wild.some((segments) => matchSegments(segments, parts));
  };
}

/** Greedy glob matching over segments: only the last `**` is ever tried again, so there is nothing to blow up. */
function matchSegments(pattern: readonly string[], parts: readonly string[]): boolean {
  let p = 0;
  let retryPattern = -1;
  let retryPart = 0;
  for (let i = 0; i < parts.length; ) {
    const want = pattern[p];
    if (want === '**') {
      retryPattern = ++p;
      retryPart = i;
    } else if (want !== undefined && (want === '*' || want === parts[i])) {
      p++;
      i++;
    } else if (retryPattern >= 0) {
      p = retryPattern;
      i = ++retryPart;
    } else return false;
  }
  return p === pattern.length || (p === pattern.length - 1 && pattern[p] === '**');
}

/** A list of patterns without repetition, frozen. @throws InvalidPatternError, InvalidOptionError */
export function uniquePatterns(patterns: unknown): readonly string[] {
  if (!Array.isArray(patterns)) parsePattern(patterns);
  const unique = new Set(patterns as string[]);
  if (unique.size === 0) throw new InvalidOptionError('pattern', patterns, 'a pattern or a list of patterns');
  return Object.freeze([...unique]);
}

/** One name for all spellings of a pattern or list; no pattern has a space in it. */
export function patternKey(pattern: string | readonly string[]): string {
  if (typeof pattern !== 'string' && !Array.isArray(pattern)) throw new InvalidPatternError(pattern, 'it is no text');
  return typeof pattern === 'string' ? pattern : [...new Set(pattern)].sort().join(' ');
}

/**
 * Whether every type that `inner` matches is matched by `outer`, as far as the segments alone can say.
 *
 * @throws InvalidPatternError
 */
export function coversPattern(outer: string, inner: string): boolean {
  const wide = parsePattern(outer);
  const parsed = parsePattern(inner);
  // A type has one segment at least.
  const narrow = parsed.length === 1 && parsed[0] === '**' ? ['*', '**'] : parsed;
  const known = new Map<number, boolean>();
  const covers = (w: number, n: number): boolean => {
    const key = w * (narrow.length + 1) + n;
    const answer = known.get(key) ?? compare(w, n);
    known.set(key, answer);
    return answer;
  };
  const compare = (w: number, n: number): boolean => {
    if (n === narrow.length) return wide.slice(w).every((part) => part === '**');
    const want = wide[w];
    if (want === undefined) return false;
    if (want === '**') return covers(w + 1, n) || covers(w, n + 1);
    if (narrow[n] === '**') return want === '*' && covers(w, n + 1) && covers(w + 1, n);
    return (want === '*' || want === narrow[n]) && covers(w + 1, n + 1);
  };
  return covers(0, 0);
}
