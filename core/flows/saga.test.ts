import { describe, expect, it } from 'vitest';
import { InvalidOptionError, InvalidPatternError, PluginError } from '../index.js';
import { memoryStore } from '../stores/memory.js';
import { createTestEventBus } from '../testing/index.js';
import { answer, checkout, order, said, sent, settle, shop, steps } from './saga/checkout.test.kit.js';
import { defineSaga, type SagaStuckError } from './saga.js';

const ways = [
  ['with a store', {}],
  ['without a store', 'without a store'],
] as const;

async function installed(how: Parameters<typeof shop>[0], more: Parameters<typeof checkout>[0] = {}) {
  const bus = shop(how);
  const saga = checkout(more);
  await bus.install(saga);
  const id = await order(bus);
  const states = async () => {
    const [one] = await saga.instances();
    return [one?.state, ...(one?.steps.map(({ name, state, attempts }) => `${name} ${state} ${attempts}`) ?? [])];
  };
  return { bus, saga, id, states };
}

describe.each(ways)('a saga, %s', (_, how) => {
  it('W1 sends one command after the other, each when the one before it is answered, and says when all are', async () => {
    const { bus, id, states } = await installed(how);
    expect(sent(bus)).toEqual(['pay.do pay:1']);
    await answer(bus, 'pay.done', id, { tx: 't' });
    expect(sent(bus)).toEqual(['pay.do pay:1', 'stock.do stock:1']);
    expect(await states()).toEqual(['running', 'pay completed 1', 'stock sent 1', 'mail pending 0']);
    await answer(bus, 'stock.done', id);
    await answer(bus, 'mail.done', id);
    expect(sent(bus).slice(2)).toEqual(['mail.do mail:1', 'order.done completed']);
    expect(said(bus)).toEqual([
      'started',
      'step.sent pay 1',
      'step.completed pay',
      'step.sent stock 1',
      'step.completed stock',
      'step.sent mail 1',
      'step.completed mail',
      'completed',
    ]);
    expect((await states())[0]).toBe('completed');
    expect([bus.failures, bus.clock.pending]).toEqual([[], how === 'without a store' ? 0 : expect.any(Number)]);
  });

  it('W1 gives commands the correlation of the start, their cause, and a key', async () => {
    const { bus, id } = await installed(how);
    await answer(bus, 'pay.done', id, { tx: 't' });
    const [done] = bus.emittedOf('pay.done');
    const [command] = bus.emittedOf('stock.do');
    expect(command).toMatchObject({
      correlationId: id,
      causationId: done?.id,
      source: 'saga.checkout',
      metadata: { idempotencyKey: `checkout:${id}:stock:1` },
    });
  });

  it('W1 takes receivers that answer at once, inside the emit', async () => {
    const bus = shop(how);
    const saga = checkout();
    bus.on('pay.do', (__, delivery) => delivery.emit('pay.done', { tx: 't' }));
    bus.on('stock.do', (__, delivery) => delivery.emit('stock.done'));
    bus.on('mail.do', (__, delivery) => delivery.emit('mail.failed'));
    bus.on('stock.undo', (__, delivery) => delivery.emit('stock.undone'));
    bus.on('pay.undo', (__, delivery) => delivery.emit('pay.undone'));
    await bus.install(saga);
    const id = await order(bus);
    expect((await saga.instances()).map((one) => [one.id, one.state])).toEqual([[id, 'failed']]);
    expect(sent(bus).slice(3)).toEqual(['stock.undo stock:undo:1', 'pay.undo pay:undo:1', 'order.cancelled failed']);
  });

  it.each([
    ['pay', [], ['order.cancelled failed']],
    ['stock', ['pay'], ['pay.undo pay:undo:1', 'order.cancelled failed']],
    ['mail', ['pay', 'stock'], ['stock.undo stock:undo:1', 'pay.undo pay:undo:1', 'order.cancelled failed']],
  ] as const)('W1 takes back what was completed, the last first, when %s fails', async (failing, before, expected) => {
    const { bus, id, states } = await installed(how);
    for (const step of before) await answer(bus, `${step}.done`, id, { tx: 't' } as never);
    await answer(bus, `${failing}.failed`, id);
    for (const step of before.toReversed()) {
      expect((await states())[0]).toBe('compensating');
      await answer(bus, `${step}.undone`, id);
    }
    expect(sent(bus).slice(before.length + 1)).toEqual(expected);
    expect((await states())[0]).toBe('failed');
    expect(bus.emittedOf('order.cancelled').map(({ data }) => data)).toEqual([{ orderId: id, step: failing }]);
    expect(bus.emittedOf('pay.undo').every(({ data }) => data.tx === 't')).toBe(true);
  });

  it('W1 passes steps that need not be taken back, and takes what nothing answers as done when it is sent', async () => {
    const [pay, stock, mail] = steps();
    const { compensate: __, ...silent } = pay;
    const { compensatedOn: ___, ...unanswered } = stock;
    const { bus, id, states } = await installed(how, { steps: [silent, unanswered, mail] });
    await answer(bus, 'pay.done', id, { tx: 't' });
    await answer(bus, 'stock.done', id);
    await answer(bus, 'mail.failed', id);
    expect(sent(bus).slice(3)).toEqual(['stock.undo stock:undo:1', 'order.cancelled failed']);
    expect(await states()).toEqual(['failed', 'pay completed 1', 'stock compensated 1', 'mail failed 1']);
  });

  it('W1 sends again what failed or was not answered in time, under a new key, and gives up after that', async () => {
    const retry = { attempts: 3, delayMs: 100, factor: 2, jitter: 0 };
    const { bus, id, states } = await installed(how, { steps: steps({ timeoutMs: 1000, retry }) });
    await answer(bus, 'pay.failed', id);
    expect(await states()).toEqual(['running', 'pay waiting 1', 'stock pending 0', 'mail pending 0']);
    await bus.clock.advance(99);
    expect(sent(bus)).toEqual(['pay.do pay:1']);
    await bus.clock.advance(1);
    expect(sent(bus)).toEqual(['pay.do pay:1', 'pay.do pay:2']);
    await bus.clock.advance(999);
    expect((await states())[1]).toBe('pay sent 2');
    await bus.clock.advance(1);
    expect((await states())[1]).toBe('pay waiting 2');
    await bus.clock.advance(200);
    expect(sent(bus).at(-1)).toBe('pay.do pay:3');
    await bus.clock.advance(1000);
    expect(sent(bus).at(-1)).toBe('order.cancelled failed');
    expect(said(bus).filter((one) => one.startsWith('step.failed'))).toHaveLength(3);
    expect((await states()).slice(0, 2)).toEqual(['failed', 'pay failed 3']);
  });

  it('W1 takes a success of any attempt, and a failure of the latest alone', async () => {
    const retry = { attempts: 3, delayMs: 100, jitter: 0 };
    const { bus, id, states } = await installed(how, { steps: steps({ timeoutMs: 1000, retry }) });
    await bus.clock.advance(1100);
    const [first, second] = bus.emittedOf('pay.do');
    await answer(bus, 'pay.failed', id, undefined, { causationId: first?.id ?? '' });
    expect((await states())[1]).toBe('pay sent 2');
    await answer(bus, 'pay.failed', id, undefined, { causationId: second?.id ?? '' });
    expect((await states())[1]).toBe('pay waiting 2');
    await answer(bus, 'pay.done', id, { tx: 't' }, { causationId: first?.id ?? '' });
    expect((await states()).slice(1, 3)).toEqual(['pay completed 2', 'stock sent 1']);
    await bus.clock.advance(500);
    expect(bus.emittedOf('pay.do')).toHaveLength(2);
  });

  it('W1 passes answers that come twice, too late, too early or for nobody', async () => {
    const { bus, saga, id, states } = await installed(how);
    await answer(bus, 'stock.done', id);
    await answer(bus, 'pay.done', 'unknown', { tx: 't' });
    expect(sent(bus)).toHaveLength(1);
    await answer(bus, 'pay.done', id, { tx: 't' });
    await answer(bus, 'pay.done', id, { tx: 'u' });
    await answer(bus, 'pay.failed', id);
    expect(await states()).toEqual(['running', 'pay completed 1', 'stock sent 1', 'mail pending 0']);
    await answer(bus, 'stock.failed', id);
    await answer(bus, 'stock.failed', id);
    await answer(bus, 'pay.undone', id);
    await answer(bus, 'pay.undone', id);
    expect(sent(bus).slice(2)).toEqual(['pay.undo pay:undo:1', 'order.cancelled failed']);
    expect(bus.emittedOf('pay.undo')[0]?.data).toEqual({ tx: 't' });
    expect(await saga.instances()).toHaveLength(1);
  });

  it('W1 takes back what is completed after it was given up, even when all was over', async () => {
    const { bus, id, states } = await installed(how, { steps: steps({ timeoutMs: 1000 }) });
    await bus.clock.advance(1000);
    expect((await states())[0]).toBe('failed');
    await answer(bus, 'pay.done', id, { tx: 'late' });
    expect(await states()).toEqual(['compensating', 'pay compensating 1', 'stock pending 0', 'mail pending 0']);
    await answer(bus, 'pay.undone', id);
    expect((await states())[0]).toBe('failed');
    expect(sent(bus)).toEqual(['pay.do pay:1', 'order.cancelled failed', 'pay.undo pay:undo:1']);
  });

  it('W1 fails an attempt whose command cannot be made', async () => {
    const [pay, stock, mail] = steps();
    const broken = { ...stock, send: () => Promise.reject(new Error('no')) as never };
    const thrown = {
      ...stock,
      send: () => {
        throw new TypeError('no items');
      },
    };
    for (const step of [broken, thrown]) {
      const { bus, saga, id } = await installed(how, { steps: [pay, step, mail] });
      await answer(bus, 'pay.done', id, { tx: 't' });
      await answer(bus, 'pay.undone', id);
      const [one] = await saga.instances();
      expect([one?.state, one?.failedStep, one?.steps[1]?.reason]).toEqual(['failed', 'stock', 'refused']);
      if (step === thrown) expect(one?.steps[1]?.error).toEqual({ name: 'TypeError', message: 'no items' });
    }
  });

  it('W1 is one instance for all starts with one id, which an event may hold elsewhere', async () => {
    const bus = createTestEventBus(how === 'without a store' ? {} : { store: memoryStore() });
    const saga = defineSaga({
      name: 'trip',
      startOn: 'trip.*',
      id: ({ data }) => (data as { trip?: string } | undefined)?.trip,
      steps: [{ name: 'fly', send: () => ({ type: 'fly.do' }), completedOn: 'fly.done' }],
    });
    await bus.install(saga);
    for (const trip of ['a', 'b', 'a']) bus.emit('trip.booked', { trip });
    bus.emit('trip.booked');
    await settle(bus as never);
    expect(bus.emittedOf('fly.do').map(({ metadata }) => metadata['idempotencyKey'])).toEqual([
      'trip:a:fly:1',
      'trip:b:fly:1',
    ]);
    bus.emit('fly.done', { trip: 'a' });
    await settle(bus as never);
    expect((await saga.instances()).map(({ id, state }) => `${id} ${state}`)).toEqual(['a completed', 'b running']);
  });

  it('W1 forgets the oldest of those that are over, beyond maxFinished', async () => {
    const [pay] = steps();
    const { bus, saga, id } = await installed(how, { steps: [pay], maxFinished: 1 });
    const [second, third] = [await order(bus), await order(bus)];
    for (const one of [second, third]) await answer(bus, 'pay.done', one, { tx: 't' });
    expect((await saga.instances()).map((one) => [one.id, one.state])).toEqual([
      [id, 'running'],
      [third, 'completed'],
    ]);
  });

  it('W1 is stuck when a compensation fails for good, leaves a dead letter, and goes on when that is retried', async () => {
    const [pay, stock, mail] = steps();
    const stubborn = {
      ...pay,
      compensationRetry: { attempts: 2, delayMs: 100, jitter: 0 },
      compensationTimeoutMs: 500,
    };
    const { bus, id, states } = await installed(how, { steps: [stubborn, stock, mail] });
    await answer(bus, 'pay.done', id, { tx: 't' });
    await answer(bus, 'stock.failed', id);
    await answer(bus, 'pay.stays', id);
    await bus.clock.advance(600);
    expect((await states()).slice(0, 2)).toEqual(['stuck', 'pay stuck 2']);
    const [letter, ...more] = await bus.deadLetters.list();
    expect([letter?.event.type, more]).toEqual(['saga.checkout.stuck', []]);
    expect(letter?.error).toMatchObject({ name: 'SagaStuckError', code: 'SAGA_STUCK' });
    const [error] = bus.failures.map((one) => one.error as SagaStuckError);
    expect(error?.message).toBe(
      `[crosstown] The saga "checkout" could not take back the step "pay" of "${id}". Mend what it needs, and retry its dead letter.`,
    );
    void bus.deadLetters.retry(letter?.id ?? '');
    await settle(bus);
    expect((await states()).slice(0, 2)).toEqual(['compensating', 'pay compensating 3']);
    await answer(bus, 'pay.undone', id);
    expect((await states()).slice(0, 2)).toEqual(['failed', 'pay compensated 3']);
    expect(await bus.deadLetters.list()).toEqual([]);
    expect(sent(bus).slice(2)).toEqual([
      'pay.undo pay:undo:1',
      'pay.undo pay:undo:2',
      'pay.undo pay:undo:3',
      'order.cancelled failed',
    ]);
  });

  it('W1 leaves no timer when it is uninstalled, and hears nothing more', async () => {
    const bus = shop(how);
    const saga = checkout({ steps: steps({ timeoutMs: 1000 }) });
    const { uninstall } = await bus.install(saga);
    await order(bus);
    await uninstall();
    expect([bus.clock.pending, bus.stats().subscriptions, await saga.instances()]).toEqual([0, 0, []]);
    await bus.clock.advance(2000);
    await order(bus);
    expect(sent(bus)).toHaveLength(1);
  });
});

