import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EventStore, OnOptions, Subscription } from '../../index.js';
import { memoryStore } from '../../stores/memory.js';
import { createTestEventBus, SimulatedClock, type TestEventBus } from '../../testing/index.js';
import { deferred } from '../deferred.test.kit.js';
import { NodeStore } from './node-store.test.kit.js';

type Act = 'freeze' | 'thaw' | 'crash' | 'close' | 'begin' | 'pause' | 'resume';
type Emit = { readonly do: 'emit'; readonly node: number; readonly type: 'job' | 'else'; readonly count: number };
type End = { readonly do: 'open' | 'fail'; readonly gate: number };
type Advance = { readonly do: 'advance'; readonly ms: number };
type ActStep = { readonly do: Act; readonly node: number };
/** What happens, one after the other; a node is one of three, a gate one of the handlers that wait. */
type Step = Emit | End | Advance | ActStep;

const node = fc.integer({ min: 0, max: 2 });
const gate = fc.integer({ min: 0, max: 4 });
const emit: fc.Arbitrary<Emit> = fc.record({
  do: fc.constant('emit'),
  node,
  type: fc.constantFrom('job', 'job', 'else'),
  count: fc.integer({ min: 1, max: 4 }),
});
const end: fc.Arbitrary<End> = fc.record({ do: fc.constantFrom('open', 'open', 'fail'), gate });
const advance: fc.Arbitrary<Advance> = fc.record({ do: fc.constant('advance'), ms: fc.constantFrom(10, 1000, 3000) });

function programs(...acts: readonly Act[]): fc.Arbitrary<readonly Step[]> {
  const act: fc.Arbitrary<ActStep> = fc.record({ do: fc.constantFrom(...acts), node });
  const step: fc.Arbitrary<Step> = fc.oneof(
    { weight: 5, arbitrary: emit },
    { weight: 5, arbitrary: end },
    { weight: 2, arbitrary: advance },
    { weight: 3, arbitrary: act },
  );
  return fc.array(step, { minLength: 5, maxLength: 40 });
}

interface Handling {
  readonly n: number;
  readonly node: number;
  /** Counts the nodes that were begun anew. */
  readonly life: number;
}

/** Three places for nodes on one log, and what their handlers have done. */
class World {
  readonly log: EventStore = memoryStore({ shared: true });
  readonly options: OnOptions;
  readonly nodes: (
    | { bus: TestEventBus; clock: SimulatedClock; way: NodeStore; off: Subscription; life: number; frozen: boolean }
    | undefined
  )[] = [undefined, undefined, undefined];
  /** By data: what was stored, in order. */
  readonly stored: number[] = [];
  readonly begun: Handling[] = [];
  readonly settled = new Set<number>();
  readonly gates: { readonly open: () => void; readonly fail: () => void }[] = [];
  #made = 0;
  #lives = 0;
  #isOver = false;

  constructor(options: OnOptions) {
    this.options = options;
  }

  begin(at: number): void {
    if (this.nodes[at] !== undefined) return;
    const clock = new SimulatedClock();
    const way = new NodeStore(this.log);
    const bus = createTestEventBus({ store: way.store, clock });
    const life = ++this.#lives;
    const off = bus.on(
      'job',
      ({ data }) => {
        const n = data as number;
        this.begun.push({ n, node: at, life });
        if (this.#isOver) return void this.settled.add(n);
        const end = deferred<void>();
        this.gates.push({
          open: () => {
            if (this.nodes[at]?.life === life) this.settled.add(n);
            end.resolve();
          },
          fail: () => {
            if (this.nodes[at]?.life === life) this.settled.add(n);
            end.reject(new Error('no'));
          },
        });
        return end.promise;
      },
      { ...this.options, from: 'all' },
    );
    this.nodes[at] = { bus, clock, way, off, life, frozen: false };
  }

  async take(step: Step): Promise<void> {
    if (step.do === 'advance') {
      for (let left = step.ms; left > 0; left -= 500) await this.#elapse(Math.min(left, 500));
    } else if ('gate' in step) {
      const [ended] = this.gates.splice(step.gate % Math.max(1, this.gates.length), 1);
      ended?.[step.do]();
    } else if (step.do === 'begin') this.begin(step.node);
    else await this.#act(step);
    await this.#elapse(0);
  }

  async #act(step: Emit | ActStep): Promise<void> {
    const one = this.nodes[step.node];
    if (one === undefined) return;
    switch (step.do) {
      case 'emit':
        if (one.frozen) return;
        for (let i = 0; i < step.count; i++) {
          const n = ++this.#made;
          one.bus.emit(step.type, n);
          if (step.type === 'job') this.stored.push(n);
        }
        await one.clock.advance(0);
        return;
      case 'freeze':
        one.frozen = true;
        one.way.freeze();
        return;
      case 'thaw':
        one.frozen = false;
        one.way.thaw();
        return;
      case 'crash':
        one.way.crash();
        this.nodes[step.node] = undefined;
        return;
      case 'close': {
        if (one.frozen) return;
        const closed = one.bus.close({ timeoutMs: 10 });
        await one.clock.advance(10);
        await closed;
        this.nodes[step.node] = undefined;
        return;
      }
      case 'pause':
        one.off.pause();
        return;
      case 'resume':
        one.off.resume();
    }
  }

