import { describe, expect, it } from 'vitest';
import { type BusEvent, InvalidOptionError, InvalidPatternError } from '../index.js';
import { createTestEventBus } from '../testing/index.js';
import { DecoratorError, decorate, eventFilter, eventHandler, eventResponder, Plugin } from './index.js';

/** Notes which of its methods were called with what. */
class Notes extends Plugin {
  readonly notes: string[] = [];

  on(event: BusEvent): void {
    this.notes.push(`on ${event.type} ${event.data}`);
  }
}

/** What a class has noted of one event of each type. */
async function _notesOf(notes: Notes, ...types: readonly string[]): Promise<readonly string[]> {
  const bus = createTestEventBus();
  await bus.install(notes);
  for (const type of types) await bus.emit(type, 1);
  return notes.notes;
}

/** As a compiler of legacy decorators calls, and others that are not those of a method. */
const call = (decorator: unknown, ...args: unknown[]): unknown =>
  (decorator as (...args: unknown[]) => unknown)(...args);

describe('a decorator', () => {
  const decorators = { eventHandler: eventHandler('a'), eventFilter: eventFilter(() => true) };

  it.each(Object.entries(decorators))('G9 %s says what to set when it is called as a legacy one', (name, decorator) => {
    const text = `[crosstown] ${name} was called as a legacy decorator. Take experimentalDecorators out of tsconfig.json; with Babel, set the version "2023-11".`;
    for (const args of [[{}, 'on', { value: () => {} }], [{}, 'on'], [{}, 'on', 0], [class {}]]) {
      expect(() => call(decorator, ...args)).toThrow(DecoratorError);
      expect(() => call(decorator, ...args)).toThrow(text);
    }
  });

  it.each([
    ['field', false],
    ['getter', false],
    ['accessor', false],
    ['class', false],
    ['method', true],
  ])('G9 is refused before a %s (static: %s)', (kind, isStatic) => {
    const context = { kind, name: 'on', static: isStatic, access: { has: () => true }, addInitializer: () => {} };
    expect(() => call(eventHandler('a'), undefined, context)).toThrow(
      `[crosstown] eventHandler stands before the ${isStatic ? 'static ' : ''}${kind} "on". Put it before a method`,
    );
  });

  it('G9 is refused in a draft of the proposal', () => {
    const context = { kind: 'method', name: 'on', addInitializer: () => {} };
    expect(() =>
      call(
        eventFilter(() => true),
        () => {},
        context,
      ),
    ).toThrow('eventFilter was called as a decorator of an early');
  });

  it('G9 is refused with a pattern, type or predicate that cannot be used', () => {
    expect(() => eventHandler('user-*')).toThrow(InvalidPatternError);
    expect(() => eventHandler(['a', 'b c'])).toThrow(InvalidPatternError);
    expect(() => eventResponder('a b')).toThrow(InvalidPatternError);
    expect(() => eventFilter('yes' as never)).toThrow(InvalidOptionError);
  });

  it('G9 is refused where there is no method or no class', () => {
    class Empty extends Notes {}
    expect(() => decorate(Empty, 'of' as 'on', eventHandler('a'))).toThrow(
      '[crosstown] decorate finds no method "of" in Empty.',
    );
    expect(() => decorate(undefined as never, 'name')).toThrow(InvalidOptionError);
  });

  it('G9 is refused in a class that is no plugin', () => {
    class Other {
      readonly name = 'other';
      setup(): void {}
    }
    const initializers: ((this: object) => void)[] = [];
    const context = {
      kind: 'method',
      name: 'setup',
      static: false,
      private: false,
      access: { has: () => true, get: () => () => {} },
      addInitializer: (each: () => void) => initializers.push(each),
    };
    call(eventHandler('a'), Other.prototype.setup, context);
    expect(() => initializers[0]?.call(new Other())).toThrow('"setup" of a class that is no plugin');
  });

  it('G9 is refused as a filter of a method that handles nothing', async () => {
    class Filter extends Notes {
      static {
        decorate(
          Filter,
          'on',
          eventFilter(() => true),
        );
      }
    }
    await expect(createTestEventBus().install(new Filter())).rejects.toThrow(
      'eventFilter stands before "on", which handles nothing',
    );
  });
});