describe.each(ways)('steps side by side, %s', (_, how) => {
  const [pay, stock, mail] = steps({ retry: { attempts: 2, delayMs: 100, jitter: 0 }, timeoutMs: 1000 });
  const sideBySide = { steps: [pay, [stock, mail]] };

  it('W1 are all sent, and all waited for', async () => {
    const { bus, id, states } = await installed(how, sideBySide);
    await answer(bus, 'pay.done', id, { tx: 't' });
    expect(sent(bus).slice(1)).toEqual(['stock.do stock:1', 'mail.do mail:1']);
    await answer(bus, 'mail.done', id);
    expect((await states())[0]).toBe('running');
    await answer(bus, 'stock.done', id);
    expect((await states())[0]).toBe('completed');
  });

  it('W1 are waited for when one fails for good, and taken back in reverse of the order they were completed in', async () => {
    const { bus, id, states } = await installed(how, { steps: [[pay, stock, mail]] });
    await answer(bus, 'mail.failed', id);
    await bus.clock.advance(100);
    await answer(bus, 'mail.failed', id);
    expect((await states())[0]).toBe('running');
    await answer(bus, 'stock.done', id);
    await answer(bus, 'pay.done', id, { tx: 't' });
    await answer(bus, 'pay.undone', id);
    await answer(bus, 'stock.undone', id);
    expect(sent(bus).slice(4)).toEqual(['pay.undo pay:undo:1', 'stock.undo stock:undo:1', 'order.cancelled failed']);
  });

  it('W1 are given up at their time, and not sent again, when another has failed for good', async () => {
    const [, , once] = steps();
    const { bus, id, saga } = await installed(how, { steps: [[pay, stock, once]] });
    await answer(bus, 'stock.failed', id);
    await answer(bus, 'mail.failed', id);
    await bus.clock.advance(1000);
    const [one] = await saga.instances();
    expect([one?.state, one?.failedStep]).toEqual(['failed', 'mail']);
    expect(one?.steps.map(({ attempts, reason }) => [attempts, reason])).toEqual([
      [1, 'abandoned'],
      [1, 'abandoned'],
      [1, 'failed'],
    ]);
    expect(sent(bus)).toHaveLength(4);
  });
});

