import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BusEvent, EventStore } from '../index.js';
import { memoryStore } from '../stores/memory.js';
import { createTestEventBus, SimulatedClock, type TestEventBus } from '../testing/index.js';
import { DoomedStore } from './saga/doomed-store.test.kit.js';
import { defineSaga, type Saga, type SagaStep } from './saga.js';

type Outcome = 'ok' | 'fail' | 'silent';
/** By command, `a` or `a:undo`: what comes of its attempts, all later ones being `ok`. */
type Script = Readonly<Record<string, readonly Outcome[]>>;
const STAGES = [['a'], ['b', 'c'], ['d']] as const;
const NAMES = STAGES.flat();
const TRIES = 2;

const step = (name: string): SagaStep<Record<string, unknown>> => ({
  name,
  send: () => ({ type: `${name}.do` }),
  completedOn: `${name}.done`,
  failedOn: `${name}.failed`,
  timeoutMs: 10_000,
  retry: { attempts: TRIES, delayMs: 100, jitter: 0 },
  compensate: () => ({ type: `${name}.undo` }),
  compensatedOn: `${name}.undone`,
  compensationFailedOn: `${name}.stays`,
  compensationTimeoutMs: 10_000,
  compensationRetry: { attempts: TRIES, delayMs: 100, jitter: 0 },
});

const define = (): Saga =>
  defineSaga({
    name: 'trip',
    startOn: 'trip.booked',
    steps: STAGES.map((stage) => (stage.length === 1 ? step(stage[0]) : stage.map(step))),
    completed: () => ({ type: 'trip.made' }),
    failed: () => ({ type: 'trip.off' }),
  });

/** What should come of it, said without any thought of crashes: whether it is made, and what each step surely is. */
function expected(script: Script): { readonly state: string; readonly done: ReadonlySet<string> } {
  const done = new Set<string>();
  for (const stage of STAGES) {
    const works = (name: string, tries: number): boolean =>
      (script[name] ?? []).slice(0, tries).length < tries || (script[name] ?? []).slice(0, tries).includes('ok');
    const isThrough = stage.every((name) => works(name, TRIES));
    for (const name of stage) if (works(name, isThrough ? TRIES : 1)) done.add(name);
    if (!isThrough) return { state: 'failed', done };
  }
  return { state: 'completed', done };
}

interface Node {
  readonly bus: TestEventBus;
  readonly clock: SimulatedClock;
  readonly way: DoomedStore;
  readonly saga: Saga;
}

/** Nodes that crash, on a log that stays, and receivers that answer by script, each key once. */
class World {
  readonly log: EventStore = memoryStore({ shared: true });
  readonly scripts: readonly Script[];
  readonly crashes: number[];
  readonly nodes: Node[] = [];
  readonly ids: string[] = [];
  readonly clock = new SimulatedClock();
  readonly receiver = createTestEventBus({ store: this.log, clock: this.clock });
  readonly #answered = new Set<string>();
  #wanted: number;

  constructor(scripts: readonly Script[], crashes: readonly number[], nodes: number) {
    this.scripts = scripts;
    this.crashes = [...crashes];
    this.#wanted = nodes;
    this.receiver.on(['*.do', '*.undo'], (event, { emit }) => this.#answer(event, emit), { durable: 'r', from: 'all' });
  }

  /** Lets time go by, brings nodes up in place of those that have crashed, and retries dead letters, till all is over. */
  async toEnd(): Promise<void> {
    // Somebody was there once: a saga is not told of what was before it.
    this.#begin(Number.POSITIVE_INFINITY);
    await this.#elapse(0);
    for (const { way } of this.nodes) way.crash();
    await this.#bringUp();
    await this.#elapse(0);
    for (const n of this.scripts.keys()) this.ids.push(this.receiver.emit('trip.booked', n).event.id);
    for (let i = 0; i < 400; i++) {
      await this.#elapse(i % 10 === 9 ? 10_000 : 500);
      await this.#bringUp();
      if (this.crashes.length > 0) continue;
      const states = await this.states();
      if (states.length === this.ids.length && states.every((state) => state === 'completed' || state === 'failed')) {
        for (const { way } of this.nodes) way.spare();
        return;
      }
      if (states.includes('stuck')) for (const { id } of await this.receiver.deadLetters.list()) await this.#retry(id);
    }
    throw new Error(`It does not end: ${JSON.stringify(await this.nodes[0]?.saga.instances(), null, 1)}`);
  }

  async states(): Promise<readonly string[]> {
    const listing = this.nodes[0]?.saga.instances();
    await this.#elapse(0);
    if (this.nodes[0]?.way.isCrashed !== false) return [];
    return ((await listing) ?? []).map(({ state }) => state);
  }

  async #retry(letter: string): Promise<void> {
    void this.nodes[0]?.bus.deadLetters.retry(letter).catch(() => {});
    await this.#elapse(0);
  }

