import type { Dispatcher } from '../dispatch/dispatch.js';
import type { Failure } from '../dispatch/failure.js';
import { assertDuration } from '../dispatch/queue-limits.js';
import { BusClosedError, InvalidOptionError, PluginError } from '../errors.js';
import type { ScopeOptions } from '../event-bus.js';
import type { Registration } from '../router/subscription.js';
import type { Guard } from './guard.js';
import { installOrder } from './install-order.js';
import { Installation } from './installation.js';
import {
  assertPlugin,
  type InstalledPlugin,
  type InstallOptions,
  type LifecycleEvents,
  type Plugin,
  type UninstallOptions,
} from './plugin.js';
import type { BusPolicy } from './policy.js';
import type { BusScope } from './scope.js';
import { PATIENCE_MS, ScopeView } from './scope-view.js';

/** What a host of plugins is made of. */
export interface PluginHostParts {
  /** `source` of the bus. */
  readonly source: string;
  readonly policy: BusPolicy;
  readonly scope: (source: string, guard: Guard | undefined, isHeld: boolean) => BusScope;
  readonly dispatcher: Dispatcher;
  readonly report: (failure: Failure) => void;
}

type Change = 'pluginInstalling' | 'pluginInstalled' | 'pluginReplaced' | 'pluginUninstalled';

/** The plugins of a bus, and the scopes of its host. */
export class PluginHost {
  readonly #parts: PluginHostParts;
  readonly #plugins = new Map<string, Installation>();
  /** Those that are to be replaced, and the successor that is being set up. */
  readonly #replacing = new Map<Installation, Installation>();
  /** Those that are ending, whether or not another one has their name already. */
  readonly #ending = new Set<Installation>();
  readonly #scopes = new Set<BusScope>();
  #started = false;
  #closing = false;

  constructor(parts: PluginHostParts) {
    this.#parts = parts;
  }

