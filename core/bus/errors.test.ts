import { describe, expect, it } from 'vitest';
import * as crosstown from '../index.js';
import {
  BusClosedError,
  CodecError,
  CrosstownError,
  createEventBus,
  DeadLetterError,
  DepthLimitError,
  EventsTrimmedError,
  HandlerTimeoutError,
  IdleTimeoutError,
  InvalidEventTypeError,
  InvalidOptionError,
  InvalidPatternError,
  MiddlewareError,
  NoResponderError,
  PermissionError,
  PluginError,
  QueueFullError,
  RequestTimeoutError,
  ResponderError,
  SchemaError,
  ScopeClosedError,
  SerializationError,
  StoreError,
  TransportError,
  UnsubscribedError,
  WaitTimeoutError,
} from '../index.js';

const cause = new Error('The disk is full.');

/** One of each error the package exports. */
const samples: CrosstownError[] = [
  new BusClosedError('emit'),
  new CodecError('aes-gcm', 'card.encrypted', 'cannot be opened', 'Look at who sent it'),
  new DeadLetterError('letter-1', 'is not there'),
  new DepthLimitError(3, ['a', 'b', 'a']),
  new EventsTrimmedError('mailer', 4, 90),
  new HandlerTimeoutError('mailer', 'user.created', 50),
  new IdleTimeoutError(100, 2),
  new InvalidEventTypeError('a b', 'it has white space'),
  new InvalidOptionError('priority', 'high', 'a number'),
  new InvalidPatternError('user-*', 'it mixes'),
  new MiddlewareError('tenant', 'called next twice'),
  new NoResponderError('user.get', 'nobody responds to it'),
  new PermissionError('ads', 'emit', 'card.paid', 'its permissions allow it to emit nothing', 'Ask for less'),
  new PluginError('ads', 'failed in its setup', 'Look at its cause', cause),
  new QueueFullError('user.created', 10),
  new RequestTimeoutError('user.get', 1000),
  new ResponderError('user.get', 'TypeError', 'no such user', cause),
  new SchemaError('user.created', [{ message: 'Expected a string.', path: ['userId'] }]),
  new ScopeClosedError('ads', 'emit'),
  new SerializationError('a.b', 'data.run', 'a function', 3, cause),
  new StoreError('memory', 'append', 'Make room', cause),
  new TransportError('loopback', 'send', 'Look at its cause', cause),
  new UnsubscribedError('user.*'),
  new WaitTimeoutError('user.*', 1000),
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
      'CODEC_FAILED',
      'DEAD_LETTER',
      'DEPTH_LIMIT',
      'EVENTS_TRIMMED',
      'HANDLER_TIMEOUT',
      'IDLE_TIMEOUT',
      'INVALID_EVENT_TYPE',
      'INVALID_OPTION',
      'INVALID_PATTERN',
      'MIDDLEWARE',
      'NO_RESPONDER',
      'PERMISSION_DENIED',
      'PLUGIN',
      'QUEUE_FULL',
      'REQUEST_TIMEOUT',
      'RESPONDER_FAILED',
      'INVALID_DATA',
      'SCOPE_CLOSED',
      'NOT_SERIALIZABLE',
      'STORE_FAILED',
      'TRANSPORT_FAILED',
      'UNSUBSCRIBED',
      'WAIT_TIMEOUT',
    ]);
    expect(new Set(samples.map(({ code }) => code)).size).toBe(samples.length);
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
    expect(new DepthLimitError(3, ['a', 'b', 'a'])).toMatchObject({
      chain: ['a', 'b', 'a'],
      message: expect.stringContaining('"a" would be event 4 of a chain: … → a → b → a.'),
    });
    expect(new EventsTrimmedError('mailer', 4, 90)).toMatchObject({ durable: 'mailer', after: 4, through: 90 });
    expect(new QueueFullError('a', 10)).toMatchObject({ type: 'a', limit: 10 });
    expect(new QueueFullError('a', 10, 'the queue of "mailer"').message).toContain(
      '10 events wait in the queue of "mailer"',
    );
    expect(new HandlerTimeoutError('mailer', 'a', 50)).toMatchObject({ timeoutMs: 50 });
    expect(new DeadLetterError('letter-1', 'is not there')).toMatchObject({ id: 'letter-1' });
    expect(new NoResponderError('a', 'nobody responds')).toMatchObject({ type: 'a' });
    expect(new RequestTimeoutError('a', 5)).toMatchObject({ type: 'a', timeoutMs: 5 });
    expect(new ResponderError('a', 'TypeError', 'no such user', cause)).toMatchObject({
      type: 'a',
      errorName: 'TypeError',
      errorMessage: 'no such user',
      cause,
    });
    expect(new WaitTimeoutError('a.*', 5)).toMatchObject({ timeoutMs: 5 });
  });

  it('tell of a schema everything it found wrong, and where', () => {
    const issues = [
      { message: 'Expected a string.', path: ['user', { key: 0 }, 'name'] },
      { message: 'Too old' },
      { message: 'No symbols', path: [Symbol('s')] },
    ];
    const error = new SchemaError('user.created', issues);
    expect(error).toMatchObject({ type: 'user.created', issues });
    expect(error.message).toContain('data.user.0.name: Expected a string; data: Too old; data.Symbol(s): No symbols.');
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
