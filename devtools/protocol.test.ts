import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Batch, LONGEST_TEXT, MOST_ROWS, readMessage } from './protocol.js';

const batch: Batch = {
  v: 2,
  kind: 'batch',
  node: 'n2',
  source: 'worker',
  realm: 'worker',
  handlers: [['count', 0, ['cart.*']]],
  runs: [['e1', 0, 1_700_000_000_000.5, 1.25, 0, '', 1]],
  retries: [['e1', 0, 1, 100]],
  letters: [['e1', 0, 1_700_000_000_002.5, 'TypeError: no price']],
  outcomes: [['e1', 1_700_000_000_000.25, 2, 3, 1, 0, 'cart.added', 'e1', '']],
  lost: 0,
};

it('messages as they are sent are understood', () => {
  for (const kind of ['hello', 'watch', 'unwatch'])
    expect(readMessage({ v: 2, kind, node: 'n1' })).toMatchObject({ kind });
  expect(readMessage(structuredClone(batch))).toEqual(batch);
});

it('another version is not understood', () => {
  expect(readMessage({ ...batch, v: 1 })).toBeUndefined();
});

const damaged: [string, unknown][] = [
  ['no message', null],
  ['a word', 'watch'],
  ['no node', { ...batch, node: '' }],
  ['an unknown kind', { ...batch, kind: 'format-disk' }],
  ['an unknown realm', { ...batch, realm: 'moon' }],
  ['rows that are no list', { ...batch, runs: { length: 1, 0: batch.runs[0] } }],
  ['a run of a handler that is not there', { ...batch, runs: [['e1', 1, 1, 1, 0, '', 1]] }],
  ['a run at no time', { ...batch, runs: [['e1', 0, Number.NaN, 1, 0, '', 1]] }],
  ['a duration without end', { ...batch, runs: [['e1', 0, 1, Number.POSITIVE_INFINITY, 0, '', 1]] }],
  ['a duration below zero', { ...batch, runs: [['e1', 0, 1, -1, 0, '', 1]] }],
  ['a run whose attempt is no number', { ...batch, runs: [['e1', 0, 1, 1, 0, '', 'first']] }],
  ['a retry of a handler that is not there', { ...batch, retries: [['e1', 1, 1, 100]] }],
  ['a retry after no time', { ...batch, retries: [['e1', 0, 1, -100]] }],
  ['a dead letter of a handler that is not there', { ...batch, letters: [['e1', 1, 1, '']] }],
  ['a dead letter with an error that is no text', { ...batch, letters: [['e1', 0, 1, new Error('no price')]] }],
  ['a batch without dead letters', { ...batch, letters: undefined }],
  ['a handler without patterns', { ...batch, handlers: [['count', 0]] }],
  ['a handler with a priority that is no number', { ...batch, handlers: [['count', 'high', []]] }],
  ['a status there is not', { ...batch, outcomes: [['e1', 1, 1, 99, 1, 0, '', '', '']] }],
  ['an outcome without its end', { ...batch, outcomes: [['e1', 1, 1, 1, 1, 0]] }],
  ['a text that is too long', { ...batch, source: 'x'.repeat(LONGEST_TEXT + 1) }],
  ['too many rows', { ...batch, outcomes: new Array(MOST_ROWS + 1).fill(batch.outcomes[0]) }],
  ['a count below zero', { ...batch, lost: -1 }],
];
for (const [what, payload] of damaged) {
  it(`${what} is not understood`, () => {
    expect(readMessage(payload)).toBeUndefined();
  });
}

it('whatever arrives, reading it does not throw', () => {
  const value = fc.anything({ withMap: true, withBigInt: true, withNullPrototype: true });
  fc.assert(
    fc.property(fc.constantFrom(...Object.keys(batch)), value, (key, garbage) => {
      readMessage(garbage);
      const message = readMessage({ ...batch, [key]: garbage });
      if (message !== undefined) expect(message.v).toBe(2);
    }),
    { numRuns: 2000 },
  );
});