  get plugins(): readonly InstalledPlugin[] {
    return [...this.#plugins.values()];
  }

  /** Whether there is anything to end when the bus does. */
  get isEmpty(): boolean {
    return !this.#started && this.#plugins.size === 0 && this.#scopes.size === 0;
  }

  async install(
    given: Plugin | readonly Plugin[],
    options: InstallOptions = {},
  ): Promise<InstalledPlugin | readonly InstalledPlugin[]> {
    const isList = Array.isArray(given);
    if (isList && options.name !== undefined)
      throw new InvalidOptionError('name', options.name, 'it to one plugin alone');
    const plugins = (isList ? given : [given]).map((plugin) => this.#read(plugin, options.name));
    // Who is just going makes room.
    const going = plugins.flatMap(({ name }) => this.#plugins.get(name)?.ending ?? []);
    if (going.length > 0) await Promise.all(going);
    const made: Installation[] = [];
    try {
      for (const plugin of installOrder(plugins, (name) => this.#plugins.has(name))) {
        // Others may have come or gone, and the bus be closing, since those before it began to be set up.
        if (this.#closing) throw new BusClosedError('install');
        installOrder([plugin], (name) => this.#plugins.has(name));
        const one = this.#make(plugin, options, false);
        this.#plugins.set(one.name, one);
        this.#parts.policy.enter(one.name, one, one.guard);
        made.push(one);
        // Not awaited where there is nothing to wait for: an event emitted right after the call is heard.
        const pending = this.#begin(one, options, () => this.#activate(one, 'pluginInstalled'));
        if (pending !== undefined) await pending;
      }
    } catch (error) {
      for (const one of made.reverse()) {
        // What others have come to depend on meanwhile stays.
        const isNeeded = one.state === 'active' && this.#needyOf(one).length > 0;
        if (!isNeeded) await this.#end(one, PATIENCE_MS);
      }
      throw error;
    }
    if (!this.#started) {
      this.#started = true;
      this.#announce('system.started', { plugins: [...this.#plugins.keys()] });
    }
    const inOrder = plugins.map(({ name }) => made.find((one) => one.name === name) as Installation);
    return isList ? inOrder : (inOrder[0] as Installation);
  }

  async replace(given: Plugin, options: InstallOptions & UninstallOptions = {}): Promise<InstalledPlugin> {
    const { timeoutMs = PATIENCE_MS } = options;
    assertDuration('timeoutMs', timeoutMs);
    const plugin = this.#read(given, options.name);
    const { name } = plugin;
    const before = this.#plugins.get(name);
    if (before === undefined) throw new PluginError(name, 'is not there to be replaced', 'Install it');
    if (before.state !== 'active' || this.#replacing.has(before)) {
      throw new PluginError(name, 'is just coming or going', 'Wait for that, and replace it then');
    }
    installOrder([plugin], (other) => other !== name && this.#plugins.has(other));
    const needy = plugin.dependsOn?.find((other) => this.#needs(other, name));
    if (needy !== undefined) {
      throw new PluginError(name, `depends on "${needy}", which depends on it`, 'Have one of them do without');
    }
    const after = this.#make(plugin, options, true);
    const swap = (): void => {
      if (before.state !== 'active' || this.#closing) {
        throw new PluginError(name, 'was uninstalled while it was replaced', 'Install it');
      }
      this.#replacing.delete(before);
      this.#plugins.set(name, after);
      this.#parts.policy.enter(name, after, after.guard);
      void this.#end(before, timeoutMs, after.takeOverFrom(before));
      this.#activate(after, 'pluginReplaced');
    };
    this.#replacing.set(before, after);
    try {
      const pending = this.#begin(after, options, swap);
      if (pending !== undefined) await pending;
    } catch (error) {
      await this.#end(after, PATIENCE_MS);
      throw error;
    } finally {
      this.#replacing.delete(before);
    }
    await before.ending;
    return after;
  }

  scope({ source, permissions }: ScopeOptions): ScopeView {
    if (this.#closing) throw new BusClosedError('scope');
    if (typeof source !== 'string' || source === '' || source.length > 256) {
      throw new InvalidOptionError('source', source, 'a text of 1 to 256 characters');
    }
    if (source === this.#parts.source) throw new InvalidOptionError('source', source, 'another one than the bus has');
    const guard = this.#parts.policy.guard(source, [['its permissions', permissions]]);
    const scope = this.#parts.scope(source, guard, false);
    this.#parts.policy.enter(source, scope, guard);
    this.#scopes.add(scope);
    return new ScopeView(scope, async (timeoutMs) => {
      await scope.end(timeoutMs);
      this.#scopes.delete(scope);
      this.#parts.policy.leave(source, scope);
    });
  }

  /** Ends everything, the last first, and all of it within one limit. */
  async close(timeoutMs: number): Promise<void> {
    const { clock } = this.#parts.dispatcher;
    const begun = clock.precise();
    const left = (): number => Math.max(0, timeoutMs - (clock.precise() - begun));
    this.#closing = true;
    if (this.#started) this.#announce('system.shutdown', undefined);
    const all = new Set([...this.#ending, ...this.#replacing.values(), ...[...this.#plugins.values()].reverse()]);
    for (const one of all) await this.#end(one, left());
    for (const scope of [...this.#scopes].reverse()) await scope.end(left());
    this.#scopes.clear();
  }

  /** What an object says of itself, read once. @throws InvalidOptionError, PluginError, BusClosedError */
  #read(given: Plugin, named: string | undefined): Plugin {
    if (this.#closing) throw new BusClosedError('install');
    const { name, version, dependsOn, permissions, configSchema, config, setup } = given ?? {};
    const plugin = { name: named ?? name, version, dependsOn, permissions, configSchema, config, setup };
    assertPlugin(plugin);
    if (plugin.name === this.#parts.source) {
      throw new PluginError(plugin.name, 'has the name of the bus itself', 'Call it otherwise, or the bus');
    }
    return { ...plugin, setup: (scope) => setup.call(given, scope) };
  }

  #make(plugin: Plugin, { permissions }: InstallOptions, isHeld: boolean): Installation {
    const { policy, scope } = this.#parts;
    const guard = policy.guardPlugin(plugin.name, plugin.permissions, permissions);
    const effective = plugin.permissions ?? policy.defaults;
    const uninstall = (one: Installation, timeoutMs: number | undefined) => this.#uninstall(one, timeoutMs);
    return new Installation(plugin, scope(plugin.name, guard, isHeld), guard, effective, uninstall);
  }

  /** Sets a plugin up, and says that it is `done`; a promise where that takes time. @throws PluginError */
  #begin(one: Installation, { config }: InstallOptions, done: () => void): Promise<void> | undefined {
    this.#tell('pluginInstalling', one);
    try {
      const waiting = this.#dependencies(one);
      const pending = waiting.length === 0 ? one.setUp(config) : Promise.all(waiting).then(() => one.setUp(config));
      if (pending !== undefined) {
        one.ready = pending.then(done).catch((error) => this.#fail(one, error));
        // Who depends on it may wait for it, or nobody.
        one.ready.catch(() => {});
        return one.ready;
      }
      done();
      return undefined;
    } catch (error) {
      return this.#fail(one, error);
    }
  }

  /** What has to be waited for of what a plugin depends on. @throws PluginError */
  #dependencies({ name, dependsOn }: Installation): readonly Promise<void>[] {
    return dependsOn.flatMap((dependency) => {
      const other = this.#plugins.get(dependency);
      if (other === undefined || other.state === 'uninstalling') {
        throw new PluginError(name, `depends on "${dependency}", which is going`, 'Install that first');
      }
      return other.state === 'installing' && other.ready !== undefined ? [other.ready] : [];
    });
  }

  #activate(one: Installation, kind: 'pluginInstalled' | 'pluginReplaced'): void {
    const { name, version } = one;
    if (one.state === 'uninstalling')
      throw new PluginError(name, 'was uninstalled while it was set up', 'Install it again');
    one.state = 'active';
    this.#tell(kind, one);
    this.#announce('plugin.loaded', { name, version });
  }

  #fail(one: Installation, cause: unknown): never {
    const remedy = 'Look at its cause; all it had made is taken away';
    const isPlain = cause instanceof PluginError && cause.plugin === one.name;
    const error = isPlain ? cause : new PluginError(one.name, 'failed in its setup', remedy, cause);
    this.#parts.dispatcher.inspector?.tell({ kind: 'pluginFailed', plugin: one.info, error });
    throw error;
  }

  async #uninstall(one: Installation, timeoutMs = PATIENCE_MS): Promise<void> {
    assertDuration('timeoutMs', timeoutMs);
    const needy = this.#needyOf(one);
    if (one.ending === undefined && needy.length > 0) {
      const names = needy.map(({ name }) => `"${name}"`).join(', ');
      throw new PluginError(one.name, `is what ${names} depends on`, 'Uninstall that first');
    }
    await this.#end(one, timeoutMs);
  }

  #end(one: Installation, timeoutMs: number, retired?: readonly Registration[]): Promise<void> {
    if (one.ending === undefined) one.ending = this.#endOnce(one, timeoutMs, retired);
    // Who asks for it once more waits no longer than it says.
    else void one.end(timeoutMs);
    return one.ending;
  }

  async #endOnce(one: Installation, timeoutMs: number, retired: readonly Registration[] | undefined): Promise<void> {
    const { name, version } = one;
    const wasActive = one.state === 'active';
    const successor = this.#replacing.get(one);
    one.state = 'uninstalling';
    this.#ending.add(one);
    await Promise.all([one.end(timeoutMs, retired), successor && this.#end(successor, timeoutMs)]);
    this.#ending.delete(one);
    this.#parts.policy.leave(name, one);
    if (this.#plugins.get(name) === one) this.#plugins.delete(name);
    if (!wasActive) return;
    this.#tell('pluginUninstalled', one);
    this.#announce('plugin.unloaded', { name, version });
  }

  /** Who depends on a plugin, and stays. */
  #needyOf({ name }: Installation): readonly InstalledPlugin[] {
    return this.plugins.filter(({ dependsOn, state }) => dependsOn.includes(name) && state !== 'uninstalling');
  }

  /** Whether a plugin that is there depends on another, be it by way of others. */
  #needs(name: string, other: string): boolean {
    return this.#plugins.get(name)?.dependsOn.some((one) => one === other || this.#needs(one, other)) === true;
  }

  #tell(kind: Change, { info }: Installation): void {
    this.#parts.dispatcher.inspector?.tell({ kind, plugin: info });
  }

  #announce<K extends keyof LifecycleEvents>(type: K, data: LifecycleEvents[K]): void {
    const { dispatcher, report } = this.#parts;
    if (dispatcher.closed) return;
    try {
      dispatcher.emit(dispatcher.origin, type, data, { local: true });
    } catch (error) {
      // A queue that is full is nothing that an install should fail for.
      report({ stage: 'plugin', error, event: undefined });
    }
  }
}
