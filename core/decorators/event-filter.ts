import { type BusEvent, InvalidOptionError } from '../index.js';
import type { Decoratable, FilteredMethod } from './method-decorator.js';
import { decoratedMethod } from './plugin-methods.js';

/**
 * Decorates a method that has an `eventHandler`, above or below it: the method is called only for events that `predicate`
 * returns true for. Of several all must, asked from the top; they hold for every subscription of the method.
 *
 * @throws InvalidOptionError, DecoratorError
 * @example
 * class Guard extends Plugin<AppEvents> {
 *   @eventHandler('user.login')
 *   @eventFilter((event: EventOf<AppEvents, 'user.login'>) => event.data.failed)
 *   onFailedLogin(event: EventOf<AppEvents, 'user.login'>) {
 *     console.warn(event.data.username);
 *   }
 * }
 */
export function eventFilter<E = BusEvent>(
  predicate: (event: E) => boolean,
): <T extends Decoratable>(method: FilteredMethod<T, E>, context: ClassMethodDecoratorContext<T>) => void {
  if (typeof predicate !== 'function') throw new InvalidOptionError('predicate', predicate, 'a function');
  return (_method, context) => {
    decoratedMethod('eventFilter', context).filters.unshift(predicate as unknown as (event: BusEvent) => boolean);
  };
}
