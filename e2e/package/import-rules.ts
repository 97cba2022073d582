/** The rooms of the kernel in the order an event meets them. */
const rooms = ['event', 'router', 'dispatch', 'calls', 'border', 'plugins'];

/** The folders of core beside the kernel that stand on its public names alone. */
const outer = '(stores|transports|codecs|flows|middleware|inspect|edge|decorators|testing|react)';

/** Who may take values from whom: project files by path, packages by name, written `importer > imported`. */
const allowed: readonly RegExp[] = [
  // The kernel imports nothing but itself; a room only itself, the rooms before it, and the files above all rooms.
  /^core\/bus\/[^/]+ > core\/bus\/(?!create-event-bus)[^/]+$/,
  /^core\/bus\/create-event-bus\.ts > core\/bus\//,
  ...rooms.map((room, i) => new RegExp(`^core/bus/${room}/.* > core/bus/(${rooms.slice(0, i + 1).join('|')})/`)),
  /^core\/bus\/\w+\/.* > core\/bus\/(errors|clock|inspection|ports)\.ts$/,
  // The rest of core sees the kernel through the root.
  /^core\/index\.ts > core\/bus\//,
  new RegExp(`^core/${outer}/.* > core/(index\\.ts$|\\1/)`),
  /^core\/stores\/indexeddb[/.].* > idb$/,
  /^core\/react\/.* > react$/,
  // The devtools take only types from core; their model knows nothing of React.
  /^devtools\/(model|protocol)[/.].* > (devtools\/(model|protocol)[/.]|mitt$)/,
  /^devtools\/(?!(model|protocol)[/.]).* > (devtools\/|react(-dom)?$)/,
  /^devtools\/(views|ui)[/.].* > @tanstack\//,
];

/**
 * Whether a module may take values from another module or package; types are free, the build has removed them.
 * @param from the importing file, relative to the top of the project
 * @param to an imported file, or the name of a package
 */
export function mayImport(from: string, to: string): boolean {
  return allowed.some((rule) => rule.test(`${from} > ${to}`));
}
