import type { StandardSchema } from '../dispatch/schema.js';
import { PluginError, SchemaError } from '../errors.js';
import type { HandlerInfo } from '../inspection.js';
import { handlerInfo, type Registration } from '../router/subscription.js';
import type { Guard } from './guard.js';
import type { InstalledPlugin, Permissions, Plugin, PluginInfo, UninstallOptions } from './plugin.js';
import type { BusScope } from './scope.js';
import { PluginView } from './scope-view.js';

/** One plugin on the bus, from its setup to its end. */
export class Installation implements InstalledPlugin {
  static {
    if (Symbol.asyncDispose !== undefined) {
      Object.defineProperty(Installation.prototype, Symbol.asyncDispose, {
        value(this: Installation) {
          return this.uninstall();
        },
      });
    }
  }

  declare readonly [Symbol.asyncDispose]: () => Promise<void>;
  readonly name: string;
  readonly version: string | undefined;
  readonly dependsOn: readonly string[];
  readonly permissions: Permissions | undefined;
  state: PluginInfo['state'] = 'installing';
  readonly #plugin: Plugin;
  readonly #scope: BusScope;
  readonly #uninstall: (timeoutMs: number | undefined) => Promise<void>;
  /** What decides what it may do; undefined when that is everything. */
  readonly guard: Guard | undefined;
  /** Settles when it is active, or has failed; undefined when that took no time. */
  ready: Promise<void> | undefined;
  /** Resolves when it is gone; undefined while it is to stay. */
  ending: Promise<void> | undefined;

  constructor(
    plugin: Plugin,
    scope: BusScope,
    guard: Guard | undefined,
    permissions: Permissions | undefined,
    uninstall: (one: Installation, timeoutMs: number | undefined) => Promise<void>,
  ) {
    this.name = plugin.name;
    this.version = plugin.version;
    this.dependsOn = Object.freeze([...(plugin.dependsOn ?? [])]);
    this.permissions = permissions;
    this.#plugin = plugin;
    this.#scope = scope;
    this.guard = guard;
    this.#uninstall = (timeoutMs) => uninstall(this, timeoutMs);
  }

  get handlers(): readonly HandlerInfo[] {
    return [...this.#scope.registrations].map(handlerInfo);
  }

  get info(): PluginInfo {
    const { name, version, dependsOn, state, permissions } = this;
    return Object.freeze({ name, version, dependsOn, state, permissions });
  }

  /** An arrow, so that it can be taken off what `install` resolves with. */
  readonly uninstall = ({ timeoutMs }: UninstallOptions = {}): Promise<void> => this.#uninstall(timeoutMs);

  /** Has the plugin set itself up: a promise where that takes time. @throws PluginError, or whatever its setup throws */
  setUp(given: unknown): Promise<void> | undefined {
    const { name } = this;
    const config = validConfig(name, this.#plugin.configSchema, given ?? this.#plugin.config);
    if (!isThenable(config)) return this.#call(config.value);
    return Promise.resolve(config).then(({ value }) => this.#call(value));
  }

  /** Has it take the place of another, which is to be ended with what this returns. */
  takeOverFrom(before: Installation): readonly Registration[] {
    return this.#scope.takeOverFrom(before.#scope);
  }

  end(timeoutMs: number, retired?: readonly Registration[]): Promise<void> {
    return this.#scope.end(timeoutMs, retired);
  }

  #call(config: unknown): Promise<void> | undefined {
    const view = new PluginView(this.#scope, config, (timeoutMs) => this.#uninstall(timeoutMs));
    const returned = this.#plugin.setup(view as never);
    if (!isThenable(returned)) return this.#keep(returned);
    return Promise.resolve(returned).then((cleanup) => this.#keep(cleanup));
  }

  #keep(cleanup: unknown): Promise<void> | undefined {
    if (typeof cleanup !== 'function') return undefined;
    if (this.#scope.isOpen) this.#scope.onDispose(() => cleanup());
    // It was uninstalled while it set itself up: nobody else knows of its clean-up.
    else return Promise.resolve(cleanup());
    return undefined;
  }
}

interface Config {
  readonly value: unknown;
}

/** @throws PluginError */
function validConfig(name: string, schema: StandardSchema | undefined, config: unknown): Config | PromiseLike<Config> {
  if (schema === undefined) return { value: config };
  const accepted = (result: {
    readonly value?: unknown;
    readonly issues?: SchemaError['issues'] | undefined;
  }): Config => {
    if (result.issues === undefined) return { value: result.value };
    const error = new SchemaError(`${name}: config`, result.issues);
    throw new PluginError(
      name,
      'was given a config that its schema refuses',
      'Install it with one that its schema takes',
      error,
    );
  };
  const result = schema['~standard'].validate(config);
  return isThenable(result) ? result.then(accepted) : accepted(result);
}

function isThenable<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function';
}