  async #bringUp(): Promise<void> {
    for (const [i, node] of this.nodes.entries()) if (node.way.isCrashed) this.nodes.splice(i, 1);
    while (this.nodes.length < this.#wanted) this.#begin(this.crashes.shift() ?? Number.POSITIVE_INFINITY);
  }

  #begin(points: number): void {
    const way = new DoomedStore(this.log, points);
    const clock = new SimulatedClock({ startAt: this.clock.precise() });
    const bus = createTestEventBus({ store: way.store, clock });
    const saga = define();
    void bus.install(saga).catch(() => {});
    this.nodes.push({ bus, clock, way, saga });
  }

  async #elapse(ms: number): Promise<void> {
    for (let left = ms; left >= 0; left -= 500) {
      const now = Math.min(left, 500);
      await this.clock.advance(now);
      for (const { clock, way } of this.nodes) if (!way.isCrashed) await clock.advance(now);
      if (left === 0) return;
    }
  }

  #answer(event: BusEvent, emit: (type: string) => unknown): void {
    const key = String(event.metadata['idempotencyKey']);
    if (this.#answered.has(key)) return;
    this.#answered.add(key);
    const [, id = '', name = '', ...rest] = key.split(':');
    const undo = rest.length === 2;
    const script = this.scripts[this.ids.indexOf(id)] ?? {};
    const outcome = script[undo ? `${name}:undo` : name]?.[Number(rest.at(-1)) - 1] ?? 'ok';
    if (outcome === 'silent') return;
    const [good, bad] = undo ? ['undone', 'stays'] : ['done', 'failed'];
    emit(`${name}.${outcome === 'ok' ? good : bad}`);
  }
}

/** What is in the log of one instance, in order. */
async function story(world: World, id: string): Promise<readonly { type: string; key: string; step: string }[]> {
  const found = [];
  for await (const { event } of world.receiver.history({ correlationId: id })) {
    const key = String(event.metadata['idempotencyKey'] ?? (event.data as { key?: string } | undefined)?.key ?? '');
    found.push({ type: event.type, key, step: (event.data as { step?: string } | undefined)?.step ?? '' });
  }
  return found;
}

