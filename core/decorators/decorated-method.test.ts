import { describe, expect, it, vi } from 'vitest';
import type { BusEvent } from '../index.js';
import { createTestEventBus } from '../testing/index.js';
import { decorate, eventFilter, eventHandler, eventResponder, Plugin } from './index.js';

/** Notes which of its methods were called with what. */
class Notes extends Plugin {
  readonly notes: string[] = [];

  on(event: BusEvent): void {
    this.notes.push(`on ${event.type} ${event.data}`);
  }
}

/** What a class has noted of one event of each type. */
async function notesOf(notes: Notes, ...types: readonly string[]): Promise<readonly string[]> {
  const bus = createTestEventBus();
  await bus.install(notes);
  for (const type of types) await bus.emit(type, 1);
  return notes.notes;
}

describe('decorated methods', () => {
  it('G9 are subscribed once for each eventHandler, with its options and their own name', async () => {
    class Twice extends Notes {
      static {
        decorate(Twice, 'on', eventHandler(['a', 'b'], { name: 'first' }), eventHandler('a', { priority: 1 }));
      }
    }
    const bus = createTestEventBus();
    const twice = new Twice();
    await bus.install(twice);
    const called: unknown[] = [];
    bus.inspect((each) => each.kind === 'handlerStarted' && called.push([each.handler.name, each.handler.priority]));
    await bus.emit('a', 1);
    await bus.emit('b', 2);
    expect(called).toEqual([
      ['on', 1],
      ['first', 0],
      ['first', 0],
    ]);
    expect(twice.notes).toEqual(['on a 1', 'on a 1', 'on b 2']);
  });

  it('G9 are subscribed in the order in which their decorators stand', async () => {
    class Ordered extends Notes {
      static {
        decorate(Ordered, 'on', eventHandler('a', { name: 'top' }), eventHandler('a', { name: 'bottom' }));
      }
    }
    const bus = createTestEventBus();
    await bus.install(new Ordered());
    const called: string[] = [];
    bus.inspect((each) => each.kind === 'handlerStarted' && called.push(each.handler.name));
    await bus.emit('a', 1);
    expect(called).toEqual(['top', 'bottom']);
  });

  it('G9 are called when all filters pass, in either order with the handler, asked from the top', async () => {
    const asked: string[] = [];
    const ask = (name: string, passes: (data: number) => boolean) =>
      eventFilter((event) => {
        asked.push(`${name} ${event.data}`);
        return passes(event.data as number);
      });
    class Filtered extends Notes {
      static {
        decorate(
          Filtered,
          'on',
          ask('above', (data) => data > 1),
          eventHandler('a', { filter: ({ data }) => data !== 4 }),
          ask('below', (data) => data > 2),
        );
      }
    }
    const bus = createTestEventBus();
    const filtered = new Filtered();
    await bus.install(filtered);
    for (const data of [1, 2, 3, 4]) await bus.emit('a', data);
    expect(filtered.notes).toEqual(['on a 3']);
    expect(asked).toEqual(['above 1', 'above 2', 'below 2', 'above 3', 'below 3', 'above 4', 'below 4']);
  });

  it('G9 are refused by the bus where a filter is asynchronous', async () => {
    class Late extends Notes {
      static {
        decorate(
          Late,
          'on',
          eventHandler('a'),
          eventFilter((async () => false) as never),
          eventFilter(() => true),
        );
      }
    }
    const bus = createTestEventBus();
    const late = new Late();
    await bus.install(late);
    await bus.emit('a', 1);
    expect(late.notes).toEqual([]);
    expect(bus.failures).toMatchObject([{ error: { code: 'INVALID_OPTION' } }]);
  });

  it('G9 answer requests after eventResponder', async () => {
    class Users extends Plugin {
      readonly users = new Map([['1', 'ada']]);

      get(event: BusEvent): string | undefined {
        return this.users.get(event.data as string);
      }

      static {
        decorate(Users, 'get', eventResponder('user.get'));
      }
    }
    const bus = createTestEventBus();
    await bus.install(new Users());
    await expect(bus.request('user.get', '1')).resolves.toBe('ada');
  });

  it('G9 are inherited', async () => {
    class Base extends Notes {
      static {
        decorate(Base, 'on', eventHandler('a'));
      }
    }
    class Below extends Base {
      more(): void {
        this.notes.push('more');
      }

      static {
        decorate(Below, 'more', eventHandler('a'));
      }
    }
    expect(await notesOf(new Below(), 'a')).toEqual(['on a 1', 'more']);
    expect(await notesOf(new Base(), 'a')).toEqual(['on a 1']);
  });

  it('G9 keep their subscription when they are overridden, and are called once', async () => {
    class Base extends Notes {
      static {
        decorate(Base, 'on', eventHandler('a'));
      }
    }
    class Below extends Base {
      override on(event: BusEvent): void {
        this.notes.push('below');
        super.on(event);
      }
    }
    expect(await notesOf(new Below(), 'a')).toEqual(['below', 'on a 1']);
  });

  it('G9 are subscribed anew where a class below decorates them again', async () => {
    class Base extends Notes {
      static {
        decorate(
          Base,
          'on',
          eventHandler('a'),
          eventFilter(() => false),
        );
      }
    }
    class Below extends Base {
      override on(event: BusEvent): void {
        this.notes.push(`below ${event.type}`);
      }

      static {
        decorate(Below, 'on', eventHandler('b'));
      }
    }
    expect(await notesOf(new Below(), 'a', 'b')).toEqual(['below b']);
  });

  it('G9 may be spied on after they were subscribed', async () => {
    class Spied extends Notes {
      static {
        decorate(Spied, 'on', eventHandler('a'));
      }
    }
    const bus = createTestEventBus();
    const spied = new Spied();
    await bus.install(spied);
    const spy = vi.spyOn(spied, 'on').mockImplementation(() => {});
    await bus.emit('a', 1);
    expect(spy).toHaveBeenCalledOnce();
  });
});
