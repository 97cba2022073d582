import { gate, ok, same } from '../assert.js';
import type { RuntimeCase } from '../case.js';

export const entryCases: readonly RuntimeCase[] = [
  {
    name: 'rateLimit vetoes what exceeds the rate, and lets events pass again later',
    async run({
      crosstown: { createEventBus },
      'crosstown/middleware/rate-limit': { rateLimit },
      'crosstown/testing': { SimulatedClock },
    }) {
      const clock = new SimulatedClock();
      const bus = createEventBus({ clock });
      bus.use(rateLimit({ limit: 2, windowMs: 1_000, pattern: 'limited', clock }));
      const statuses: string[] = [];
      for (const type of ['limited', 'limited', 'limited', 'free']) statuses.push((await bus.emit(type, 1)).status);
      same(statuses, ['delivered', 'delivered', 'vetoed', 'delivered']);
    },
  },
  {
    name: 'logger writes a line with the ids of an event when its handlers have settled',
    needs: ['randomness'],
    async run({ crosstown: { createEventBus }, 'crosstown/middleware/logger': { logger } }) {
      const lines: string[] = [];
      const { opened, open } = gate();
      const bus = createEventBus();
      bus.use(logger({ write: (line) => void lines.push(line) }));
      bus.on('a', () => opened);
      const emission = bus.emit('a', 1);
      same(lines, [], 'lines before the handler has settled');
      open();
      const { event } = await emission;
      await bus.idle();
      same(lines.length, 1, 'lines');
      const [line = ''] = lines;
      ok(line.includes(` a delivered source=app id=${event.id} `), `"${line}" says what happened to which event`);
    },
  },
  {
    name: 'a test bus runs retries and timeouts when its clock is told to, and shows what happened',
    needs: ['timers'],
    async run({ 'crosstown/testing': { createTestEventBus } }) {
      const bus = createTestEventBus();
      let calls = 0;
      const flaky = (): void => {
        if (++calls < 3) throw new Error('not yet');
      };
      bus.on('order.placed', flaky, { retry: { attempts: 3, delayMs: 60_000, jitter: 0 } });
      bus.on('order.placed', async (_, { emit }) => {
        await emit('mail.sent', 1);
      });
      const waited = bus.waitFor('never', { timeoutMs: 600_000 }).catch((error: Error) => error.name);
      bus.emit('order.placed', 1);
      await bus.processEvents();
      same([calls, bus.emitted.map(({ type }) => type)], [1, ['order.placed', 'mail.sent']]);
      await bus.clock.advance(60_000 + 120_000);
      same([calls, bus.getErrorCount()], [3, 0], 'calls and errors');
      await bus.clock.advance(600_000);
      same(await waited, 'WaitTimeoutError');
    },
  },
];
