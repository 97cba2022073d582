import { InvalidOptionError } from '../index.js';
import { DecoratorError } from './decorator-error.js';
import type { Decoratable } from './method-decorator.js';
import { plainInitializers } from './plugin-methods.js';

/**
 * Decorates a method without the syntax, for tools that do not know it: best in a static block of the class. The
 * decorators are given in the order in which they would be written, from the top.
 *
 * @throws InvalidOptionError, DecoratorError
 * @example
 * class Mailer extends Plugin<AppEvents> {
 *   welcome(event: EventOf<AppEvents, 'user.created'>) {}
 *   static {
 *     decorate(Mailer, 'welcome', eventHandler('user.created'), eventFilter((event) => event.source === 'web'));
 *   }
 * }
 */
export function decorate<T extends Decoratable, K extends keyof T & (string | symbol)>(
  plugin: abstract new (...args: never[]) => T,
  name: K,
  ...decorators: readonly ((method: T[K], context: ClassMethodDecoratorContext<T>) => void)[]
): void {
  if (typeof plugin !== 'function') throw new InvalidOptionError('plugin', plugin, 'a class that extends Plugin');
  const prototype: T = plugin.prototype;
  const method = prototype[name];
  if (typeof method !== 'function') {
    throw new DecoratorError(
      'decorate',
      `finds no method "${String(name)}" in ${plugin.name}`,
      'Name one of its methods',
    );
  }
  // Made first, as this is what tells decorators that they are called by hand.
  const initializers = plainInitializers(prototype);
  const context = {
    kind: 'method',
    name,
    static: false,
    private: false,
    metadata: prototype,
    access: { has: (each: T) => name in each, get: (each: T) => each[name] },
    addInitializer: (initializer: (this: T) => void) => initializers.push(initializer as () => void),
  };
  for (const decorator of [...decorators].reverse()) {
    decorator(method, context as unknown as ClassMethodDecoratorContext<T>);
  }
}
