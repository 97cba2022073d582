import { ok, same } from '../assert.js';
import type { RuntimeCase } from '../case.js';

export const inspectionCases: readonly RuntimeCase[] = [
  {
    name: 'I1 an observer is told what happens, in order',
    async run({ crosstown: { createEventBus } }) {
      const bus = createEventBus();
      const told: unknown[] = [];
      const stop = bus.inspect((inspection) => {
        const { kind, at } = inspection;
        ok(typeof at === 'number' && at >= 0, 'it says when');
        if (kind === 'handlerSettled') told.push([kind, inspection.outcome, inspection.handler.name]);
        else if (kind === 'settled') told.push([kind, inspection.status, inspection.failures]);
        else told.push(kind);
      });
      const off = bus.on('a', async () => {}, { name: 'mailer' });
      await bus.emit('a', 1);
      off();
      stop();
      bus.emit('a', 1);
      same(told, [
        'subscribed',
        'emitted',
        'handlerStarted',
        ['handlerSettled', 'ok', 'mailer'],
        ['settled', 'delivered', 0],
        'unsubscribed',
      ]);
    },
  },
  {
    name: 'I3 an observer sees a view it cannot act on, and what it throws changes nothing',
    async run({ crosstown: { createEventBus } }) {
      const failures: string[] = [];
      const bus = createEventBus({ onError: ({ stage }) => void failures.push(stage) });
      let view: unknown;
      bus.inspect((inspection) => {
        if (inspection.kind !== 'emitted') return;
        view = inspection.event;
        throw new Error('bad observer');
      });
      bus.on('a', () => {});
      const { status, delivered } = await bus.emit('a', { n: 1 });
      same({ status, delivered, failures }, { status: 'delivered', delivered: 1, failures: ['observer'] });
      ok(!('cancel' in (view as object)) && Object.isFrozen(view), 'the view has no cancel and is frozen');
      same((view as { data: unknown }).data, { n: 1 }, 'data in the view');
    },
  },
];
