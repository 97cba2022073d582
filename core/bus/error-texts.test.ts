import { describe, expect, it } from 'vitest';
import {
  createEventBus,
  InvalidPatternError,
  QueueFullError,
  SchemaError,
  StoreError,
  TransportError,
} from '../index.js';

describe('the text of an error', () => {
  it.each([
    ['a'.repeat(80), `"${'a'.repeat(80)}"`],
    ['a'.repeat(81), `"${'a'.repeat(80)}…"`],
    [() => {}, 'a function'],
    [[1], 'an array'],
    [{ a: 1 }, 'an object'],
    [null, 'null'],
    [undefined, 'undefined'],
    [7, '7'],
  ])('quotes a value in a few words: %j as %s', (value, quoted) => {
    expect(new InvalidPatternError(value, 'so it is').message).toMatch(
      `[crosstown] ${quoted} is not a pattern: so it is.`,
    );
  });

  it('takes only the full stop at the end from a sentence it makes part of its own', () => {
    const cause = new Error('Quota of 1.5 MB exceeded.');
    expect(new StoreError('shop', 'append', 'Make room', cause).message).toContain(
      'The store "shop" failed to append (Quota of 1.5 MB exceeded). Make room.',
    );
    expect(new TransportError('wire', 'send', 'Wait', cause).message).toContain('(Quota of 1.5 MB exceeded). Wait.');
    expect(new SchemaError('a', [{ message: 'Below 0.5 by far.' }]).message).toContain('data: Below 0.5 by far. Emit');
  });

  it('says nothing of a cause that says nothing', () => {
    for (const cause of [new Error(''), new Error(), 'a text', undefined]) {
      expect(new StoreError('shop', 'read', 'Look', cause).message).toContain('The store "shop" failed to read. Look.');
    }
  });

  it('names the queue of the bus unless it is another', () => {
    expect(new QueueFullError('a', 2).message).toContain('2 events wait in the queue of the bus.');
    expect(new QueueFullError('a', 2, 'the stream of a').message).toContain('2 events wait in the stream of a.');
  });

  it.each([
    [null, 'null'],
    [undefined, 'undefined'],
    ['a text', 'a text'],
    [7, '7'],
    [{ message: 'of an object' }, 'of an object'],
    [{}, '[object Object]'],
  ])('F4 tells of %j when that is what was thrown', async (thrown, message) => {
    const bus = createEventBus({ onError: () => {} });
    bus.on('a', () => {
      throw thrown;
    });
    const reported = bus.waitFor('error.occurred');
    bus.emit('a');
    expect((await reported).data).toMatchObject({ error: { name: 'Error', message } });
  });

  it('D10 names the part that is no function, or the operation that came too late', async () => {
    const bus = createEventBus();
    const notOne = 5 as never;
    expect(() => bus.off('a', notOne)).toThrow('handler is 5. Give it a function.');
    expect(() => bus.use(notOne)).toThrow('middleware is 5. Give it a function.');
    expect(() => bus.inspect(notOne)).toThrow('observer is 5. Give it a function.');
    await bus.close();
    expect(() => bus.use((_, next) => next())).toThrow('use needs an open bus');
  });
});
