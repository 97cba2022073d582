import { describe, expect, it } from 'vitest';
import { type BusEvent, createEventBus, type Failure } from '../../index.js';
import { SimulatedClock } from '../../testing/index.js';
import { Wire } from '../border/wire.test.fixture.js';
import { deferred } from '../deferred.test.kit.js';

function reportingBus(options: Parameters<typeof createEventBus>[0] = {}) {
  const clock = new SimulatedClock();
  const failures: Failure[] = [];
  const bus = createEventBus({ clock, onError: (failure) => failures.push(failure), ...options });
  const reports: BusEvent[] = [];
  bus.on('error.occurred', (event) => reports.push(event));
  return { bus, clock, failures, reports };
}

const fail = (): never => {
  throw new TypeError('no such user');
};

describe('error.occurred', () => {
  it('F4 is emitted for a final failure, caused by the event, and says what failed', async () => {
    const { bus, reports } = reportingBus();
    bus.on('user.created', fail, { name: 'mailer' });
    const { event } = await bus.emit('user.created', 1, { correlationId: 'chain' });
    expect(reports.map((report) => report.toRecord())).toMatchObject([
      {
        type: 'error.occurred',
        source: 'app',
        correlationId: 'chain',
        causationId: event.id,
        data: {
          error: { name: 'TypeError', message: 'no such user' },
          event: { id: event.id, type: 'user.created', source: 'app' },
          handler: 'mailer',
          attempts: 1,
        },
      },
    ]);
  });

  it('F4 D5 waits until the event was offered to its other handlers', async () => {
    const { bus } = reportingBus();
    const log: string[] = [];
    bus.on('error.occurred', () => log.push('report'));
    bus.on('a', fail);
    bus.on('a', () => log.push('a'));
    await bus.emit('a');
    expect(log).toEqual(['a', 'report']);
  });

  it('F4 is emitted once, after the last attempt, with how many there were', async () => {
    const { bus, clock, reports } = reportingBus();
    bus.on('a', fail, { retry: { attempts: 3, delayMs: 10 } });
    bus.emit('a');
    await clock.advance(9);
    expect(reports).toEqual([]);
    await clock.advance(1000);
    expect(reports.map(({ data }) => data)).toMatchObject([{ attempts: 3 }]);
  });

  it('F4 is emitted for a filter, too, and for asynchronous handlers', async () => {
    const { bus, reports } = reportingBus();
    bus.on('a', () => {}, { filter: fail, name: 'sieve' });
    bus.on('a', () => Promise.reject('text'), { name: 'late' });
    await bus.emit('a');
    expect(reports.map(({ data }) => data)).toMatchObject([
      { handler: 'sieve', attempts: 0 },
      { handler: 'late', error: { name: 'Error', message: 'text' } },
    ]);
  });

  it('F4 is not emitted for what fails while it is handled, at once or late, nor for what that caused', async () => {
    const { bus, failures, reports } = reportingBus();
    bus.on('error.occurred', fail);
    bus.on('error.occurred', async (_, { emit }) => {
      await undefined;
      await emit('mail.wanted');
      throw new Error('late');
    });
    bus.on('mail.wanted', (_, { emit }) => emit('mail.sent'));
    bus.on('mail.sent', () => Promise.reject(new Error('no mail')));
    bus.on('a', fail);
    await bus.emit('a');
    await bus.idle();
    expect(reports).toHaveLength(1);
    expect(failures.map(({ event }) => event?.type)).toEqual(['a', 'error.occurred', 'mail.sent', 'error.occurred']);
    expect(await bus.deadLetters.list()).toHaveLength(4);
  });

  it('F4 is not emitted by another node either for what a report caused, so that no two report for ever', async () => {
    const wire = new Wire();
    const here = reportingBus({ transports: [wire.transport()] });
    const there = reportingBus({ transports: [wire.transport()] });
    here.bus.on('error.occurred', (_, { emit }) => emit('alert'));
    there.bus.on('alert', fail);
    here.bus.on('a', fail);
    here.bus.emit('a');
    for (let i = 0; i < 5; i++) await Promise.all([here.bus.idle(), there.bus.idle()]);
    expect([here.reports.length, there.reports.length]).toEqual([1, 1]);
    expect(there.failures).toMatchObject([{ stage: 'handler', event: { type: 'alert' } }]);
  });

  it('F4 may be emitted by anybody, and is not emitted for what fails then', async () => {
    const { bus, failures, reports } = reportingBus();
    bus.on('error.occurred', fail);
    await bus.emit('error.occurred', 'mine');
    expect([reports.map(({ data }) => data), failures.length]).toEqual([['mine'], 1]);
  });

  it('F4 is not emitted for middleware, observers or stores, whose failures are reported alone', async () => {
    const { bus, failures, reports } = reportingBus();
    bus.use(fail, { name: 'guard' });
    bus.inspect(fail);
    await bus.emit('a');
    expect(new Set(failures.map(({ stage }) => stage))).toEqual(new Set(['middleware', 'observer']));
    expect(reports).toEqual([]);
  });

  it('F4 is not emitted on a bus that has closed meanwhile', async () => {
    const { bus, failures, reports } = reportingBus();
    const gate = deferred();
    bus.on('a', () => gate.promise);
    const emission = bus.emit('a');
    const closed = bus.close();
    gate.reject(new Error('late'));
    await closed;
    expect([(await emission).failures.length, failures.length, reports]).toEqual([1, 1, []]);
  });

  it('F4 that finds no room is a failure that is reported', async () => {
    const { bus, failures } = reportingBus({ queue: { maxSize: 0 } });
    bus.on('a', fail);
    expect((await bus.emit('a')).failures).toHaveLength(1);
    expect(failures).toMatchObject([{ stage: 'handler' }, { stage: 'report', error: { code: 'QUEUE_FULL' } }]);
  });

  it('D9 F4 leaves the bus at work when no id can be made', async () => {
    const createId = (): never => {
      throw new Error('no ids');
    };
    const { bus, failures } = reportingBus({ createId });
    let calls = 0;
    bus.on('a', fail);
    bus.on('a', () => calls++);
    for (let i = 0; i < 3; i++) expect((await bus.emit('a')).delivered).toBe(2);
    expect(calls).toBe(3);
    expect(failures.map(({ stage }) => stage)).toEqual(['handler', 'report', 'handler', 'report', 'handler', 'report']);
  });

  it('F4 reads the error once, and what cannot be read is named all the same', async () => {
    const { bus, reports } = reportingBus();
    const hostile = Object.defineProperty({}, 'message', {
      get: () => {
        throw new Error('no');
      },
    });
    for (const error of [hostile, undefined, Symbol('s'), { message: 5 }, Object.create(null)]) {
      bus.once('a', () => {
        throw error;
      });
      await bus.emit('a');
    }
    expect(reports.map(({ data }) => (data as { error: unknown }).error)).toEqual([
      { name: 'Error', message: 'an error that cannot be read' },
      { name: 'Error', message: 'undefined' },
      { name: 'Error', message: 'Symbol(s)' },
      { name: 'Error', message: '5' },
      { name: 'Error', message: 'an error that cannot be read' },
    ]);
  });

  it('F4 is not emitted for what fails late because of a report, by its cause', async () => {
    const { bus, clock, reports, failures } = reportingBus();
    bus.on('error.occurred', (event) => {
      clock.setTimeout(() => void bus.emit('alert', 1, { cause: event }), 10);
    });
    bus.on('alert', (event) => {
      clock.setTimeout(() => void bus.emit('page', 1, { cause: event }), 10);
      fail();
    });
    bus.on('page', fail);
    bus.on('a', fail);
    bus.emit('a');
    await clock.advance(100);
    expect(failures.map(({ event }) => event?.type)).toEqual(['a', 'alert', 'page']);
    expect(reports).toHaveLength(1);
  });
});

describe('onError', () => {
  it.each<[string, (parts: { bus: ReturnType<typeof createEventBus>; off: () => void }) => unknown]>([
    ['unsubscribes', ({ off }) => off()],
    ['emits', ({ bus }) => bus.emit('b')],
    ['closes the bus', ({ bus }) => bus.close()],
    ['subscribes', ({ bus }) => bus.on('a', () => {})],
  ])('D9 may be one that %s', async (_, act) => {
    let done = 0;
    const bus = createEventBus({
      onError: () => {
        if (done++ === 0) act({ bus, off });
      },
    });
    const off = bus.on('a', fail);
    let later = 0;
    bus.on('a', () => later++, { priority: -1 });
    expect(await bus.emit('a')).toMatchObject({ failures: [{ error: expect.any(TypeError) }] });
    await bus.idle();
    expect([done, bus.stats().inFlight]).toEqual([1, 0]);
  });
});
