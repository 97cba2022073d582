import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type BusEvent,
  type BusOptions,
  createEventBus,
  type Delivery,
  type EmitResult,
  type Subscription,
} from '../../index.js';
import { type Deferred, deferred, reactions } from '../deferred.test.kit.js';
import {
  type Action,
  limits,
  type Outcome,
  type Program,
  ReferenceBus,
  type Spec,
  type Step,
} from './reference.test.model.js';

/** Data of an event in a program. */
interface Note {
  readonly n: number;
  readonly depth: number;
}

interface Call {
  readonly event: BusEvent<string, Note>;
  readonly delivery: Delivery;
  readonly off: Subscription;
}

/** A program at work on a real bus. */
class RealBus {
  readonly #bus;
  readonly #specs: readonly Spec[];
  readonly #events: BusEvent[] = [];
  readonly #results: (EmitResult | undefined)[] = [];
  readonly #subscriptions: Subscription[] = [];
  readonly #trace: string[] = [];
  readonly #gates: Deferred<void>[] = [];

  constructor(specs: readonly Spec[], options: BusOptions, observed: boolean) {
    this.#specs = specs;
    this.#bus = createEventBus<Record<string, Note>>({ ...options, onError: () => {} });
    if (observed) this.#bus.inspect(() => {});
  }

  async take(step: Step): Promise<void> {
    if (step.do === 'open') {
      for (const at of step.gates) this.#gates.splice(at % (this.#gates.length || 1), 1)[0]?.resolve();
    } else {
      try {
        this.#act([step], undefined);
      } catch {}
    }
    await reactions();
  }

  outcome(): Outcome {
    const root = new Map(this.#events.map(({ id }, n) => [id, n]));
    return {
      trace: this.#trace.splice(0),
      results: this.#events.map(({ correlationId }, n) => {
        const result = this.#results[n];
        if (result === undefined) return 'open';
        const failures = result.failures.map(({ stage, handler }) => `${stage} ${handler.name}`);
        const { status, delivered, cancelledBy } = result;
        return `${status} ${delivered} [${failures}] by ${cancelledBy?.name} from ${root.get(correlationId)}`;
      }),
      subscriptions: this.#subscriptions.map(({ active, paused }) => (!active ? 'gone' : paused ? 'paused' : 'live')),
    };
  }

  #act(actions: readonly Action[], call: Call | undefined): void {
    for (const action of actions) {
      if (action.do === 'emit') this.#emit(action.type, action.priority, call);
      else if (action.do === 'subscribe') this.#subscribe(action.spec);
      else if (action.do === 'unsubscribe') this.#subscriptionAt(action.at)?.();
      else if (action.do === 'pause') this.#subscriptionAt(action.at)?.pause();
      else if (action.do === 'resume') this.#subscriptionAt(action.at)?.resume();
      else if (action.do === 'cancelOther') this.#events[action.at % (this.#events.length || 1)]?.cancel();
      else if (action.do === 'off') this.#bus.off(action.pattern);
      else if (action.do === 'unsubscribeSelf') call?.off();
      else if (action.do === 'cancel') call?.event.cancel();
      else if (action.do === 'close') void this.#bus.close();
      else throw new Error('thrown by a program');
    }
  }

  #emit(type: string, priority: number, cause: Call | undefined): void {
    const n = this.#events.length;
    const depth = cause === undefined ? 0 : cause.event.data.depth + 1;
    if (n >= limits.events || depth > limits.depth) return;
    // Its handlers may emit before the emission is at hand: the place is taken first.
    const options = priority === 0 ? undefined : { priority };
    this.#events.push(undefined as never);
    this.#results.push(undefined);
    try {
      const emission =
        cause === undefined
          ? this.#bus.emit(type, { n, depth }, options)
          : cause.delivery.emit(type, { n, depth }, options);
      this.#events[n] = emission.event;
      void emission.then((result) => {
        this.#results[n] = result;
      });
    } catch (error) {
      this.#events.pop();
      this.#results.pop();
      throw error;
    }
  }

  #subscribe(at: number): void {
    const spec = this.#specs[at % this.#specs.length];
    const n = this.#subscriptions.length;
    if (spec === undefined || n >= limits.subscriptions) return;
    const { patterns, priority, once, filter, actions, ending } = spec;
    const judge = (event: BusEvent<string, Note>): boolean => {
      this.#trace.push(`filter ${n} of ${event.data.n}`);
      if (filter === 'throw') throw new Error('thrown by a filter');
      if (filter === 'cancel') event.cancel();
      if (filter === 'unsubscribe') off();
      return filter === 'even' ? event.data.n % 2 === 0 : filter !== 'refuse';
    };
    const start = (event: BusEvent<string, Note>, delivery: Delivery): Call => {
      this.#trace.push(`handler ${n} of ${event.data.n}`);
      // `cancelOther` may mean an event whose emit has not returned.
      this.#events[event.data.n] = event;
      const call = { event, delivery, off };
      return call;
    };
    const handler = (event: BusEvent<string, Note>, delivery: Delivery): unknown => {
      if (ending.as === 'promise') return handleLater(event, delivery);
      this.#act(actions, start(event, delivery));
      if (ending.as === 'value') return undefined;
      const then = (ok: () => void, failed: (error: unknown) => void): void => (ending.ok ? ok() : failed(undefined));
      return Object.defineProperty({}, 'then', { value: then });
    };
    const handleLater = async (event: BusEvent<string, Note>, delivery: Delivery): Promise<void> => {
      if (ending.as !== 'promise') return;
      const call = start(event, delivery);
      this.#act(actions, call);
      if (ending.gate) {
        const gate = deferred();
        this.#gates.push(gate);
        await gate.promise;
      }
      for (let turn = 0; turn < ending.turns; turn++) await undefined;
      this.#trace.push(`late ${n} of ${event.data.n}`);
      this.#act(ending.late, call);
    };
    const pattern = patterns.length === 1 ? (patterns[0] as string) : patterns;
    const options = { name: String(n), ...(priority === 0 ? {} : { priority }), ...(once ? { once } : {}) };
    const off = this.#bus.on(
      pattern,
      handler as () => unknown,
      filter === 'none' ? options : { ...options, filter: judge },
    );
    this.#subscriptions.push(off);
  }

  #subscriptionAt(at: number): Subscription | undefined {
    return this.#subscriptions[at % (this.#subscriptions.length || 1)];
  }
}

