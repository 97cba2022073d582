import { PluginError } from '../errors.js';
import type { Plugin } from './plugin.js';

/**
 * Plugins in the order they can be set up in: each after those it depends on, otherwise as given.
 *
 * @throws PluginError for a name that is taken, a dependency that is missing, or a cycle
 */
export function installOrder(plugins: readonly Plugin[], isThere: (name: string) => boolean): readonly Plugin[] {
  const byName = new Map<string, Plugin>();
  for (const plugin of plugins) {
    const { name } = plugin;
    if (isThere(name)) throw new PluginError(name, 'is there already', 'Uninstall it first, or use replace');
    if (byName.has(name)) throw new PluginError(name, 'is given twice', 'Give each plugin a name of its own');
    byName.set(name, plugin);
  }
  const ordered = new Set<Plugin>();
  const visit = (plugin: Plugin, path: readonly string[]): void => {
    const { name, dependsOn = [] } = plugin;
    if (ordered.has(plugin)) return;
    if (path.includes(name)) {
      const cycle = [...path.slice(path.indexOf(name)), name].join(' → ');
      throw new PluginError(
        name,
        `depends on itself: ${cycle}`,
        'Have one of them do without, or move what both need into a third',
      );
    }
    const missing = dependsOn.filter((one) => !byName.has(one) && !isThere(one));
    if (missing.length > 0) {
      const names = missing.map((one) => `"${one}"`).join(', ');
      throw new PluginError(name, `depends on ${names}, not installed`, 'Install that first, or both in one call');
    }
    for (const one of dependsOn) {
      const dependency = byName.get(one);
      if (dependency !== undefined) visit(dependency, [...path, name]);
    }
    ordered.add(plugin);
  };
  for (const plugin of plugins) visit(plugin, []);
  return [...ordered];
}
