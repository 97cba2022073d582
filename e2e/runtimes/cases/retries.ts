import { gate, isError, ok, rejected, same } from '../assert.js';
import type { RuntimeCase } from '../case.js';

export const retryCases: readonly RuntimeCase[] = [
  {
    name: 'F1 a handler that failed is called again, and it alone',
    needs: ['timers', 'randomness'],
    async run({ crosstown: { createEventBus } }) {
      const bus = createEventBus({ onError: () => {} });
      const attempts: number[] = [];
      let others = 0;
      const flaky = (_: unknown, { attempt }: { readonly attempt: number }): void => {
        attempts.push(attempt);
        if (attempt < 3) throw new Error('not yet');
      };
      bus.on('a', flaky, { retry: { attempts: 5, delayMs: 1 } });
      bus.on('a', () => void others++);
      const { failures } = await bus.emit('a', 1);
      same({ attempts, others, failures }, { attempts: [1, 2, 3], others: 1, failures: [] });
      same(bus.stats().retried, 2, 'retried');
    },
  },
  {
    name: 'F2 a handler that takes too long has failed, and its signal aborts',
    needs: ['timers', 'randomness'],
    async run({ crosstown: { createEventBus } }) {
      const bus = createEventBus({ onError: () => {} });
      const reasons: unknown[] = [];
      bus.on(
        'a',
        (_, { signal }) =>
          new Promise(() => {
            signal.addEventListener('abort', () => reasons.push(signal.reason));
          }),
        { timeoutMs: 5 },
      );
      const { failures, status } = await bus.emit('a', 1);
      same([status, failures.length, reasons.length], ['delivered', 1, 1]);
      isError(failures[0]?.error, 'HandlerTimeoutError', 'HANDLER_TIMEOUT');
      ok(reasons[0] === failures[0]?.error, 'the reason of the signal is the error');
    },
  },
  {
    name: 'F3 what failed for good is a dead letter, to be tried again or discarded',
    needs: ['randomness'],
    async run({ crosstown: { createEventBus } }) {
      const bus = createEventBus({ onError: () => {} });
      const handled: unknown[] = [];
      let broken = true;
      bus.on('a', async function mailer({ data }) {
        if (broken) throw new Error('no mail');
        handled.push(data);
      });
      await Promise.all([1, 2].map((n) => bus.emit('a', n)));
      const [one, two] = await bus.deadLetters.list();
      same([one?.event.data, one?.handler.name, one?.attempts, two?.event.data], [1, 'mailer', 1, 2]);
      broken = false;
      same((await bus.deadLetters.retry(one?.id ?? '')).delivered, 1, 'handlers called');
      same(await bus.deadLetters.discard(two?.id ?? ''), true, 'discarded');
      same([handled, await bus.deadLetters.list()], [[1], []]);
      isError(await rejected(bus.deadLetters.retry('unknown')), 'DeadLetterError', 'DEAD_LETTER');
    },
  },
  {
    name: 'F4 a final failure is an event, and a failure in its handling is not another one',
    needs: ['randomness'],
    async run({ crosstown: { createEventBus } }) {
      const bus = createEventBus({ onError: () => {} });
      const told: unknown[] = [];
      bus.on('error.occurred', ({ data, correlationId }) => {
        told.push([(data as { error: unknown }).error, correlationId]);
        throw new Error('worse');
      });
      bus.on('a', () => {
        throw new TypeError('bad');
      });
      const { event } = await bus.emit('a', 1);
      await bus.idle();
      same(told, [[{ name: 'TypeError', message: 'bad' }, event.id]]);
      same(bus.stats().failures, 2, 'failures');
    },
  },
  {
    name: 'G8 close waits for calls under way as long as it is told, then aborts their signal',
    needs: ['timers', 'randomness'],
    async run({ crosstown: { createEventBus } }) {
      const patient = createEventBus();
      const { opened, open } = gate();
      let ended = false;
      patient.on('a', async () => {
        await opened;
        ended = true;
      });
      patient.emit('a', 1);
      const closed = patient.close();
      open();
      await closed;
      same(ended, true, 'whether the call ended before the close');

      const bus = createEventBus({ onError: () => {} });
      let aborted = false;
      bus.on('a', (_, { signal }) => {
        signal.addEventListener('abort', () => {
          aborted = true;
        });
        return new Promise(() => {});
      });
      bus.emit('a', 1);
      await bus.close({ timeoutMs: 5 });
      same(aborted, true, 'whether the signal aborted');
    },
  },
];
