import { basename, dirname } from 'node:path';

/** Of another folder, tests that take longer are not asked. */
const QUICK_MS = 5;
/** Of its own folder, they are asked last. */
const SLOW_MS = 250;

/** Tests of one file to be run together. */
export type Step = readonly [path: string, ids: ReadonlySet<string>];

/**
 * The tests to ask about a mutant, file by file: first those that killed the last one here, then those that stand
 * beside the source, in its folder, at the kernel's top, elsewhere; what is slow comes last or, from afar, not at all.
 */
export function orderOf(
  ids: Iterable<string>,
  source: string,
  lastKiller: string | undefined,
  msOf: (id: string) => number,
): Step[] {
  const quick = new Map<string, Set<string>>();
  const slow = new Map<string, Set<string>>();
  for (const id of ids) {
    const path = id.slice(0, id.indexOf('#'));
    const ms = msOf(id);
    if (ms > QUICK_MS && !isNear(path, source)) continue;
    const files = ms > SLOW_MS ? slow : quick;
    files.set(path, (files.get(path) ?? new Set()).add(id));
  }
  const distance = (path: string): number => (path === lastKiller ? 0 : distanceOf(path, source));
  const nearFirst = (a: Step, b: Step): number => distance(a[0]) - distance(b[0]) || b[1].size - a[1].size;
  return [...[...quick].sort(nearFirst), ...[...slow].sort(nearFirst)];
}

export function isNear(path: string, source: string): boolean {
  return distanceOf(path, source) < 5;
}

function distanceOf(path: string, source: string): number {
  if (dirname(path) === dirname(source)) return basename(path) === basename(source).replace('.ts', '.test.ts') ? 1 : 2;
  if (dirname(path) === 'core/bus') return 3;
  return dirname(path).startsWith(dirname(source)) && dirname(source) !== 'core/bus' ? 4 : 5;
}
