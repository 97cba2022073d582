import { describe, expect, it } from 'vitest';
import type { Next, StandardSchema } from '../index.js';
import { memoryStore } from '../stores/memory.js';
import { createTestEventBus, type TestBusOptions, type TestEventBus } from '../testing/index.js';
import { answer, checkout, order, type ShopEvents, said, sent, settle, steps } from './saga/checkout.test.kit.js';

type Definition = NonNullable<Parameters<typeof checkout>[0]>;

const [pay, stock] = steps();
const retry = { attempts: 2, delayMs: 100, jitter: 0 };
const broken = (): never => {
  throw new TypeError('a bug');
};
const slow = (() => Promise.reject(new Error('nobody waits for this'))) as never;

// biome-ignore lint/suspicious/noThenProperty: a thenable is what is meant.
const thenable = { then: (done: () => void) => done() } as never;

const errorsOf = (bus: TestEventBus<ShopEvents>) =>
  bus.failures.map(({ error }) => error as Error & { readonly code?: string });

describe.each([
  ['with a store', () => ({ store: memoryStore() })],
  ['without a store', () => ({})],
])('a saga, %s', (_, own) => {
  async function installed(definition: Definition, options: TestBusOptions = {}) {
    const bus = createTestEventBus<ShopEvents>({ ...own(), ...options });
    const saga = checkout(definition);
    await bus.install(saga);
    const states = async () => {
      const [one] = await saga.instances();
      return [one?.state, ...(one?.steps.map(({ name, state, attempts }) => `${name} ${state} ${attempts}`) ?? [])];
    };
    const errors = async () => (await saga.instances())[0]?.steps.map(({ error }) => error?.message);
    return { bus, saga, states, errors };
  }

  /** Vetoes what has one of the types, until told not to. */
  function gate(bus: TestEventBus<ShopEvents>, types: readonly string[], isSlow: boolean) {
    const gated = new Set(types);
    const pass = (type: string, next: Next): void => void (gated.has(type) || next());
    bus.use(isSlow ? async ({ type }, next) => pass(type, next) : ({ type }, next) => pass(type, next), {
      name: 'gate',
    });
    return gated;
  }

  it.each([
    ['a middleware', false],
    ['an asynchronous middleware', true],
  ])('W1 fails an attempt whose command %s vetoes, and sends it again', async (__, isSlow) => {
    const { bus, states, errors } = await installed({ steps: [{ ...pay, retry }] });
    const gated = gate(bus, ['pay.do'], isSlow);
    await order(bus);
    expect([await states(), await errors()]).toEqual([
      ['running', 'pay waiting 1'],
      ['[crosstown] "pay.do" was vetoed by "gate". Let it pass.'],
    ]);
    gated.clear();
    await bus.clock.advance(100);
    expect(await states()).toEqual(['running', 'pay sent 2']);
  });

  it('W1 does not take as taken back what a vetoed command should have taken back', async () => {
    const { compensatedOn: __, ...unanswered } = pay;
    const { bus, states } = await installed({ steps: [unanswered, stock] });
    gate(bus, ['pay.undo'], false);
    const id = await order(bus);
    await answer(bus, 'pay.done', id, { tx: 't' });
    await answer(bus, 'stock.failed', id);
    expect(await states()).toEqual(['stuck', 'pay stuck 1', 'stock failed 1']);
  });

  it.each([
    ['at once', false],
    ['later', true],
  ])('W1 fails an attempt whose data a schema refuses %s', async (__, isSlow) => {
    const refused = { issues: [{ message: 'too little' }] };
    const validate = () => (isSlow ? Promise.resolve(refused) : refused);
    const schema: StandardSchema = { '~standard': { version: 1, vendor: 'test', validate } };
    const { bus, saga } = await installed({}, { schemas: { 'pay.do': schema } });
    await order(bus);
    const [one] = await saga.instances();
    expect([one?.state, one?.steps[0]?.error?.name]).toEqual(['failed', 'SchemaError']);
  });

  it.each<[string, string, Partial<typeof pay>]>([
    ['send', 'failed', { send: slow }],
    ['compensate', 'stuck', { compensate: slow }],
    ['compensate', 'stuck', { compensate: () => thenable }],
  ])('W1 takes no command of %s that has to be waited for, and is %s', async (option, state, more) => {
    const { bus, states, errors } = await installed({ steps: [{ ...pay, ...more }, stock] });
    const id = await order(bus);
    await answer(bus, 'pay.done', id, { tx: 't' });
    await answer(bus, 'stock.failed', id);
    expect((await states())[0]).toBe(state);
    const expected = `[crosstown] ${option} is an object. Give it a function that is not asynchronous.`;
    expect((await errors())?.[0]).toBe(expected);
  });

  it.each<[string, Definition, string]>([
    ['throws', { completed: broken }, 'a bug'],
    ['is asynchronous', { completed: slow }, 'completed is an object'],
    ['is of a type it may not emit', { emits: 'pay.*' }, 'order.done'],
    ['is vetoed', {}, '"order.done" was vetoed by "gate"'],
  ])('W1 has no other wait when the event of an end %s', async (why, definition, cause) => {
    const { bus, states } = await installed({ ...definition, steps: [pay] });
    const gated = gate(bus, why === 'is vetoed' ? ['order.done'] : [], false);
    const first = await order(bus);
    await answer(bus, 'pay.done', first, { tx: 't' });
    const second = await order(bus);
    expect(sent(bus)).toEqual(['pay.do pay:1', 'pay.do pay:1']);
    expect(await states()).toEqual(['running', 'pay completed 1']);
    const [error, ...more] = errorsOf(bus);
    expect([error?.code, more]).toEqual(['SAGA_NOT_ENDED', []]);
    expect(error?.message).toBe(
      `[crosstown] The saga "checkout" could not emit that "${first}" has completed. Mend its completed, and retry this dead letter.`,
    );
    expect(error?.cause).toMatchObject({ message: expect.stringContaining(cause) });
    const [letter] = await bus.deadLetters.list();
    expect(letter?.event.type).toBe('pay.done');
    if (why !== 'is vetoed') return;
    gated.clear();
    void bus.deadLetters.retry(letter?.id ?? '');
    await settle(bus);
    expect((await states())[0]).toBe('completed');
    expect(bus.emittedOf('order.done').map(({ data }) => data.orderId)).toEqual([first]);
    await answer(bus, 'pay.done', second, { tx: 't' });
    expect(bus.emittedOf('order.done')).toHaveLength(2);
  });

  it('W1 leaves a dead letter when it cannot say that it failed, and says so later', async () => {
    let isMended = false;
    const failed: Definition['failed'] = ({ id, failure }) => {
      if (!isMended) broken();
      return { type: 'order.cancelled', data: { orderId: id, step: failure?.step } };
    };
    const { bus, states } = await installed({ steps: [pay], failed });
    const id = await order(bus);
    await answer(bus, 'pay.failed', id);
    const [letter] = await bus.deadLetters.list();
    expect([await states(), letter?.event.type]).toEqual([['compensating', 'pay failed 1'], 'pay.failed']);
    isMended = true;
    void bus.deadLetters.retry(letter?.id ?? '');
    await settle(bus);
    expect([(await states())[0], said(bus).at(-1)]).toEqual(['failed', 'failed pay']);
  });

  it.each<[string, (event: { readonly data: unknown }) => string]>([
    ['throws', ({ data }) => (data as { id: string }).id],
    ['is no text', ({ data }) => (data === undefined ? (5 as never) : (data as { id: string }).id)],
  ])('W1 has no other wait when the id of an event %s', async (__, id) => {
    const { bus } = await installed({ id });
    bus.emit('pay.undone');
    bus.emit('order.placed', { id: 'a', total: 1 } as never);
    await settle(bus);
    expect(sent(bus)).toEqual(['pay.do pay:1']);
    expect(errorsOf(bus).map(({ code, message }) => [code, message])).toEqual([
      [
        'SAGA_NO_ID',
        '[crosstown] The saga "checkout" cannot tell whose "pay.undone" is. Have its id return a text, or undefined for what is of nobody.',
      ],
    ]);
    expect((await bus.deadLetters.list()).map(({ event }) => event.type)).toEqual(['pay.undone']);
  });

  it('W1 says again that a time is over when that was vetoed', async () => {
    const { bus, states } = await installed({ steps: [{ ...pay, timeoutMs: 1000 }] });
    const gated = gate(bus, ['saga.checkout.due'], false);
    await order(bus);
    await bus.clock.advance(2500);
    expect(await states()).toEqual(['running', 'pay sent 1']);
    gated.clear();
    await bus.clock.advance(1000);
    expect((await states())[0]).toBe('failed');
  });
});

