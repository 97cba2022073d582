import { describe, expect, it } from 'vitest';
import { type BusEvent, PluginError } from '../index.js';
import { createTestEventBus } from '../testing/index.js';
import { decorate, eventHandler, Plugin } from './index.js';

/** A promise that resolves when it is told to. */
function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
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

describe('the life of a plugin class', () => {
  it('G9 has no handler called before initialize has resolved', async () => {
    const bus = createTestEventBus();
    const { opened, open } = gate();
    class Slow extends Counter {
      protected override async initialize(): Promise<void> {
        this.scope.emit('counted', 'while it initializes');
        await opened;
        this.seen.push('ready');
      }
    }
    const slow = new Slow();
    const installed = bus.install(slow);
    bus.emit('counted', 'too early');
    await bus.processEvents();
    expect(slow.seen).toEqual([]);
    open();
    await installed;
    await bus.emit('counted', 1);
    expect(slow.seen).toEqual(['ready', 1]);
  });

  it('G9 is cleaned up when it is uninstalled while it initializes, and can be installed again after that', async () => {
    const bus = createTestEventBus();
    const { opened, open } = gate();
    const order: string[] = [];
    class Slow extends Counter {
      protected override async initialize(): Promise<void> {
        await opened;
        order.push('initialized');
      }

      protected override cleanup(): void {
        order.push(`cleaned as ${this.scope.name}`);
      }
    }
    const slow = new Slow();
    const failed = expect(bus.install(slow)).rejects.toThrow('was uninstalled while it was set up');
    await bus.close();
    const second = createTestEventBus();
    await expect(second.install(slow)).rejects.toThrow('is installed, and an instance is so once at a time');
    expect(order).toEqual([]);
    open();
    await failed;
    expect(order).toEqual(['initialized', 'cleaned as Slow']);
    await second.install(slow);
    await second.emit('counted', 1);
    expect(slow.seen).toEqual([1]);
  });

  it('G9 takes the place of another instance of its class', async () => {
    const bus = createTestEventBus();
    const [before, after] = [new Counter(), new Counter()];
    await bus.install(before);
    await bus.emit('counted', 1);
    await bus.replace(after);
    await bus.emit('counted', 2);
    expect([before.seen, after.seen]).toEqual([[1], [2]]);
  });

  it('G9 is cleaned up once its handlers are gone, and before what initialize gave to onDispose', async () => {
    const bus = createTestEventBus();
    const order: string[] = [];
    class Tidy extends Counter {
      protected override initialize(): void {
        this.scope.onDispose(() => order.push('disposed'));
      }

      protected override async cleanup(): Promise<void> {
        await bus.emit('counted', 'late');
        order.push(`cleaned as ${this.scope.name}`);
      }
    }
    const tidy = new Tidy();
    const installed = await bus.install(tidy);
    await bus.emit('counted', 1);
    await installed.uninstall();
    expect(order).toEqual(['cleaned as Tidy', 'disposed']);
    expect(tidy.seen).toEqual([1]);
  });

  it('G9 is cleaned up when initialize fails, and not when it never began', async () => {
    const bus = createTestEventBus();
    const order: string[] = [];
    class Failing extends Counter {
      protected override async initialize(): Promise<void> {
        order.push('began');
        throw new Error('no socket');
      }

      protected override cleanup(): void {
        order.push('cleaned');
      }
    }
    const failing = new Failing();
    await expect(bus.install(failing)).rejects.toThrow('no socket');
    expect(order).toEqual(['began', 'cleaned']);
    await bus.emit('counted', 1);
    expect(failing.seen).toEqual([]);
    await expect(bus.install(failing), 'another try').rejects.toThrow('no socket');
  });

  it('G9 can be installed again, and on one bus at a time', async () => {
    const [first, second] = [createTestEventBus(), createTestEventBus()];
    const counter = new Counter();
    const installed = await first.install(counter);
    await expect(second.install(counter)).rejects.toThrow(PluginError);
    await first.emit('counted', 1);
    await installed.uninstall();
    await first.emit('counted', 2);
    await second.install(counter);
    await first.emit('counted', 3);
    await second.emit('counted', 4);
    expect(counter.seen).toEqual([1, 4]);
  });

  it('G9 shares nothing with another instance of its class', async () => {
    const [first, second] = [createTestEventBus(), createTestEventBus()];
    const [one, two] = [new Counter(), new Counter()];
    const installed = await first.install(one);
    await second.install(two);
    await first.emit('counted', 1);
    await installed.uninstall();
    await second.emit('counted', 2);
    expect([one.seen, two.seen]).toEqual([[1], [2]]);
  });
});
