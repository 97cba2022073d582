import { CrosstownError } from '../index.js';

/** A hook in a component that no `EventBusProvider` is around. */
export class ProviderMissingError extends CrosstownError {
  override readonly name = 'ProviderMissingError';
  /** The hook that was called. */
  readonly hook: string;

  constructor(hook: string) {
    super(
      'NO_PROVIDER',
      `${hook} is called in a component that has no bus`,
      'Put <EventBusProvider bus={bus}> around it',
    );
    this.hook = hook;
  }
}
