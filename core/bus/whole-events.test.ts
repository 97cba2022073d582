import { describe, expect, it } from 'vitest';
import { createEventBus, NoResponderError } from '../index.js';
import { Wire } from './border/wire.test.fixture.js';

describe('a bus', () => {
  it('has a name, and says what it is', () => {
    expect(createEventBus().name).toBe('crosstown');
    expect(createEventBus({ name: 'shop' }).name).toBe('shop');
    expect(String(createEventBus())).toBe('[object EventBus]');
  });

  it('R1 takes no answer from handlers that are called once, waits and streams', async () => {
    const bus = createEventBus();
    bus.once('a', () => 'once');
    const waiting = bus.waitFor('a');
    const stream = bus.stream('a');
    await expect(bus.request('a')).rejects.toThrow(NoResponderError);
    expect((await waiting).type).toBe('a');
    expect((await stream.next()).value.type).toBe('a');
  });
});

describe('an event given whole', () => {
  it('E1 is of the source of its bus when it names none', () => {
    const bus = createEventBus({ source: 'shop' });
    expect(bus.emit({ type: 'a', data: 1 }).event.source).toBe('shop');
    expect(bus.emit({ type: 'a', data: 1, source: 'importer' }).event.source).toBe('importer');
  });

  it('T2 leaves the node like any other, unless it is local', async () => {
    const wire = new Wire();
    const bus = createEventBus({ transports: [wire.transport()] });
    const other = createEventBus({ transports: [wire.transport()] });
    const seen: unknown[] = [];
    other.on('**', (event) => seen.push(event.data));
    bus.emit({ type: 'a', data: 'stays', local: true });
    bus.emit({ type: 'a', data: 'goes' });
    bus.emit({ type: 'a', data: 'goes too', local: false });
    await bus.idle();
    await expect.poll(() => seen).toEqual(['goes', 'goes too']);
    await bus.close();
    await other.close();
  });
});