  async #elapse(ms: number): Promise<void> {
    for (const one of this.nodes) if (one?.frozen === false) await one.clock.advance(ms);
    for (const one of this.nodes) if (one?.frozen === false) await one.clock.advance(0);
  }

  /** The rule that nothing may ever break: behind the cursor everything is settled. */
  async checkCursor(): Promise<void> {
    const offset = (await this.log.cursors?.get('work'))?.offset ?? 0;
    const passed: number[] = [];
    for await (const stored of this.log.read({ pattern: 'job' })) {
      if (stored.offset <= offset) passed.push(stored.record.data as number);
    }
    expect(passed.filter((n) => !this.settled.has(n))).toEqual([]);
  }

  /** Lets everybody live, and everything end. */
  async finish(): Promise<void> {
    this.#isOver = true;
    for (const at of [0, 1, 2]) {
      const one = this.nodes[at];
      if (one === undefined) this.begin(at);
      else {
        one.frozen = false;
        one.way.thaw();
        one.off.resume();
      }
    }
    for (let i = 0; i < 60 && !(await this.#isDone()); i++) {
      for (const { open } of this.gates.splice(0)) open();
      await this.#elapse(500);
    }
  }

  async #isDone(): Promise<boolean> {
    let last = 0;
    for await (const { offset } of this.log.read({ pattern: 'job', order: 'desc', limit: 1 })) last = offset;
    return ((await this.log.cursors?.get('work'))?.offset ?? 0) >= last;
  }

  async close(): Promise<void> {
    const closed = Promise.all(this.nodes.map((one) => one?.bus.close({ timeoutMs: 10 })));
    await this.#elapse(10);
    await closed;
  }
}

async function play(options: OnOptions, program: readonly Step[]): Promise<World> {
  const world = new World(options);
  world.begin(0);
  world.begin(1);
  for (const step of program) {
    await world.take(step);
    await world.checkCursor();
  }
  await world.finish();
  await world.checkCursor();
  await world.close();
  return world;
}

const handled = ({ begun }: World): number[] => [...new Set(begun.map(({ n }) => n))];

describe('durable subscriptions, in any order of events, freezes, crashes and ends', () => {
  const runs = { numRuns: Number(process.env['CROSSTOWN_RUNS'] ?? 60) };

  it('S6 loses nothing, and has a cursor that never passes what is not settled', async () => {
    const concurrency = fc.constantFrom(1, 3);
    const program = programs('crash', 'close', 'begin', 'freeze', 'thaw', 'pause', 'resume');
    await fc.assert(
      fc.asyncProperty(program, concurrency, async (all, calls) => {
        const world = await play({ durable: 'work', concurrency: calls }, all);
        expect(handled(world).sort((a, b) => a - b)).toEqual(world.stored.slice().sort((a, b) => a - b));
      }),
      runs,
    );
  }, 120_000);

  it('S7 loses nothing in a group either, and begins with no event before those before it', async () => {
    const program = programs('crash', 'close', 'begin', 'freeze', 'thaw', 'pause', 'resume');
    await fc.assert(
      fc.asyncProperty(program, async (all) => {
        const world = await play({ group: 'work', leaseMs: 2000 }, all);
        const order: number[] = [];
        for await (const { record } of world.log.read({ pattern: 'job' })) order.push(record.data as number);
        expect(handled(world)).toEqual(order);
      }),
      runs,
    );
  }, 120_000);

  it('S7 has each event handled once where nobody freezes or crashes', async () => {
    const program = programs('begin', 'pause', 'resume');
    await fc.assert(
      fc.asyncProperty(program, async (all) => {
        const world = await play({ group: 'work' }, all);
        expect(world.begun.map(({ n }) => n)).toEqual(handled(world));
      }),
      runs,
    );
  }, 120_000);
});
