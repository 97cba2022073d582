import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Codec, EventRecord, EventStore } from '../../index.js';
import { memoryStore } from '../../stores/memory.js';
import { createTestEventBus, SimulatedClock } from '../../testing/index.js';
import { MARKER, reversing, tells } from './codecs.test.fixture.js';
import { Wire } from './wire.test.fixture.js';

/** An event, what its way is like, and how long nothing happens after it. */
interface Step {
  readonly type: 'secret.kept' | 'secret.sent' | 'open.kept' | 'open.sent';
  /** How long the codec takes, each way; 0 is at once, without a promise. */
  readonly encodeMs: number;
  readonly decodeMs: number;
  readonly commitMs: number;
  readonly isRefused: boolean;
  /** -1 is none: the next event follows in the same tick. */
  readonly pauseMs: number;
}

const step: fc.Arbitrary<Step> = fc.record({
  type: fc.constantFrom('secret.kept', 'secret.sent', 'open.kept', 'open.sent'),
  encodeMs: fc.constantFrom(0, 0, 1, 5, 20),
  decodeMs: fc.constantFrom(0, 0, 1, 5, 20),
  commitMs: fc.constantFrom(0, 3, 10),
  isRefused: fc.constantFrom(false, false, false, false, true),
  pauseMs: fc.constantFrom(-1, -1, -1, 0, 2, 15),
});

interface Data {
  readonly n: number;
  readonly text: string;
}

/** A codec as slow as each step says, on a clock of the test. */
function codecOf(steps: readonly Step[], clock: SimulatedClock): Codec {
  const codec = reversing();
  const after = (ms: number, made: () => EventRecord): EventRecord | Promise<EventRecord> =>
    ms === 0 ? made() : new Promise<void>((resolve) => clock.setTimeout(resolve, ms)).then(made);
  return reversing({
    encode: (record) => {
      const { encodeMs, isRefused } = steps[(record.data as Data).n] as Step;
      return after(encodeMs, () => {
        if (isRefused) throw new TypeError(MARKER);
        return codec.encode(record) as EventRecord;
      });
    },
    decode: (record) => {
      const decoded = codec.decode(record) as EventRecord;
      return after((steps[(decoded.data as Data).n] as Step).decodeMs, () => decoded);
    },
  });
}

/** A store whose commits take as long as the first record of each says. */
function storeOf(steps: readonly Step[], clock: SimulatedClock): EventStore {
  const store = memoryStore({ shared: true });
  const append = store.append.bind(store);
  let appends = 0;
  return Object.assign(store, {
    append: async (records: readonly EventRecord[]) => {
      const refs = await append(records);
      const ms = steps[appends++ % steps.length]?.commitMs ?? 0;
      if (ms > 0) await new Promise<void>((resolve) => clock.setTimeout(resolve, ms));
      return refs;
    },
  });
}

async function run(steps: readonly Step[], eager: boolean, durability: 'relaxed' | 'strict'): Promise<void> {
  const clock = new SimulatedClock();
  const codecs = [codecOf(steps, clock)];
  const wires = [new Wire(), new Wire()];
  const store = storeOf(steps, clock);
  const transports = wires.map((wire) => wire.transport());
  const here = createTestEventBus({ clock, codecs, store, transports, persist: '*.kept', eager, durability });
  const there = wires.map((wire) => {
    const bus = createTestEventBus({ clock, codecs, transports: [wire.transport()] });
    const got: number[] = [];
    bus.on('**', ({ data }) => void got.push((data as Data).n));
    return { bus, got };
  });
  for (const [n, { type, pauseMs }] of steps.entries()) {
    here.emit(type, { n, text: MARKER } satisfies Data);
    if (pauseMs >= 0) await clock.advance(pauseMs);
  }
  await clock.advance(10_000);
  const left = steps.flatMap(({ type, isRefused }, n) => (isRefused && type.startsWith('secret') ? [] : [n]));
  const kept = left.filter((n) => steps[n]?.type.endsWith('kept'));
  const numbers = there.map(({ got }) => got);
  expect(numbers).toEqual([left, left]);
  for (const { events } of wires) expect(events.map(({ seq }) => seq)).toEqual(left.map((n) => n + 1));
  const stored: number[] = [];
  for await (const { record } of store.read()) stored.push((record.seq ?? 0) - 1);
  expect(stored).toEqual(kept);
  const secrets = wires.flatMap(({ events }) => events).filter(({ type }) => type.startsWith('secret'));
  expect(tells(secrets)).toBe(false);
  const closed = [here, ...there.map(({ bus }) => bus)].map((bus) => bus.close());
  await clock.advance(10_000);
  await Promise.all(closed);
  expect(clock.pending).toBe(0);
}

describe('a mix of events, whatever codecs and commits take', () => {
  it('G6 S2 T3 leaves in the order of emission on every link and into the store, and arrives in it', async () => {
    const steps = fc.array(step, { minLength: 1, maxLength: 25 });
    const durability = fc.constantFrom('relaxed', 'strict');
    await fc.assert(fc.asyncProperty(steps, fc.boolean(), durability, run), { numRuns: 100 });
  }, 60_000);
});