describe('a saga whose facts are vetoed', () => {
  it('W1 says who did it, tries again, and goes on', async () => {
    const bus = createTestEventBus<ShopEvents>({ store: memoryStore() });
    let isOpen = false;
    bus.use(({ type }, next) => void ((!isOpen && type === 'saga.checkout.step.sent') || next()), { name: 'limit' });
    await bus.install(checkout({ steps: [pay] }));
    const id = await order(bus);
    isOpen = true;
    await bus.clock.advance(250);
    await answer(bus, 'pay.done', id, { tx: 't' });
    expect(bus.failures).toEqual([]);
    // Its fact was not there, so it may come twice under its key.
    expect(sent(bus)).toEqual(['pay.do pay:1', 'pay.do pay:1', 'order.done completed']);
    isOpen = false;
    await order(bus);
    await bus.clock.advance(60_000);
    expect(errorsOf(bus).map(({ message }) => message)).toEqual([
      '[crosstown] "saga.checkout.step.sent" was vetoed by "limit". Let it pass.',
    ]);
  });
});

describe('a bus that closes', () => {
  it('W1 leaves the end of a saga to another node, without a dead letter', async () => {
    const store = memoryStore({ shared: true });
    const first = createTestEventBus<ShopEvents>({ store });
    let letGo = (): void => {};
    first.use(async ({ type }, next) => {
      if (type === 'order.done')
        await new Promise<void>((resolve) => {
          letGo = resolve;
        });
      next();
    });
    await first.install(checkout({ steps: [pay] }));
    const id = await order(first);
    await answer(first, 'pay.done', id, { tx: 't' });
    const closed = first.close({ timeoutMs: 1000 });
    await first.clock.advance(1000);
    await closed;
    letGo();
    await settle(first);
    expect(first.failures).toEqual([]);
    const second = createTestEventBus<ShopEvents>({ store });
    const saga = checkout({ steps: [pay] });
    await second.install(saga);
    await second.clock.advance(10_000);
    expect((await saga.instances()).map(({ state }) => state)).toEqual(['completed']);
    expect(await second.deadLetters.list()).toEqual([]);
  });
});
