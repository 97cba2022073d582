import { InvalidOptionError } from '../../index.js';

/** What is needed of an `AsyncLocalStorage`: that what `run` is given is found again behind every `await` in it. */
export interface ChainStorage {
  getStore(): unknown;
  run<T>(store: unknown, callback: () => T): T;
}

/** The globals by which runtimes give it away without an import. */
interface Runtime {
  readonly AsyncLocalStorage?: new () => ChainStorage;
  readonly process?: {
    readonly getBuiltinModule?: (id: string) => { readonly AsyncLocalStorage?: new () => ChainStorage } | undefined;
  };
}

let own: ChainStorage | undefined;

/**
 * The storage to use: the one that was given, none for null, and otherwise the one of the runtime, if it has any.
 *
 * @throws InvalidOptionError
 */
export function storageOf(given: ChainStorage | null | undefined): ChainStorage | undefined {
  if (given === undefined) {
    own ??= ofRuntime();
    return own;
  }
  if (given !== null && !(typeof given.run === 'function' && typeof given.getStore === 'function')) {
    throw new InvalidOptionError('storage', given, 'an AsyncLocalStorage, or null');
  }
  return given ?? undefined;
}

/** An import of node:async_hooks would keep this module from loading where there is none. */
function ofRuntime(): ChainStorage | undefined {
  const { AsyncLocalStorage, process } = globalThis as Runtime;
  const Storage = AsyncLocalStorage ?? process?.getBuiltinModule?.('node:async_hooks')?.AsyncLocalStorage;
  return Storage === undefined ? undefined : new Storage();
}
