import { describe, expect, it } from 'vitest';
import { createEventBus, InvalidOptionError } from '../../index.js';

const schema = (validate: (value: number) => unknown) => ({
  '~standard': { version: 1, vendor: 'a test', validate: validate as (value: unknown) => never },
});

describe('an asynchronous schema', () => {
  it('G5 has the event carry what it makes of the data', async () => {
    const bus = createEventBus({ schemas: { a: schema(async (value) => ({ value: value + 1 })) as never } });
    const seen: unknown[] = [];
    bus.on('a', (event) => seen.push(event.data));
    const { event } = await bus.emit('a', 1);
    expect(seen).toEqual([2]);
    expect(event.data).toBe(2);
  });

  it('G5 that fails itself is a failure of the schema', async () => {
    const stages: string[] = [];
    const bus = createEventBus({
      schemas: { a: schema(() => Promise.reject(new Error('no'))) as never },
      onError: ({ stage }) => stages.push(stage),
    });
    const { status, failures } = await bus.emit('a', 1);
    expect(status).toBe('vetoed');
    expect(failures.map(({ stage }) => stage)).toEqual(['schema']);
    expect(stages).toEqual(['schema']);
  });
});

describe('a limit that cannot be used', () => {
  it.each([
    [{ maxSize: -1 }, 'a whole number, 0 or more, or Infinity'],
    [{ concurrency: 0 }, 'a whole number, 1 or more, or Infinity'],
    [{ overflow: 'wait' as 'reject' }, '"reject", "dropOldest" or "dropNewest"'],
  ])('Q1 is refused with what it may be: %j', (queue, may) => {
    expect(() => createEventBus({ queue })).toThrow(InvalidOptionError);
    expect(() => createEventBus({ queue })).toThrow(`Give it ${may}.`);
  });

  it('F2 is refused when it is no time', () => {
    const bus = createEventBus();
    expect(() => bus.on('a', () => {}, { timeoutMs: -1 })).toThrow('Give it a number of milliseconds, 0 or more');
  });
});
