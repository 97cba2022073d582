// Decorated classes as a user would write them, for every tool that compiles them.
import type { Delivery, EventOf, Replies } from 'crosstown';
import { eventFilter, eventHandler, eventResponder, Plugin } from 'crosstown/decorators';

export interface AppEvents {
  'user.created': { userId: string };
  'user.removed': { userId: string };
  'user.count': Replies<undefined, number>;
  'mail.sent': { to: string };
}

type UserEvent = EventOf<AppEvents, 'user.created' | 'user.removed'>;
type Created = EventOf<AppEvents, 'user.created'>;

const audit = Symbol('audit');

/** A decorator of somebody else, which puts another function in the place of the method. */
function polite<A extends unknown[]>(method: (this: Users, ...args: A) => void) {
  return function (this: Users, ...args: A): void {
    this.lines.push('please');
    method.apply(this, args);
  };
}

export class Users extends Plugin<AppEvents, { welcome: string }> {
  override readonly name: string = 'users';
  readonly lines: string[] = [];
  readonly #ids = new Set<string>();

  protected override async initialize(): Promise<void> {
    await undefined;
    this.lines.push('initialized');
  }

  protected override cleanup(): void {
    this.lines.push('cleaned up');
  }

  @eventHandler('user.created', { priority: 100 })
  @eventHandler('user.removed', { priority: 100 })
  // biome-ignore lint/correctness/noUnusedPrivateClassMembers: the bus calls it
  #count(event: UserEvent): void {
    if (event.type === 'user.created') this.#ids.add(event.data.userId);
    else this.#ids.delete(event.data.userId);
  }

  @eventFilter((event: Created) => event.data.userId !== 'nobody')
  @eventHandler('user.created')
  @eventFilter((event) => event.source === 'app')
  async welcome(event: Created, { emit }: Delivery<AppEvents>): Promise<void> {
    await undefined;
    this.lines.push(`${this.config.welcome} ${event.data.userId}`);
    emit('mail.sent', { to: event.data.userId });
  }

  @eventFilter(() => true)
  @polite
  @eventHandler('user.removed')
  goodbye(event: EventOf<AppEvents, 'user.removed'>): void {
    this.lines.push(`goodbye ${event.data.userId}`);
  }

  @eventHandler('user.*')
  [audit](event: EventOf<AppEvents, 'user.*'>): void {
    this.lines.push(`${event.type} audited`);
  }

  @eventResponder('user.count')
  countUsers(): number {
    return this.#ids.size;
  }
}

/** Overrides one method and leaves it subscribed as it was, and decorates another again. */
export class LoudUsers extends Users {
  override readonly name: string = 'loud-users';

  override async welcome(event: Created, delivery: Delivery<AppEvents>): Promise<void> {
    this.lines.push('LOUD');
    await super.welcome(event, delivery);
  }

  @eventHandler('mail.sent')
  override goodbye(): void {
    this.lines.push(`mail was sent, ${this.#count()}`);
  }

  // Another method than that of the class above.
  @eventHandler('mail.sent')
  #count(): string {
    this.lines.push('counted');
    return 'again';
  }
}
