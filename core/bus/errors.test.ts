import { describe, expect, it } from 'vitest';
import * as crosstown from '../index.js';
import {
  BusClosedError,
  CrosstownError,
  createEventBus,
  IdleTimeoutError,
  InvalidEventTypeError,
  InvalidOptionError,
  InvalidPatternError,
  SerializationError,
  StoreError,
  TransportError,
} from '../index.js';

const cause = new Error('The disk is full.');

/** One of each error the package exports. */
const samples: CrosstownError[] = [
  new BusClosedError('emit'),
  new IdleTimeoutError(100, 2),
  new InvalidEventTypeError('a b', 'it has white space'),
  new InvalidOptionError('priority', 'high', 'a number'),
  new InvalidPatternError('user-*', 'it mixes'),
  new SerializationError('a.b', 'data.run', 'a function', 3, cause),
  new StoreError('memory', 'append', 'Make room', cause),
  new TransportError('loopback', 'send', 'Look at its cause', cause),
];

describe('the errors', () => {
  it('are all tested here', () => {
    const exported = Object.values(crosstown).filter(
      (value) => typeof value === 'function' && value.prototype instanceof CrosstownError,
    );
    expect(new Set(samples.map((error) => error.constructor))).toEqual(new Set(exported));
  });

  it.each(samples.map((error) => [error.constructor.name, error] as const))(
    '%s says what it is, what is wrong and what to do',
    (name, error) => {
      expect(error).toBeInstanceOf(CrosstownError);
      expect(error).toBeInstanceOf(Error);
      expect(error.name).toBe(name);
      expect(error.code).toMatch(/^[A-Z]+(_[A-Z]+)*$/);
      expect(error.message).toMatch(/^\[crosstown\] \S.*[^.]\. [A-Z].*[^.]\.$/);
      expect(error.stack).toContain(name);
    },
  );

  it('have codes that no two share', () => {
    expect(samples.map(({ code }) => code)).toEqual([
      'BUS_CLOSED',
      'IDLE_TIMEOUT',
      'INVALID_EVENT_TYPE',
      'INVALID_OPTION',
      'INVALID_PATTERN',
      'NOT_SERIALIZABLE',
      'STORE_FAILED',
      'TRANSPORT_FAILED',
    ]);
  });

  it('carry the fields they are about', () => {
    expect(new SerializationError('a.b', 'data.run', 'a function', 3)).toMatchObject({
      type: 'a.b',
      path: 'data.run',
      index: 3,
    });
    expect(new StoreError('memory', 'append', 'Make room', cause)).toMatchObject({
      store: 'memory',
      operation: 'append',
      cause,
      message: '[crosstown] The store "memory" failed to append (The disk is full). Make room.',
    });
    expect('cause' in new BusClosedError('on')).toBe(false);
  });

  it('quote what they were given, whatever it is, in a few words', () => {
    const bus = createEventBus();
    const messageOf = (type: unknown): string => {
      try {
        bus.emit(type as string);
      } catch (error) {
        return (error as Error).message;
      }
      return '';
    };
    expect(messageOf('a b')).toContain('"a b" is not an event type: it has white space or a control character.');
    expect(messageOf('user.*')).toContain('a wildcard stands only in patterns');
    expect(messageOf('$hello')).toContain('belong to the bus');
    expect(messageOf('')).toContain('it has an empty segment');
    expect(messageOf('x'.repeat(100_000)).length).toBeLessThan(300);
    expect(
      messageOf({
        toString: () => {
          throw new Error('no');
        },
      }),
    ).toContain('is not an event type');
    expect(() => bus.on(Symbol('s') as never, () => {})).toThrow('Symbol(s) is not a pattern: it is not a string.');
    expect(() => bus.on('user-*', () => {})).toThrow('"user-*" mixes a wildcard with text');
    expect(() => bus.on('a', 5 as never)).toThrow('handler is 5. Give it a function.');
  });
});
