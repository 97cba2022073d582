import type { StandardSchema } from '../dispatch/schema.js';
import { InvalidOptionError } from '../errors.js';
import type { AnyEvents, EventMap } from '../event/pattern-types.js';
import type { EventScope } from '../event-bus.js';
import type { HandlerInfo } from '../inspection.js';

/** Patterns of what a scope may do; where there are permissions, a list that is not among them allows nothing (G3). */
export interface Permissions {
  /** What it may emit. */
  readonly emit?: string | readonly string[];
  /** What it may subscribe to, wait for, stream and read back. */
  readonly on?: string | readonly string[];
  /** What it may request. */
  readonly request?: string | readonly string[];
  /** What it may answer. */
  readonly respond?: string | readonly string[];
  /** What its middleware meets. */
  readonly use?: string | readonly string[];
}

/** What a scope can be allowed to do: the name of the call. */
export type ScopeAction = keyof Permissions;

/** A plugin's own view of the bus: its events bear its name, and what it makes here goes when it is uninstalled (G1, G2). */
export interface PluginScope<M extends EventMap<M> = AnyEvents, C = unknown> extends EventScope<M> {
  /** Name of the plugin, which is also the `source` of its events. */
  readonly name: string;
  /** What it was installed with, as its schema left it. */
  readonly config: C;
  /** Aborts when the plugin is uninstalled, after its handlers are gone. */
  readonly signal: AbortSignal;
  /** Runs `cleanup` when the plugin is uninstalled, the last that was given first; waits for a promise it returns. */
  onDispose(cleanup: () => unknown): void;
}

/** A module of an application: what it is called, what it needs, and what it does on a bus. */
export interface Plugin<M extends EventMap<M> = AnyEvents, C = unknown> {
  /** Unlike that of any other plugin on the bus. */
  readonly name: string;
  readonly version?: string | undefined;
  /** Names of the plugins that have to be there before it. */
  readonly dependsOn?: readonly string[] | undefined;
  /** What it wants to do; without it the bus's `pluginDefaults` hold. */
  readonly permissions?: Permissions | undefined;
  /** What its `config` must be; any Standard Schema. */
  readonly configSchema?: StandardSchema | undefined;
  /** What it is installed with where `install` is given nothing else; with a schema, what that takes. */
  readonly config?: C | undefined;
  /**
   * Subscribes and begins, and may return what ends it again. Called once for each install; when it throws or rejects,
   * what it has made so far is taken away.
   */
  setup(scope: PluginScope<M, C>): unknown;
}

/** A plugin whatever its config is. */
export interface AnyPlugin<M extends EventMap<M> = AnyEvents> extends Omit<Plugin<M, never>, 'config' | 'setup'> {
  readonly config?: unknown;
  setup(scope: PluginScope<M, never>): unknown;
}

/** How a plugin is installed. */
export interface InstallOptions {
  /** Given to the plugin's schema, and what that makes of it to the plugin; the plugin's own `config` by default. */
  readonly config?: unknown;
  /** What the host calls it, whatever it calls itself: grants are given by name. For one plugin, not for a list. */
  readonly name?: string | undefined;
  /** What the host lets it do at most, whatever the plugin asks for itself. */
  readonly permissions?: Permissions | undefined;
}

/** How a plugin, or a scope, is ended. */
export interface UninstallOptions {
  /** How long its running calls and clean-up are waited for; then their `delivery.signal` aborts. 5,000 by default (G8). */
  readonly timeoutMs?: number | undefined;
}

/** A plugin on a bus. */
export interface PluginInfo {
  readonly name: string;
  readonly version: string | undefined;
  readonly dependsOn: readonly string[];
  readonly state: 'installing' | 'active' | 'uninstalling';
  /** What it may do; undefined when that is everything. */
  readonly permissions: Permissions | undefined;
}

/** What `install` resolves with. */
export interface InstalledPlugin extends PluginInfo {
  /** What it has subscribed and not unsubscribed, in that order. */
  readonly handlers: readonly HandlerInfo[];
  /** @throws PluginError while other plugins need it */
  uninstall(options?: UninstallOptions): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Events of the bus's own about itself, local to each node: extend the map of a bus with them to subscribe typed (G7). */
export interface LifecycleEvents {
  /** The first plugins are installed. */
  'system.started': { readonly plugins: readonly string[] };
  /** The bus begins to close. */
  'system.shutdown': undefined;
  'plugin.loaded': { readonly name: string; readonly version: string | undefined };
  'plugin.unloaded': { readonly name: string; readonly version: string | undefined };
}

/**
 * Gives a plugin its types, and checks its shape.
 *
 * @throws InvalidOptionError
 * @example
 * const audit = definePlugin<AppEvents, { limit: number }>({
 *   name: 'audit',
 *   permissions: { on: 'order.*' },
 *   config: { limit: 100 },
 *   setup(scope) {
 *     scope.on('order.*', (event) => console.log(scope.config.limit, event.type));
 *   },
 * });
 * const { uninstall } = await bus.install(audit);
 */
export function definePlugin<M extends EventMap<M> = AnyEvents, C = unknown>(plugin: Plugin<M, C>): Plugin<M, C> {
  assertPlugin(plugin);
  return plugin;
}

/** @throws InvalidOptionError */
export function assertPlugin(plugin: unknown): asserts plugin is Plugin {
  const {
    name,
    version,
    dependsOn = [],
    configSchema,
    setup,
  } = (plugin ?? {}) as Partial<Record<keyof Plugin, unknown>>;
  if (typeof name !== 'string' || !/^\S{1,256}$/.test(name)) {
    throw new InvalidOptionError('plugin.name', name, 'a text of 1 to 256 characters without white space');
  }
  if (typeof setup !== 'function') throw new InvalidOptionError('plugin.setup', setup, 'a function');
  if (version !== undefined && typeof version !== 'string') {
    throw new InvalidOptionError('plugin.version', version, 'a text');
  }
  if (!Array.isArray(dependsOn) || dependsOn.some((one) => typeof one !== 'string')) {
    throw new InvalidOptionError('plugin.dependsOn', dependsOn, 'a list of names of plugins');
  }
  const { validate } = (configSchema as StandardSchema | undefined)?.['~standard'] ?? {};
  if (configSchema !== undefined && typeof validate !== 'function') {
    throw new InvalidOptionError(
      'plugin.configSchema',
      configSchema,
      'a Standard Schema, such as one of zod or valibot',
    );
  }
}
