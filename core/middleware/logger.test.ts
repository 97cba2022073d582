import { afterEach, describe, expect, it, vi } from 'vitest';
import { InvalidOptionError, InvalidPatternError, type Middleware } from '../index.js';
import { createTestEventBus, SimulatedClock, type TestEventBus } from '../testing/index.js';
import { type LogEntry, type LoggerOptions, logger } from './logger.js';

/** A test bus with a logger, the lines it wrote, and what it would make a line of. */
function logged(options: LoggerOptions = {}): { bus: TestEventBus; lines: string[]; entries: LogEntry[] } {
  const bus = createTestEventBus();
  const lines: string[] = [];
  const entries: LogEntry[] = [];
  bus.use(logger({ clock: bus.clock, write: (line) => lines.push(line), ...options }));
  const format = (entry: LogEntry): string => {
    entries.push(entry);
    return '';
  };
  bus.use(logger({ clock: bus.clock, ...options, format, write: () => {} }));
  return { bus, lines, entries };
}

const lineOf = (type: string, lines: readonly string[]): string | undefined =>
  lines.find((line) => line.split(' ')[1] === type);

const first = '016f5e66-e800-7000-8000-000000000001';
const second = '016f5e66-e800-7000-8000-000000000002';

afterEach(() => {
  vi.restoreAllMocks();
});

