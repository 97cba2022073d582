import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkout, settle, shop, steps } from './saga/checkout.test.kit.js';

const TIMEOUT_MS = 1000;
const [pay] = steps({ timeoutMs: TIMEOUT_MS });
const ways = ['with a store', 'without a store'] as const;
const shopWith = (way: (typeof ways)[number]) => shop(way === 'without a store' ? way : {});

describe.each(ways)('the times of many instances, %s', (way) => {
  it('W1 are each kept, whenever the others begin and are answered', async () => {
    const instance = fc.record({ begins: fc.nat(3000), answeredAfter: fc.integer({ min: 1, max: 2 * TIMEOUT_MS }) });
    const property = fc.asyncProperty(fc.array(instance, { minLength: 1, maxLength: 6 }), async (instances) => {
      const bus = shopWith(way);
      const saga = checkout({ steps: [pay] });
      await bus.install(saga);
      const beganAt = bus.clock.now();
      const plan = instances.map((one) => ({
        ...one,
        id: '',
        endsAt: one.begins + Math.min(one.answeredAfter, TIMEOUT_MS),
      }));
      const moments = plan.flatMap(({ begins, answeredAfter, endsAt }) => [
        begins,
        begins + answeredAfter,
        endsAt - 1,
        endsAt,
      ]);
      for (const at of [...new Set(moments)].sort((a, b) => a - b)) {
        await bus.clock.advance(beganAt + at - bus.clock.now());
        for (const one of plan) {
          if (one.begins === at) one.id = bus.emit('order.placed', { total: 1 }).event.id;
          const isAnswered = one.begins + one.answeredAfter === at && one.answeredAfter < TIMEOUT_MS;
          if (isAnswered) bus.emit({ type: 'pay.done', data: { tx: 't' }, correlationId: one.id });
        }
        await settle(bus);
        const states = new Map((await saga.instances()).map(({ id, state }) => [id, state]));
        for (const { id, begins, answeredAfter, endsAt } of plan) {
          if (begins > at) continue;
          const end = answeredAfter < TIMEOUT_MS ? 'completed' : 'failed';
          expect(states.get(id)).toBe(at < endsAt ? 'running' : end);
        }
      }
      if (way === 'without a store') expect(bus.clock.pending).toBe(0);
    });
    await fc.assert(property, { numRuns: 25 });
  });

  it('W1 are said once to be over, however long that waits for its turn', async () => {
    const bus = shopWith(way);
    let holds = 0;
    bus.use(({ type }, next) => (type === 'pay.do' && ++holds > 1 ? new Promise(() => {}) : next()));
    await bus.install(checkout({ steps: [pay] }));
    for (let i = 0; i < 2; i++) bus.emit('order.placed', { total: i });
    const timers: number[] = [];
    for (let i = 0; i < 40; i++) {
      await bus.clock.advance(TIMEOUT_MS / 20);
      timers.push(bus.clock.pending);
    }
    expect(holds).toBe(2);
    expect(bus.emittedOf('saga.checkout.due')).toHaveLength(1);
    if (way === 'without a store') expect([timers[0], timers.at(-1)]).toEqual([1, 0]);
  });
});

describe('a saga with very many open instances', () => {
  it('W1 has an event of one cost no more than with few', async () => {
    const bus = shop('without a store');
    await bus.install(checkout({ steps: [pay] }));
    const start = async (number: number): Promise<number> => {
      const since = performance.now();
      for (let i = 0; i < number; i++) bus.emit('order.placed', { total: i });
      await settle(bus);
      return performance.now() - since;
    };
    const fastest = async (): Promise<number> => {
      const times = [];
      for (let i = 0; i < 8; i++) times.push(await start(20));
      return Math.min(...times);
    };
    await start(300);
    const few = await fastest();
    await start(6000);
    expect((await fastest()) / few).toBeLessThan(4);
  });
});
