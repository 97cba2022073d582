import { CrosstownError } from '../index.js';

/** A decorator that stands where it cannot work, or was called by a compiler as something else. */
export class DecoratorError extends CrosstownError {
  override readonly name = 'DecoratorError';
  /** The function that was called, as it is exported. */
  readonly decorator: string;

  constructor(decorator: string, fact: string, remedy: string) {
    super('DECORATOR', `${decorator} ${fact}`, remedy);
    this.decorator = decorator;
  }
}
