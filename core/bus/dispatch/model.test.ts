import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BusOptions } from '../../index.js';
import type { Program, Step } from './model/program.test.model.js';
import { type Features, programs } from './model/programs.test.kit.js';
import { RealBus } from './model/real-bus.test.kit.js';
import { ReferenceBus } from './model/reference-bus.test.model.js';

/** Longer than anything in a program takes. */
const LONG_MS = 20_000;

/** Runs a program on a bus and on the model, and compares them after every step, until nothing waits any more. */
async function compare({ specs, limits, steps }: Program, options: BusOptions = {}, observed = false): Promise<void> {
  const [real, model] = [new RealBus(specs, limits, options), new ReferenceBus(specs, limits)];
  if (observed) real.observe();
  const take = async (next: Step): Promise<void> => {
    model.take(next);
    await real.take(next);
    const [actual, expected] = [await real.outcome(), model.outcome()];
    // Comparing text is ten times quicker; a difference is shown properly.
    if (canonical(actual) !== canonical(expected)) expect(actual).toEqual(expected);
  };
  for (const next of steps) await take(next);
  while (model.gates + model.timers > 0) {
    await take(model.gates > 0 ? { do: 'open', gates: [0] } : { do: 'advance', ms: LONG_MS });
  }
}

function canonical(outcome: { readonly stats: Readonly<Record<string, number>> }): string {
  return JSON.stringify({ ...outcome, stats: Object.entries(outcome.stats).sort() });
}

async function hold(features: Features, numRuns: number): Promise<void> {
  await fc.assert(
    fc.asyncProperty(programs(features), (program) => compare(program)),
    { numRuns },
  );
}

describe('a bus', () => {
  it('D1, D3, D4, D5, D6, D8, D9: does what the rules say, whatever is done to it', async () => {
    await hold({}, 1500);
  }, 60_000);

  it('D1, D3, D4, D5, D6, D8, D9: does the same when it is watched, and when it freezes its events', async () => {
    await fc.assert(
      fc.asyncProperty(programs({}), fc.boolean(), (one, freeze) => compare(one, { freeze }, !freeze)),
      { numRuns: 600 },
    );
  }, 60_000);

  it('F1, F2, F3, F4: retries, times out and keeps what failed as the rules say', async () => {
    await hold({ failures: true }, 1000);
  }, 60_000);

  it('Q2: calls a handler as often at a time as it asked for, and others wait in line', async () => {
    await hold({ lines: true, failures: true }, 1000);
  }, 60_000);

  it('Q1, Q3: limits what waits and what is in flight, and handles nothing too late', async () => {
    await hold({ limits: true }, 1000);
  }, 60_000);

  it('Q4: ends chains that are too long', async () => {
    await hold({ chains: true, failures: true }, 500);
  }, 60_000);

  it('R1, R2, R3, R5, R6, R7: answers requests, waits and streams', async () => {
    await hold({ calls: true }, 1000);
  }, 60_000);

  it('D6, G8: does all of it at once, and ends all of it', async () => {
    await hold({ failures: true, lines: true, limits: true, calls: true }, 1400);
  }, 60_000);
});
