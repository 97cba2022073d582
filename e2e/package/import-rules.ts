/** The rooms of the kernel in the order an event meets them; values come only from the same room or one before it. */
const rooms = ['event', 'router', 'dispatch', 'calls', 'border', 'plugins'];

/** What the modules of a folder may import: project files by path, packages by name. The first rule that fits counts. */
const rules: readonly { readonly from: RegExp; readonly to: RegExp }[] = [
  { from: /^core\/bus\/create-event-bus\.ts$/, to: /^core\/bus\// },
  ...rooms.map((room, i) => ({
    from: new RegExp(`^core/bus/${room}/`),
    to: new RegExp(`^core/bus/((${rooms.slice(0, i + 1).join('|')})/|(errors|clock|inspection|ports)\\.ts$)`),
  })),
  { from: /^core\/bus\//, to: /^core\/bus\/[^/]+\.ts$/ },
  { from: /^core\/index\.ts$/, to: /^core\/bus\// },
  { from: /^core\/stores\/indexeddb/, to: /^core\/(index\.ts|stores\/indexeddb\/)|^idb$/ },
  ...['stores', 'transports', 'codecs', 'flows', 'middleware', 'edge', 'decorators', 'testing'].map((folder) => ({
    from: new RegExp(`^core/${folder}/`),
    to: new RegExp(`^core/(index\\.ts|${folder}/)`),
  })),
  { from: /^core\/react\//, to: /^core\/(index\.ts|react\/)|^react$/ },
  { from: /^devtools\/(model|protocol)[/.]/, to: /^devtools\/(model|protocol)[/.]|^mitt$/ },
  { from: /^devtools\/(views|ui)[/.]/, to: /^devtools\/|^react(-dom)?$|^@tanstack\// },
  { from: /^devtools\//, to: /^devtools\/|^react(-dom)?$/ },
];

/**
 * Whether a module may take values from another module or package; types are free, the build has removed them.
 * @param from the importing file, relative to the top of the project
 * @param to an imported file, or the name of a package
 */
export function mayImport(from: string, to: string): boolean {
  return rules.find((rule) => rule.from.test(from))?.to.test(to) ?? false;
}