describe('the logger', () => {
  it('writes a line for an event when its handlers have settled', async () => {
    const { bus, lines } = logged();
    const sleep = (ms: number): Promise<void> => new Promise((resolve) => void bus.clock.setTimeout(resolve, ms));
    bus.on('user.*', () => {});
    bus.on('user.*', () => sleep(12.34));
    bus.emit('user.created', { userId: '1' });
    await bus.processEvents();
    expect(lines).toEqual([]);
    await bus.clock.advance(20);
    expect(lines).toEqual([
      `2020-01-01T00:00:00.000Z user.created delivered source=app id=${first} correlation=${first} handlers=2 ms=12.3`,
    ]);
  });

  it('writes the whole chain of an event: correlation and causation in full', async () => {
    const { bus, lines } = logged();
    bus.on('user.created', (_, delivery) => void delivery.emit('mail.sent'));
    bus.emit('user.created');
    await bus.processEvents();
    expect(lineOf('mail.sent', lines)).toContain(
      ` delivered source=app id=${second} correlation=${first} causation=${first} `,
    );
  });

  it('writes what failed, and who', async () => {
    const { bus, lines, entries } = logged({ pattern: 'a' });
    bus.on('a', () => Promise.reject(new TypeError('no such user')), { name: 'welcome' });
    bus.on('a', () => {}, {
      name: 'choosy',
      filter: () => {
        throw 'nothing';
      },
    });
    const clumsy: Middleware = (_, next) => {
      void next();
      throw new Error('too late');
    };
    bus.use(clumsy, { name: 'clumsy' });
    bus.emit('a');
    await bus.processEvents();
    expect(entries).toMatchObject([{ level: 'error', status: 'delivered', delivered: 1 }]);
    const who = entries[0]?.failures.map((failure) => ('handler' in failure ? failure.handler.name : failure.by));
    expect(who?.toSorted()).toEqual(['choosy', 'clumsy', 'welcome']);
    for (const text of ['welcome: TypeError: no such user', 'choosy: nothing', 'clumsy: Error: too late']) {
      expect(lines[0]).toContain(text);
    }
  });

  it('writes who stopped an event: a handler, a middleware behind it', async () => {
    const { bus, lines, entries } = logged();
    bus.use((event, next) => void (event.type === 'vetoed' || next()), { name: 'strict' });
    bus.on('cancelled', (event) => event.cancel(), { name: 'validator' });
    bus.emit('cancelled');
    bus.emit('vetoed');
    await bus.processEvents();
    expect(lines).toMatchObject([
      expect.stringContaining(' cancelled cancelled by=validator source=app '),
      expect.stringContaining(' vetoed vetoed by=strict source=app '),
    ]);
    expect(entries.map(({ level }) => level)).toEqual(['warn', 'warn']);
  });

  it('keeps data to itself unless it is asked for, and then writes what other middleware made of it', async () => {
    const quiet = logged();
    const open = logged({ data: true });
    for (const { bus } of [quiet, open]) {
      bus.use((event, next) => next({ data: { ...(event.data as object), more: 'yes' } }));
      bus.emit('login', { password: 'hunter2' });
      await bus.processEvents();
    }
    expect(quiet.lines[0]).not.toMatch(/hunter2|data/);
    expect(open.lines[0]).toMatch(/ data=\{"password":"hunter2","more":"yes"\}$/);
  });

  it.each([
    ['nothing', undefined, 'undefined'],
    ['a function', () => {}, 'function'],
    ['what JSON cannot say', 1n, '"unreadable, TypeError: Do not know how to serialize a BigInt"'],
    ['what a terminal would obey', 'a\n\u001b[2J\u009b2J\u2028', String.raw`"a\n\u001b[2J\u009b2J\u2028"`],
    [
      'what cannot even fail properly',
      {
        toJSON() {
          throw { toString: null };
        },
      },
      '"unreadable, an error without text"',
    ],
  ])('writes one line of data that is %s', async (_, data, text) => {
    const { bus, lines } = logged({ data: true });
    bus.emit('a', data);
    await bus.processEvents();
    expect(lines[0]?.endsWith(` data=${text}`), lines[0]).toBe(true);
  });

  it('lets no source or error write a line of its own', async () => {
    const { bus, lines } = logged({ pattern: 'a' });
    bus.on('a', () => {
      throw new Error('first\n2020-01-01T00:00:00.000Z admin.login delivered');
    });
    bus.emit({ type: 'a', data: 0, source: 'x\ny z', id: 'own id', timestamp: 9e15 });
    await bus.processEvents();
    expect(lines[0]).not.toContain('\n');
    expect(lines[0]).toContain(String.raw`source="x\ny z" id="own id" correlation="own id"`);
    expect(lines[0]).toMatch(/^9000000000000000 a delivered /);
  });

  it('logs the types of its pattern alone', async () => {
    const { bus, entries } = logged({ pattern: ['user.*', 'ping'] });
    for (const type of ['user.created', 'mail.sent', 'ping']) bus.emit(type);
    await bus.processEvents();
    expect(entries.map(({ event }) => event.type)).toEqual(['user.created', 'ping']);
  });

  it.each([
    ['info', ['fine', 'stopped', 'failed']],
    ['warn', ['stopped', 'failed']],
    ['error', ['failed']],
  ] as const)('logs from level %s on', async (level, types) => {
    const { bus, entries } = logged({ level });
    bus.on('stopped', (event) => event.cancel());
    bus.on('failed', () => Promise.reject(new Error('no')));
    for (const type of ['fine', 'stopped', 'failed']) bus.emit(type);
    await bus.processEvents();
    expect(
      entries
        .flatMap(({ event }) => event.type)
        .filter((type) => type !== 'error.occurred')
        .toSorted(),
    ).toEqual(types.toSorted());
  });

  it('writes to the console by level when it is not told where to', async () => {
    const written: unknown[] = [];
    for (const level of ['info', 'warn', 'error'] as const) {
      vi.spyOn(console, level).mockImplementation((...what) => void written.push([level, what.length]));
    }
    const bus = createTestEventBus();
    bus.use(logger({ pattern: ['fine', 'stopped', 'failed'] }));
    bus.on('stopped', (event) => event.cancel());
    bus.on('failed', () => {
      throw new Error('no');
    });
    for (const type of ['fine', 'stopped', 'failed']) {
      bus.emit(type);
      await bus.processEvents();
    }
    expect(written).toEqual([
      ['info', 1],
      ['warn', 1],
      ['error', 1],
    ]);
  });

  it('writes lines of another form', async () => {
    const { bus, lines } = logged({ format: ({ event, level }) => `${level} ${event.type}` });
    bus.emit('ping');
    await bus.processEvents();
    expect(lines).toEqual(['info ping']);
  });

  it('M4 lets handlers start as early as they would without it', () => {
    const { bus } = logged();
    const log: string[] = [];
    bus.on('a', () => void log.push('handler'));
    bus.emit('a');
    log.push('emitted');
    expect(log).toEqual(['handler', 'emitted']);
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('disk full');
      },
    ],
    ['rejects', () => Promise.reject(new Error('disk full'))],
  ])('hurts nobody when its sink %s: the bus reports it once for each event', async (_, write) => {
    const { bus } = logged({ write });
    const handler = vi.fn();
    bus.on('a', handler);
    const { status, delivered } = await bus.emit('a');
    await bus.processEvents();
    expect([status, delivered, handler.mock.calls.length]).toEqual(['delivered', 1, 1]);
    expect(bus.failures).toMatchObject([{ stage: 'middleware', by: 'logger', error: new Error('disk full') }]);
  });

  it('is waited for by idle', async () => {
    const clock = new SimulatedClock();
    const bus = createTestEventBus({ clock });
    let isWritten = false;
    const write = async (): Promise<void> => {
      await new Promise((resolve) => void clock.setTimeout(() => resolve(undefined), 10));
      isWritten = true;
    };
    bus.use(logger({ write }));
    bus.emit('a');
    const idle = bus.idle().then(() => isWritten);
    await clock.advance(10);
    expect(await idle).toBe(true);
  });

  it('refuses options it cannot use', () => {
    expect(() => logger({ level: 'debug' as 'info' })).toThrow(InvalidOptionError);
    expect(() => logger({ write: 'console' as unknown as () => void })).toThrow(InvalidOptionError);
    expect(() => logger({ format: {} as () => string })).toThrow(InvalidOptionError);
    expect(() => logger({ pattern: 'user*' })).toThrow(InvalidPatternError);
  });
});
