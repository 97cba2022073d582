import { describe, expect, it } from 'vitest';
import { type BusEvent, definePlugin, PluginError } from '../index.js';
import { createTestEventBus } from '../testing/index.js';
import { decorate, eventHandler, Plugin } from './index.js';

/** A promise that resolves when it is told to. */
function _gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

class Counter extends Plugin {
  readonly seen: unknown[] = [];

  count(event: BusEvent): void {
    this.seen.push(event.data);
  }

  static {
    decorate(Counter, 'count', eventHandler('counted'));
  }
}

describe('a plugin class', () => {
  it('G9 is named after its class unless a field says otherwise', () => {
    class Renamed extends Counter {
      override readonly name = 'counter-2';
    }
    expect(new Counter().name).toBe('Counter');
    expect(new Renamed().name).toBe('counter-2');
    expect(definePlugin(new Renamed()).name).toBe('counter-2');
  });

  it('G9 leaves fields that it does not have to getters of the class below', () => {
    class Versioned extends Counter {}
    Object.defineProperty(Versioned.prototype, 'version', { get: () => '1.2.3' });
    expect(new Versioned().version).toBe('1.2.3');
  });

  it('G9 calls its methods with the event, the delivery and itself', async () => {
    const bus = createTestEventBus();
    class Mailer extends Plugin {
      sent = 0;

      send(
        event: BusEvent,
        { emit, attempt }: { emit: (type: string, data: unknown) => unknown; attempt: number },
      ): void {
        this.sent += attempt;
        emit('mail.sent', event.data);
      }

      static {
        decorate(Mailer, 'send', eventHandler('user.created'));
      }
    }
    const mailer = new Mailer();
    await bus.install(mailer);
    const { event } = bus.emit('user.created', 'ada');
    await bus.processEvents();
    expect(mailer.sent).toBe(1);
    expect(bus.emittedOf('mail.sent')).toMatchObject([{ data: 'ada', causationId: event.id }]);
  });

  it('G9 hears what is emitted right after the call of install when initialize is synchronous', async () => {
    const bus = createTestEventBus();
    const counter = new Counter();
    const installed = bus.install(counter);
    bus.emit('counted', 1);
    expect(counter.seen).toEqual([1]);
    await installed;
  });

  it('G9 has a scope while it is installed, and says so when it is not', async () => {
    class Peek extends Counter {
      peek(): string {
        return this.scope.name;
      }
    }
    const peek = new Peek();
    expect(() => peek.peek()).toThrow(PluginError);
    const installed = await createTestEventBus().install(peek);
    expect(peek.peek()).toBe('Peek');
    await installed.uninstall();
    expect(() => peek.peek()).toThrow('[crosstown] The plugin "Peek" has no scope.');
  });

  it('G9 shows the configuration it was made with, and then the one it was installed with', async () => {
    class Configured extends Plugin<Record<string, unknown>, { limit: number }> {}
    const configured = new Configured({ limit: 1 });
    expect(configured.config).toEqual({ limit: 1 });
    const installed = await createTestEventBus().install(configured, { config: { limit: 2 } });
    expect(configured.config).toEqual({ limit: 2 });
    await installed.uninstall();
    expect(configured.config).toEqual({ limit: 1 });
  });
});
