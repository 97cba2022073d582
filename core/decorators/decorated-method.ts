import type { BusEvent, EventHandler, OnOptions, PluginScope } from '../index.js';
import type { MethodContext } from './method-context.js';

type Filter = (event: BusEvent) => boolean;

/** One subscription that a method is to have. */
interface WantedSubscription {
  readonly options: OnOptions | undefined;
  subscribe(scope: PluginScope, handler: EventHandler<BusEvent>, options: OnOptions): unknown;
}

/** A method of one class, and what the decorators before it ask for. */
export class DecoratedMethod {
  /** From the decorator at the top to the one beside the method, as {@link DecoratedMethod.filters}. */
  readonly subscriptions: WantedSubscription[] = [];
  readonly filters: Filter[] = [];
  /** Whether it was decorated by `decorate`. */
  readonly isPlain: boolean;
  private readonly context: MethodContext;

  constructor(context: MethodContext, isPlain: boolean) {
    this.context = context;
    this.isPlain = isPlain;
  }

  get name(): string {
    const { name } = this.context;
    return typeof name === 'symbol' ? (name.description ?? '') : name;
  }

  /** What it shares with the method of another class that it overrides: private ones of one name are different methods. */
  get key(): unknown {
    return this.context.private ? this : this.context.name;
  }

  subscribeOn(scope: PluginScope, plugin: object): void {
    const { access } = this.context;
    // Looked up in each call, so that a method that was overridden, or spied on since, is the one that is called.
    const handler: EventHandler<BusEvent> = (event, delivery) => access.get(plugin).call(plugin, event, delivery);
    for (const { options, subscribe } of this.subscriptions) {
      const filters = options?.filter === undefined ? this.filters : [...this.filters, options.filter];
      subscribe(scope, handler, {
        name: this.name,
        ...options,
        ...(filters.length > 0 && { filter: (event) => passes(filters, event) }),
      });
    }
  }
}

/** The first answer that is not plainly a yes, so that the bus sees a promise, which it refuses. */
function passes(filters: readonly Filter[], event: BusEvent): boolean {
  let answer = true;
  for (const filter of filters) {
    answer = filter(event);
    if (!answer || typeof answer === 'object') break;
  }
  return answer;
}
