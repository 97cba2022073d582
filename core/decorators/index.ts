/**
 * Plugins as classes whose methods are handlers. The decorators are those of TC39 (stage 3), which Node and browsers do
 * not run yet and Vite does not compile by itself: docs/decorators.md has the set-up of each tool, and `decorate` needs
 * none.
 *
 * @module
 * @example
 * import { eventHandler, Plugin } from 'crosstown/decorators';
 *
 * class Greeter extends Plugin {
 *   @eventHandler('user.created')
 *   greet() {
 *     this.scope.emit('greeted');
 *   }
 * }
 * await bus.install(new Greeter());
 */
export { decorate } from './decorate.js';
export { DecoratorError } from './decorator-error.js';
export { eventFilter } from './event-filter.js';
export { eventHandler } from './event-handler.js';
export { eventResponder } from './event-responder.js';
export { Plugin } from './plugin.js';
