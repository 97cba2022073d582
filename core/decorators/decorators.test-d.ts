import { describe, expectTypeOf, it } from 'vitest';
import { type BusEvent, createEventBus, type Delivery, type EventOf, type Replies } from '../index.js';
import { decorate, eventFilter, eventHandler, eventResponder, Plugin } from './index.js';

interface AppEvents {
  'user.created': { userId: string };
  'user.removed': { reason: string };
  'user.get': Replies<{ id: string }, { name: string }>;
  ping: undefined;
}

type Created = EventOf<AppEvents, 'user.created'>;

class Mailer extends Plugin<AppEvents, { from: string }> {
  @eventHandler('user.created')
  welcome(event: Created, delivery: Delivery<AppEvents>): void {
    expectTypeOf(this.scope.emit('ping').event.type).toEqualTypeOf<'ping'>();
    expectTypeOf(this.config).toEqualTypeOf<{ from: string }>();
    delivery.emit('user.removed', { reason: event.data.userId });
  }

  @eventHandler('user.*')
  @eventHandler(['ping', 'user.removed'], { priority: 1 })
  any(event: EventOf<AppEvents, 'user.*' | 'ping'>): void {
    void event;
  }

  @eventHandler('ping')
  nothing(): void {}

  @eventHandler('user.created')
  async #inside(event: Created): Promise<void> {
    void event;
    void this.#inside;
  }

  // @ts-expect-error the event is another
  @eventHandler('user.removed')
  other(event: Created): void {
    void event;
  }

  // @ts-expect-error the pattern matches more than the method takes
  @eventHandler('user.*')
  narrow(event: Created): void {
    void event;
  }

  // @ts-expect-error the map has no such event
  @eventHandler('user.renamed')
  unknown(): void {}
}

class Guard extends Plugin<AppEvents> {
  @eventHandler('user.created', { filter: (event: Created) => event.data.userId !== '' })
  @eventFilter((event: Created) => event.data.userId !== '0')
  @eventFilter((event) => event.source === 'web')
  filtered(event: Created): void {
    void event;
  }

  @eventHandler('user.created')
  // @ts-expect-error the filter is for another event
  @eventFilter((event: EventOf<AppEvents, 'user.removed'>) => event.data.reason !== '')
  wrong(event: Created): void {
    void event;
  }

  // @ts-expect-error so is this one
  @eventHandler('user.created', { filter: (event: EventOf<AppEvents, 'user.removed'>) => event.data.reason !== '' })
  wrongToo(event: Created): void {
    void event;
  }
}

class Users extends Plugin<AppEvents> {
  @eventResponder('user.get')
  async get(event: EventOf<AppEvents, 'user.get'>): Promise<{ name: string }> {
    return { name: event.data.id };
  }

  // @ts-expect-error the answer is another
  @eventResponder('user.get')
  wrong(): number {
    return 1;
  }

  // @ts-expect-error the map has no such request
  @eventResponder('user.find')
  unknown(): void {}
}

describe('a plugin class', () => {
  it('G9 is given the events of its patterns', () => {
    class Plain extends Plugin<AppEvents> {
      welcome(event: Created): void {
        void event;
      }

      static {
        decorate(
          Plain,
          'welcome',
          eventHandler('user.created'),
          eventFilter((event) => event.source === 'web'),
        );
        // @ts-expect-error the event is another
        decorate(Plain, 'welcome', eventHandler('user.removed'));
        // @ts-expect-error no such method
        decorate(Plain, 'goodbye', eventHandler('user.removed'));
        // @ts-expect-error no such event
        decorate(Plain, 'welcome', eventHandler('user.renamed'));
      }
    }
    expectTypeOf(new Plain().config).toBeUnknown();
  });

  it('G9 is made with its configuration, and is a plugin of its bus', () => {
    const bus = createEventBus<AppEvents>();
    void bus.install(new Mailer({ from: 'shop' }));
    void bus.install([new Guard(), new Users()]);
    // @ts-expect-error it needs one
    void new Mailer();
  });

  it('G9 takes events of any data where it has no map', () => {
    class Loose extends Plugin {
      @eventHandler('anything.*')
      @eventFilter((event) => event.type !== '')
      handle(event: BusEvent): void {
        expectTypeOf(event.data).toBeUnknown();
      }

      @eventResponder('question')
      answer(): number {
        return 1;
      }
    }
    void createEventBus().install(new Loose());
  });

  it('G9 decorates only methods of plugins', () => {
    class Other {
      // @ts-expect-error the class is no plugin
      @eventHandler('ping')
      handle(): void {}
    }
    class Fields extends Plugin<AppEvents> {
      // @ts-expect-error a field is no method
      @eventHandler('ping')
      handle = (): void => {};

      // @ts-expect-error it was not called
      @eventFilter
      forgotten(): void {}
    }
    void [Other, Fields];
  });
});
