import { isError, ok, same, thrown } from '../assert.js';
import type { RuntimeCase } from '../case.js';

/** A schema as libraries of Standard Schema v1 have it: takes numbers as text, and makes numbers of them. */
const numeric = {
  '~standard': {
    version: 1,
    vendor: 'suite',
    validate: (value: unknown) => {
      const n = Number((value as { n: unknown }).n);
      return Number.isNaN(n) ? { issues: [{ message: 'Expected a number', path: ['n'] }] } : { value: { n } };
    },
  },
} as const;

export const admissionCases: readonly RuntimeCase[] = [
  {
    name: 'M2 a middleware that does not call next vetoes the event, at once or after a pause',
    async run({ crosstown: { createEventBus } }) {
      const bus = createEventBus();
      let handled = 0;
      bus.on('*', () => void handled++);
      const remove = bus.use((event, next) => (event.type === 'bad' ? undefined : next()), { name: 'guard' });
      const { status, vetoedBy, delivered } = await bus.emit('bad', 1);
      same({ status, vetoedBy, delivered }, { status: 'vetoed', vetoedBy: 'guard', delivered: 0 });
      same((await bus.emit('good', 1)).status, 'delivered');
      remove();
      bus.use(async () => {
        await undefined;
      });
      same((await bus.emit('good', 1)).status, 'vetoed');
      same([handled, bus.stats().vetoed], [1, 2], 'handled and vetoed');
    },
  },
  {
    name: 'M3 what a middleware changes is changed for everybody behind it, and handlers start in emit',
    async run({ crosstown: { createEventBus } }) {
      const bus = createEventBus();
      const seen: unknown[] = [];
      bus.on('a', ({ data, metadata }) => void seen.push([data, metadata]));
      bus.use((event, next) => next({ data: [event.data], metadata: { ...event.metadata, tenant: 't' } }));
      bus.use((event, next) => next({ data: { was: event.data } }), { priority: 1 });
      bus.emit('a', 1, { metadata: { m: 1 } });
      same(seen, [[[{ was: 1 }], { m: 1, tenant: 't' }]]);
    },
  },
  {
    name: 'M4 a middleware that waits delays its event and no other, and may call next once',
    async run({ crosstown: { createEventBus } }) {
      const errors: unknown[] = [];
      const bus = createEventBus({ onError: ({ error }) => void errors.push(error) });
      const log: unknown[] = [];
      bus.on('*', ({ type }) => void log.push(type));
      bus.use(async (event, next) => {
        if (event.type === 'slow') for (let turn = 0; turn < 5; turn++) await undefined;
        const { delivered } = await next();
        log.push(`${event.type} went to ${delivered}`);
        if (event.type === 'slow') next();
      });
      bus.emit('slow', 1);
      bus.emit('quick', 1);
      same(log, ['quick'], 'what is handled at once');
      await bus.idle();
      same(log.sort(), ['quick', 'quick went to 1', 'slow', 'slow went to 1']);
      same(errors.length, 1, 'errors');
      isError(errors[0], 'MiddlewareError', 'MIDDLEWARE');
    },
  },
  {
    name: 'G5 a schema refuses data in emit, and what it makes of data is the event’s',
    async run({ crosstown: { createEventBus, SchemaError } }) {
      const bus = createEventBus({ schemas: { 'n.set': numeric } });
      const seen: unknown[] = [];
      bus.on('n.set', ({ data }) => void seen.push(data));
      bus.emit('n.set', { n: '42' });
      const error = thrown(() => bus.emit('n.set', { n: 'many' }));
      isError(error, 'SchemaError', 'INVALID_DATA');
      ok(error instanceof SchemaError && error.message.includes('data.n: Expected a number'), 'it says what and where');
      same(seen, [{ n: 42 }]);
    },
  },
  {
    name: 'G5 an asynchronous schema has the event wait, and vetoes it',
    async run({ crosstown: { createEventBus } }) {
      const { validate } = numeric['~standard'];
      const late = { '~standard': { ...numeric['~standard'], validate: async (value: unknown) => validate(value) } };
      const bus = createEventBus({ schemas: { n: late }, onError: () => {} });
      const seen: unknown[] = [];
      bus.on('n', ({ data }) => void seen.push(data));
      const emissions = [bus.emit('n', { n: '1' }), bus.emit('n', { n: 'x' })];
      same(seen, [], 'what is handled at once');
      same([(await emissions[0])?.status, (await emissions[1])?.status], ['delivered', 'vetoed']);
      same(seen, [{ n: 1 }]);
    },
  },
];
