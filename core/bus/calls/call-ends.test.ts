import { afterEach, describe, expect, it } from 'vitest';
import {
  type BusOptions,
  createEventBus,
  type EventBus,
  type Failure,
  NoResponderError,
  RequestTimeoutError,
} from '../../index.js';
import { Wire } from '../border/wire.test.fixture.js';
import { deferred } from '../deferred.test.kit.js';

const open: EventBus[] = [];
afterEach(async () => {
  for (const bus of open.splice(0)) await bus.close({ timeoutMs: 0 });
});

/** Two nodes on one wire; the second may answer. */
function nodes(options: BusOptions = {}) {
  const wire = new Wire();
  const asking = createEventBus({ ...options, transports: [wire.transport()] });
  const answering = createEventBus({ transports: [wire.transport()] });
  open.push(asking, answering);
  return { wire, asking, answering };
}

describe('a request that another node could answer', () => {
  it('R2 rejects at once when its event is vetoed here', async () => {
    const { asking } = nodes();
    asking.use(() => {}, { name: 'guard' });
    const answer = asking.request('a', 0, { timeoutMs: Number.POSITIVE_INFINITY });
    await expect(answer).rejects.toThrow(NoResponderError);
    await expect(answer).rejects.toThrow('"guard" vetoed it');
  });

  it('R2 rejects at once when there is no room for its event', async () => {
    const { asking } = nodes({ queue: { concurrency: 1, maxSize: 1, overflow: 'dropNewest' } });
    const gate = deferred();
    asking.on('busy', () => gate.promise);
    asking.emit('busy');
    asking.emit('waits');
    const answer = asking.request('a', 0, { timeoutMs: Number.POSITIVE_INFINITY });
    await expect(answer).rejects.toThrow(NoResponderError);
    await expect(answer).rejects.toThrow('it was dropped');
    gate.resolve();
  });

  it('R5 is not disturbed by an answer that comes when it is over', async () => {
    const failures: Failure[] = [];
    const { asking, answering, wire } = nodes({ onError: (failure) => failures.push(failure) });
    const gate = deferred<string>();
    answering.respond('a', () => gate.promise);
    await expect(asking.request('a', 0, { timeoutMs: 1 })).rejects.toThrow(RequestTimeoutError);
    const sent = wire.messages.length;
    gate.resolve('late');
    await expect.poll(() => wire.messages.length).toBeGreaterThan(sent);
    answering.respond('b', () => 'in time');
    expect(await asking.request('b')).toBe('in time');
    expect(failures).toEqual([]);
  });
});

describe('a call', () => {
  it('D10 names the option that cannot be used', () => {
    const bus = createEventBus();
    expect(() => bus.request('a', 0, { timeoutMs: -1 })).toThrow('timeoutMs is -1.');
    expect(() => bus.waitFor('a', { timeoutMs: -1 })).toThrow('timeoutMs is -1.');
  });

  it('G8 names what the bus was closed to', async () => {
    const bus = createEventBus();
    bus.respond('a', () => new Promise(() => {}));
    const answer = bus.request('a');
    const closed = bus.close({ timeoutMs: 0 });
    await expect(answer).rejects.toThrow('request needs an open bus');
    await closed;
    expect(() => bus.waitFor('a')).toThrow('waitFor needs an open bus');
  });
});
