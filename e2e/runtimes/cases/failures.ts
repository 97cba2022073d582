import { isError, ok, rejected, same, thrown } from '../assert.js';
import type { RuntimeCase } from '../case.js';

export const failureCases: readonly RuntimeCase[] = [
  {
    name: 'D9 what handlers and filters throw or reject with goes to onError and into the result; the others run',
    needs: ['randomness'],
    async run({ crosstown: { createEventBus } }) {
      const reported: unknown[] = [];
      const bus = createEventBus({ onError: ({ stage, error }) => void reported.push([stage, String(error)]) });
      let others = 0;
      const broken = (): never => {
        throw new RangeError('sync');
      };
      bus.on('a', broken);
      bus.on('a', () => void others++);
      bus.on('a', async () => Promise.reject(new TypeError('async')));
      bus.on('a', () => void others++, { filter: broken });
      bus.on('a', () => void others++, { priority: -1 });
      const { status, failures } = await bus.emit('a', 1);
      const expected = [
        ['handler', 'RangeError: sync'],
        ['filter', 'RangeError: sync'],
        ['handler', 'TypeError: async'],
      ];
      same(reported, expected, 'what onError was told');
      same(
        failures.map(({ stage, error }) => [stage, String(error)]),
        expected,
        'failures',
      );
      same(
        { status, others, who: failures.map((failure) => 'handler' in failure && failure.handler.name) },
        { status: 'delivered', others: 2, who: ['broken', 'a', 'a'] },
      );
    },
  },
  {
    name: 'D9 without onError a failure is written to console.error once, and never given to reportError',
    needs: ['randomness'],
    async run({ crosstown: { createEventBus } }) {
      const written: unknown[][] = [];
      let reported = 0;
      const scope = globalThis as { reportError?: unknown };
      const { reportError } = scope;
      const { error: original } = console;
      const failure = new Error('broken');
      try {
        scope.reportError = () => void reported++;
        console.error = (...args: unknown[]) => void written.push(args);
        const bus = createEventBus();
        bus.on('a', async function mailer() {
          throw failure;
        });
        await bus.emit('a', 1);
      } finally {
        console.error = original;
        if (reportError === undefined) delete scope.reportError;
        else scope.reportError = reportError;
      }
      same(reported, 0, 'calls of reportError');
      same(written.length, 1, 'lines');
      same(written[0]?.[0], '[crosstown] handler "mailer" failed for "a":');
      ok(written[0]?.[1] === failure, 'the error itself is written');
    },
  },
  {
    name: 'D9 what onError throws or rejects with is contained',
    needs: ['randomness'],
    async run({ crosstown: { createEventBus } }) {
      const { error: original } = console;
      let lines = 0;
      console.error = () => void lines++;
      try {
        for (const onError of [
          () => {
            throw new Error('worse');
          },
          () => Promise.reject(new Error('later')),
        ]) {
          const bus = createEventBus({ onError });
          bus.on('a', () => {
            throw new Error('bad');
          });
          const { failures } = await bus.emit('a', 1);
          same(failures.length, 1, 'failures');
          await undefined;
        }
      } finally {
        console.error = original;
      }
      same(lines, 2, 'lines on the console');
    },
  },
  {
    name: 'D10 mistakes of the caller throw at once, as errors with a stable name and code',
    async run({ crosstown: { createEventBus, CrosstownError, InvalidOptionError, BusClosedError } }) {
      const bus = createEventBus();
      const mistakes: (() => unknown)[] = [
        () => bus.on('a', 'handler' as never),
        () => bus.on('a', () => {}, { priority: Number.NaN }),
        () => bus.on('a', () => {}, { filter: 1 as never }),
        () => bus.emit('a', 1, { priority: Number.POSITIVE_INFINITY }),
        () => bus.emit({ type: 'a', data: 1, timestamp: Number.NaN }),
        () => bus.inspect(undefined as never),
      ];
      for (const mistake of mistakes) {
        const error = thrown(mistake);
        isError(error, 'InvalidOptionError', 'INVALID_OPTION');
        ok(error instanceof InvalidOptionError && error instanceof CrosstownError, 'it is of its classes');
      }
      await bus.close();
      for (const call of [() => bus.emit('a', 1), () => bus.on('a', () => {})]) {
        const error = thrown(call);
        isError(error, 'BusClosedError', 'BUS_CLOSED');
        ok(error instanceof BusClosedError && error.stack?.includes('needs an open bus'), 'it has a stack');
      }
    },
  },
  {
    name: 'S4 history without a store is a mistake that is told',
    async run({ crosstown: { createEventBus } }) {
      const read = async (): Promise<unknown> => createEventBus().history().next();
      isError(await rejected(read()), 'InvalidOptionError', 'INVALID_OPTION');
    },
  },
];
