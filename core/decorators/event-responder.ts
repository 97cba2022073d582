import { type BusEvent, compilePattern, type EventHandler, type OnOptions } from '../index.js';
import type { Decoratable, ResponderMethod } from './method-decorator.js';
import { decoratedMethod } from './plugin-methods.js';

/**
 * Decorates a method of a plugin, which then answers requests of a type with what it returns or rejects with, as `respond`
 * does. Filters hold for it as for a handler.
 *
 * @throws InvalidPatternError, DecoratorError
 * @example
 * class Users extends Plugin<AppEvents> {
 *   @eventResponder('user.get')
 *   get(event: EventOf<AppEvents, 'user.get'>): User | undefined {
 *     return this.users.get(event.data.id);
 *   }
 * }
 */
export function eventResponder<const K extends string, E = BusEvent>(
  type: K,
  options?: Omit<OnOptions<E>, 'durable' | 'group' | 'leaseMs' | 'from' | 'catchUp'>,
): <T extends Decoratable>(method: ResponderMethod<T, K, E>, context: ClassMethodDecoratorContext<T>) => void {
  compilePattern(type);
  return (_method, context) => {
    decoratedMethod('eventResponder', context).subscriptions.unshift({
      subscribe: (scope, handler, all) => scope.respond(type, handler as EventHandler<BusEvent>, all),
      options: options as unknown as OnOptions | undefined,
    });
  };
}
