import { type BusEvent, compilePattern, type OnOptions } from '../index.js';
import type { Decoratable, HandlerMethod } from './method-decorator.js';
import { decoratedMethod } from './plugin-methods.js';

/**
 * Decorates a method of a plugin, which is then called for the events that match while the plugin is installed: with the
 * event and the delivery, and `this` as ever. Takes the options of `on`; the handler is named after the method. Several
 * before one method are several subscriptions.
 *
 * @throws InvalidPatternError, DecoratorError
 * @example
 * class Mailer extends Plugin<AppEvents> {
 *   @eventHandler('user.created', { priority: 100 })
 *   async welcome(event: EventOf<AppEvents, 'user.created'>, { emit }: Delivery<AppEvents>) {
 *     emit('mail.sent', { to: event.data.userId });
 *   }
 * }
 */
export function eventHandler<const P extends string, E = BusEvent>(
  pattern: P | readonly P[],
  options?: OnOptions<E>,
): <T extends Decoratable>(method: HandlerMethod<T, P, E>, context: ClassMethodDecoratorContext<T>) => void {
  compilePattern(pattern);
  return (_method, context) => {
    // The decorator at the top is applied last, and is to subscribe first.
    decoratedMethod('eventHandler', context).subscriptions.unshift({
      subscribe: (scope, handler, all) => scope.on(pattern, handler, all),
      options: options as unknown as OnOptions | undefined,
    });
  };
}
