import {
  type AnyEvents,
  type EventMap,
  type Permissions,
  PluginError,
  type PluginScope,
  type Plugin as PluginShape,
  type StandardSchema,
} from '../index.js';
import { beginMethods, methodsOf } from './plugin-methods.js';

/** The arguments of `new`: the configuration, to be left out where it may be undefined. */
type ConfigArguments<C> = undefined extends C ? [config?: C] : [config: C];

/**
 * A plugin as a class: its methods are its handlers, each with an `eventHandler` before it. `initialize` runs first, so no
 * handler meets a plugin that is half made; `cleanup` runs when handlers are gone. `permissions`, `dependsOn`, `version`
 * and `configSchema` are fields to add, as those of any plugin.
 *
 * @throws PluginError when one instance is installed twice at a time, or `scope` is read while it is not installed
 * @example
 * class Mailer extends Plugin<AppEvents, { from: string }> {
 *   override readonly name = 'mailer';
 *
 *   @eventHandler('user.created')
 *   async welcome(event: EventOf<AppEvents, 'user.created'>) {
 *     await send(this.config.from, event.data.email);
 *   }
 * }
 * await bus.install(new Mailer({ from: 'shop@example.com' }));
 */
export abstract class Plugin<M extends EventMap<M> = AnyEvents, C = unknown> implements PluginShape<M, C> {
  /** The name of the class by default, which a minifier changes: a field of the class keeps it the same everywhere. */
  readonly name: string;
  // Declared only: a field that is undefined would hide the getter of a class below.
  declare readonly version?: string | undefined;
  declare readonly dependsOn?: readonly string[] | undefined;
  declare readonly permissions?: Permissions | undefined;
  declare readonly configSchema?: StandardSchema | undefined;
  readonly #given: C;
  #scope: PluginScope<M, C> | undefined;

  constructor(...[config]: ConfigArguments<C>) {
    this.name = this.constructor.name;
    this.#given = config as C;
    beginMethods(this);
  }

  /** What it was made with; while it is installed, what it was installed with, as its schema left it. */
  get config(): C {
    return this.#scope === undefined ? this.#given : this.#scope.config;
  }

  /** Its view of the bus, from `initialize` until `cleanup` is over. @throws PluginError */
  protected get scope(): PluginScope<M, C> {
    if (this.#scope !== undefined) return this.#scope;
    throw new PluginError(this.name, 'has no scope', 'Use it in initialize and after, as the plugin is installed then');
  }

  /** Prepares what handlers need: no handler is called before what it returns has resolved. */
  protected initialize(): unknown {
    return undefined;
  }

  /**
   * Ends what `initialize` began, also when that failed halfway; waited for. Handlers are gone by then, and what was given
   * to `scope.onDispose` is still to come.
   */
  protected cleanup(): unknown {
    return undefined;
  }

  /** What the bus calls to install it. @throws PluginError, DecoratorError */
  setup(scope: PluginScope<M, C>): unknown {
    if (this.#scope !== undefined) {
      throw new PluginError(this.name, 'is installed, and an instance is so once at a time', 'Make another one');
    }
    const methods = methodsOf(this);
    this.#scope = scope;
    let isBeginning = true;
    scope.onDispose(() => {
      if (!isBeginning) this.#scope = undefined;
    });
    const cleanup = () => this.cleanup();
    // Uninstalled before initialize was over: it is let go of only now, so that nobody installs it in between.
    const endLate = async (): Promise<void> => {
      try {
        await cleanup();
      } finally {
        this.#scope = undefined;
      }
    };
    const begin = (): unknown => {
      if (scope.signal.aborted) return endLate();
      for (const method of methods) method.subscribeOn(scope as unknown as PluginScope, this);
      isBeginning = false;
      // Called before what initialize gave to onDispose, which it may still use.
      return cleanup;
    };
    const fail = async (error: unknown): Promise<never> => {
      if (scope.signal.aborted) await endLate();
      else {
        isBeginning = false;
        scope.onDispose(cleanup);
      }
      throw error;
    };
    try {
      const initialized = this.initialize();
      // Without a promise there is none to wait for: handlers hear what is emitted right after the call of install.
      return isPromise(initialized) ? initialized.then(begin).then(undefined, fail) : begin();
    } catch (error) {
      return fail(error);
    }
  }
}

function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function';
}
