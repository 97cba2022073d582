import type { BusEvent, Delivery } from '../index.js';
import { DecoratorError } from './decorator-error.js';

/** What a compiler tells a decorator about the method it stands before. */
export type MethodContext = ClassMethodDecoratorContext<
  object,
  (this: object, event: BusEvent, delivery: Delivery) => unknown
>;

/** @throws DecoratorError where a decorator stands before something else, or the compiler follows another proposal */
export function assertMethod(decorator: string, context: unknown): asserts context is MethodContext {
  const { kind, name, static: isStatic, access } = (context ?? {}) as Partial<MethodContext>;
  if (typeof context !== 'object' || typeof kind !== 'string') {
    throw new DecoratorError(
      decorator,
      'was called as a legacy decorator',
      'Take experimentalDecorators out of tsconfig.json; with Babel, set the version "2023-11"',
    );
  }
  if (kind !== 'method' || isStatic === true) {
    throw new DecoratorError(
      decorator,
      `stands before the ${isStatic === true ? 'static ' : ''}${kind} "${String(name)}"`,
      'Put it before a method of a class that extends Plugin',
    );
  }
  if (typeof access?.has !== 'function') {
    throw new DecoratorError(
      decorator,
      'was called as a decorator of an early draft',
      'Update the compiler; with Babel, set the version "2023-11"',
    );
  }
}