const small = fc.nat(15);
const type = fc.constantFrom('a', 'a', 'b', 'a.b', 'a.b.c');
const pattern = fc.oneof(type, fc.constantFrom('*', '**', 'a.**', 'a.**', '**.a', 'a.*', '*.b', '**.c', 'a.*.c'));
const emit = fc.record({ do: fc.constant('emit' as const), type, priority: fc.constantFrom(0, 0, 0, 1, -1, 2) });
const subscribe = fc.record({ do: fc.constant('subscribe' as const), spec: small });

const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 8, arbitrary: emit },
  { weight: 3, arbitrary: subscribe },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constantFrom('unsubscribe' as const, 'pause' as const, 'resume' as const, 'cancelOther' as const),
      at: small,
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('off' as const), pattern }) },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constantFrom('unsubscribeSelf' as const, 'cancel' as const, 'throw' as const) }),
  },
);
const actions = fc.array(action, { maxLength: 3 });

const spec: fc.Arbitrary<Spec> = fc.record({
  patterns: fc.oneof(
    { weight: 4, arbitrary: pattern.map((one) => [one]) },
    { weight: 1, arbitrary: fc.array(pattern, { minLength: 2, maxLength: 3 }) },
  ),
  priority: fc.constantFrom(0, 0, 1, -1),
  once: fc.constantFrom(false, false, false, true),
  filter: fc.oneof(
    { weight: 6, arbitrary: fc.constant('none' as const) },
    { weight: 2, arbitrary: fc.constant('even' as const) },
    {
      weight: 1,
      arbitrary: fc.constantFrom('refuse' as const, 'throw' as const, 'cancel' as const, 'unsubscribe' as const),
    },
  ),
  actions,
  ending: fc.oneof(
    { weight: 5, arbitrary: fc.constant({ as: 'value' as const }) },
    {
      weight: 5,
      arbitrary: fc.record({
        as: fc.constant('promise' as const),
        gate: fc.boolean(),
        turns: fc.nat(2),
        late: actions,
      }),
    },
    { weight: 1, arbitrary: fc.record({ as: fc.constant('thenable' as const), ok: fc.boolean() }) },
  ),
});

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 20, arbitrary: emit },
  {
    weight: 12,
    arbitrary: fc.record({ do: fc.constant('open' as const), gates: fc.array(small, { minLength: 1, maxLength: 3 }) }),
  },
  { weight: 6, arbitrary: action },
  { weight: 1, arbitrary: fc.constant({ do: 'close' as const }) },
);

const program: fc.Arbitrary<Program> = fc.record({
  specs: fc.array(spec, { minLength: 1, maxLength: 6 }),
  steps: fc
    .tuple(
      fc.array(subscribe, { minLength: 3, maxLength: 7, size: 'max' }),
      fc.array(step, { minLength: 3, maxLength: 10, size: 'max' }),
    )
    .map(([first, then]) => [...first, ...then]),
});

/** Runs a program on a bus and on the model, and compares them after every step, until nothing waits any more. */
async function compare({ specs, steps }: Program, options: BusOptions, observed: boolean): Promise<void> {
  const [real, model] = [new RealBus(specs, options, observed), new ReferenceBus(specs)];
  const take = async (next: Step): Promise<void> => {
    model.take(next);
    await real.take(next);
    const [actual, expected] = [real.outcome(), model.outcome()];
    // Comparing text is ten times quicker; a difference is shown properly.
    if (JSON.stringify(actual) !== JSON.stringify(expected)) expect(actual).toEqual(expected);
  };
  for (const next of steps) await take(next);
  while (model.waiting > 0) await take({ do: 'open', gates: [0] });
}

describe('a bus', () => {
  it('D1, D3, D4, D5, D6, D8, D9: does what the rules say, whatever is done to it', async () => {
    await fc.assert(
      fc.asyncProperty(program, (one) => compare(one, {}, false)),
      { numRuns: 5000 },
    );
  }, 60_000);

  it('D1, D3, D4, D5, D6, D8, D9: does the same when it is watched, and when it freezes its events', async () => {
    await fc.assert(
      fc.asyncProperty(program, fc.boolean(), (one, freeze) => compare(one, { freeze }, !freeze)),
      { numRuns: 1500 },
    );
  }, 60_000);
});
