import { describe, expect, it } from 'vitest';
import { createEventBus, InvalidOptionError } from '../../index.js';
import { recordFrom, Wire } from './wire.test.fixture.js';

/** A node on a wire, what its handlers get, and why it drops what it drops. */
function node() {
  const wire = new Wire();
  const bus = createEventBus({ transports: [wire.transport()] });
  const seen: string[] = [];
  const reasons: string[] = [];
  bus.on('**', (event) => seen.push(event.id));
  bus.inspect((inspection) => {
    if (inspection.kind === 'dropped') reasons.push(inspection.reason);
  });
  return { wire, bus, seen, reasons };
}

const longest = 'x'.repeat(256);

describe('what arrives', () => {
  it.each([
    ['nothing', null],
    ['no object', 'a text'],
    ['no id', recordFrom('b', 1, { id: '' })],
    ['an id too long', recordFrom('b', 1, { id: `${longest}x` })],
    ['an id that is no text', recordFrom('b', 1, { id: 5 })],
    ['an id that is a list as long as a text', recordFrom('b', 1, { id: ['x'] })],
    ['a time no date can hold', recordFrom('b', 1, { timestamp: 8.65e15 })],
    ['a life less than none', recordFrom('b', 1, { ttlMs: -1 })],
    ['a life without an end', recordFrom('b', 1, { ttlMs: Number.POSITIVE_INFINITY })],
    ['a life in words', recordFrom('b', 1, { ttlMs: '5' })],
    ['a request that is not true', recordFrom('b', 1, { request: 'yes' })],
    ['an error that is not true', recordFrom('b', 1, { ofError: 1 })],
  ])('T5 is dropped as malformed with %s, and what comes with it is taken', (_, candidate) => {
    const { wire, bus, seen, reasons } = node();
    wire.inject([candidate, recordFrom('c', 1)]);
    expect(reasons).toEqual(['malformed']);
    expect(seen).toEqual(['c-1']);
    expect(bus.stats()).toMatchObject({ received: 1, dropped: 1 });
  });

  it.each([
    ['the longest id', { id: longest }],
    ['the last time of a date', { timestamp: 8.64e15 }],
    ['the first', { timestamp: -8.64e15 }],
    ['no cause', { causationId: undefined }],
    ['a failure behind it', { ofError: true }],
  ])('T5 is taken with %s', (_, fields) => {
    const { wire, seen, reasons } = node();
    wire.inject([recordFrom('b', 1, fields)]);
    expect(reasons).toEqual([]);
    expect(seen).toHaveLength(1);
  });
});

describe('an answer that arrives', () => {
  it.each([
    ['nothing', null],
    ['a text', 'yes'],
    ['neither good nor bad', { value: 1 }],
    ['good in words', { ok: 'true', value: 1 }],
    ['bad without a name', { ok: false, message: 'no' }],
    ['bad without a message', { ok: false, name: 'Error' }],
    ['bad in words', { ok: 'false', name: 'Error', message: 'no' }],
  ])('R4 is dropped as malformed when it is %s, and the next one is taken', async (_, data) => {
    const { wire, bus, reasons } = node();
    const answer = bus.request('question');
    await expect.poll(() => wire.events.length).toBe(1);
    const causationId = wire.events[0]?.id;
    const reply = (seq: number, given: unknown) =>
      recordFrom('b', seq, { type: '$reply', causationId, data: given, correlationId: causationId });
    wire.inject([reply(1, data)]);
    wire.inject([reply(2, { ok: true, value: 42 })]);
    expect(await answer).toBe(42);
    expect(reasons).toEqual(['malformed']);
  });
});

describe('the history of a bus without a store', () => {
  it('S4 says what is missing', async () => {
    const read = createEventBus().history()[Symbol.asyncIterator]().next();
    await expect(read).rejects.toThrow(InvalidOptionError);
    await expect(read).rejects.toThrow('store is undefined. Give it a store, like memoryStore().');
  });
});