async function check(scripts: readonly Script[], crashes: readonly number[], nodes: number): Promise<number> {
  const world = new World(scripts, crashes, nodes);
  await world.toEnd();
  const instances = (await world.nodes[0]?.saga.instances()) ?? [];
  for (const [n, script] of scripts.entries()) {
    const id = world.ids[n] as string;
    const instance = instances.find((one) => one.id === id);
    const events = await story(world, id);
    const at = (type: string, stepName = ''): number =>
      events.findIndex((one) => one.type === type && (stepName === '' || one.step === stepName));
    const keys = (type: string): readonly string[] => events.flatMap((one) => (one.type === type ? [one.key] : []));
    const { state, done } = expected(script);
    expect(instance?.state).toBe(state);
    expect(keys(state === 'completed' ? 'trip.made' : 'trip.off').length).toBeGreaterThan(0);
    expect(keys(state === 'completed' ? 'trip.off' : 'trip.made')).toEqual([]);
    const completed = NAMES.filter((name) => at('saga.trip.step.completed', name) >= 0);
    expect(completed).toEqual(expect.arrayContaining([...done]));
    // Taken back is what was completed, and nothing else, the last first.
    const byCompletion = completed.toSorted(
      (a, b) => at('saga.trip.step.completed', a) - at('saga.trip.step.completed', b),
    );
    const undone = NAMES.filter((name) => at(`${name}.undo`) >= 0).sort((a, b) => at(`${a}.undo`) - at(`${b}.undo`));
    expect(undone).toEqual(state === 'completed' ? [] : byCompletion.toReversed());
    for (const name of undone) expect(at('saga.trip.step.completed', name)).toBeLessThan(at(`${name}.undo`));
    // No step before all of the stage before it.
    for (const [i, stage] of STAGES.entries()) {
      for (const name of stage) {
        if (at(`${name}.do`) < 0) continue;
        for (const before of STAGES[i - 1] ?? []) {
          expect(at(`${before}.done`)).toBeGreaterThan(0);
          expect(at('saga.trip.step.completed', before)).toBeLessThan(at(`${name}.do`));
        }
      }
    }
    // Every attempt is there, in order, under one key however often it was sent, and none was said that was not sent.
    for (const name of NAMES) {
      for (const [type, stem] of [
        [`${name}.do`, name],
        [`${name}.undo`, `${name}:undo`],
      ] as const) {
        const tries = [...new Set(keys(type))];
        expect(tries).toEqual(tries.map((_, i) => `trip:${id}:${stem}:${i + 1}`));
        if (crashes.length === 0) expect(keys(type)).toHaveLength(tries.length);
        const outcomes = tries.map((_, i) => script[stem]?.[i] ?? 'ok');
        expect(outcomes.slice(0, -1)).not.toContain('ok');
      }
    }
    for (const [i, { type, key }] of events.entries()) {
      if (type === 'saga.trip.step.sent') expect(events.slice(0, i).some((one) => one.key === key)).toBe(true);
    }
  }
  // Whoever reads the log anew sees the same.
  const reader = createTestEventBus({ store: world.log, clock: world.clock });
  const anew = define();
  await reader.install(anew);
  expect(await anew.instances()).toEqual(instances);
  return world.nodes.length;
}

const outcome = fc.constantFrom<Outcome>('ok', 'ok', 'fail', 'silent');
const attempts = fc.array(outcome, { maxLength: 2 });
const script: fc.Arbitrary<Script> = fc.dictionary(
  fc.constantFrom(...NAMES, ...NAMES.map((name) => `${name}:undo`)),
  attempts,
  { maxKeys: 5 },
);

describe('a saga whose nodes crash', () => {
  it.each<[string, Script]>([
    ['all goes well', {}],
    ['a step is tried again', { a: ['fail'], c: ['silent'] }],
    ['the last step fails', { d: ['fail', 'fail'] }],
    ['a compensation fails for good', { d: ['fail', 'fail'], 'a:undo': ['fail', 'silent'] }],
  ])(
    'W1 ends as without a crash, wherever it comes, when %s',
    async (_, given) => {
      for (let points = 0; points < 260; points += 4) await check([given], [points], 1);
    },
    120_000,
  );

  it('W1 ends as a saga would that nothing can happen to, whatever fails and crashes', async () => {
    const program = fc.record({
      scripts: fc.array(script, { minLength: 1, maxLength: 2 }),
      crashes: fc.array(fc.integer({ min: 0, max: 150 }), { maxLength: 4 }),
      nodes: fc.integer({ min: 1, max: 2 }),
    });
    await fc.assert(
      fc.asyncProperty(program, async ({ scripts, crashes, nodes }) => void (await check(scripts, crashes, nodes))),
      { numRuns: 60 },
    );
  }, 120_000);
});