describe('a definition', () => {
  const [pay] = steps();

  it.each<[string, object]>([
    ['a name with a dot', { name: 'a.b' }],
    ['a name with a colon', { name: 'a:b' }],
    ['no steps', { steps: [] }],
    ['two steps of one name', { steps: [pay, [pay]] }],
    ['a step whose name has a colon', { steps: [{ ...pay, name: 'a:b' }] }],
    ['a step that sends nothing', { steps: [{ ...pay, send: 'pay.do' }] }],
    ['a step that nothing completes', { steps: [{ ...pay, completedOn: undefined }] }],
    ['a time that is none', { steps: [{ ...pay, timeoutMs: Number.NaN }] }],
    ['no attempts', { steps: [{ ...pay, retry: { attempts: 0 } }] }],
    ['jitter above 1', { steps: [{ ...pay, compensationRetry: { attempts: 2, jitter: 2 } }] }],
    ['an id that is no function', { id: 'orderId' }],
    ['a limit that is none', { maxFinished: -1 }],
  ])('W1 is refused with %s', (_, more) => {
    expect(() => checkout(more)).toThrow(InvalidOptionError);
  });

  it('W1 is refused with a pattern that is none', () => {
    expect(() => checkout({ startOn: 'order..placed' as never })).toThrow(InvalidPatternError);
  });

  it('W1 says what the saga hears and emits, and its commands are held to that', async () => {
    const saga = checkout({ emits: ['pay.*', 'order.*'] });
    expect(saga.permissions).toMatchObject({ emit: ['saga.checkout.**', 'pay.*', 'order.*'] });
    expect(saga.permissions?.on).toEqual(expect.arrayContaining(['saga.checkout.**', 'order.placed', 'mail.undone']));
    const bus = shop();
    await bus.install(saga);
    const id = await order(bus);
    await answer(bus, 'pay.done', id, { tx: 't' });
    const [one] = await saga.instances();
    expect([one?.state, one?.steps[1]?.error?.name]).toEqual(['compensating', 'PermissionError']);
  });

  it('W1 finds its place in the log, whatever is in names and ids', async () => {
    const bus = shop();
    const saga = checkout();
    await bus.install({ ...saga, name: 'shop:7' });
    bus.emit({ type: 'order.placed', data: { total: 5 }, id: 'order:9', correlationId: 'o:1:2' });
    await settle(bus);
    for (const type of ['pay.done', 'stock.done', 'mail.done'] as const) {
      bus.emit({ type, data: { tx: 't' } as never, id: `${type}:1000`, correlationId: 'o:1:2' });
      await settle(bus);
    }
    expect((await saga.instances()).map(({ id, state }) => [id, state])).toEqual([['o:1:2', 'completed']]);
  });

  it('W1 is not installed on a bus that stores some of what it needs', async () => {
    const bus = shop({ persist: ['order.**', 'pay.**', 'stock.**', 'mail.**'] });
    await expect(bus.install(checkout())).rejects.toThrow(PluginError);
  });
});
