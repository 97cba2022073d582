// biome-ignore-all lint/style/noRestrictedImports: programs are made by what tests are made by.

import fc from 'fast-check';
import type { Action, Limits, Program, Retry, Spec, Step } from './program.test.model.js';

/** What programs use beside plain emitting, handling and cancelling. */
export interface Features {
  /** Retries, time limits and dead letters. */
  readonly failures?: boolean;
  /** Limits on the calls of a subscription. */
  readonly lines?: boolean;
  /** Limits on the bus, and events that expire. */
  readonly limits?: boolean;
  /** A limit on how long chains are; their events follow from one another by being emitted, not by their `cause`. */
  readonly chains?: boolean;
  /** Requests, waits and streams. */
  readonly calls?: boolean;
}

const small = fc.nat(15);
const type = fc.constantFrom('a', 'a', 'b', 'a.b', 'a.b.c');
const pattern = fc.oneof(
  type,
  fc.constantFrom('*', '**', 'a.**', 'a.**', '**.a', 'a.*', '*.b', '**.c', 'a.*.c', 'error.occurred', 'error.*'),
);
const overflow = fc.constantFrom('reject' as const, 'dropOldest' as const, 'dropNewest' as const);

const retry: fc.Arbitrary<Retry> = fc.record({
  attempts: fc.integer({ min: 1, max: 3 }),
  delayMs: fc.constantFrom(0, 10, 40),
  factor: fc.constantFrom(1, 2),
  maxDelayMs: fc.constantFrom(15, 1000),
  slow: fc.boolean(),
});

/** One in so many, where the feature is wanted at all. */
function sometimes<T>(wanted: boolean | undefined, often: number, value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  const none = fc.constant(undefined);
  if (wanted !== true) return none;
  return fc.oneof({ weight: 10 - often, arbitrary: none }, { weight: often, arbitrary: value });
}

function emitsOf({ limits, chains }: Features): fc.Arbitrary<Action> {
  return fc.record({
    do: fc.constant('emit' as const),
    type,
    priority: fc.constantFrom(0, 0, 0, 1, -1, 2),
    ttlMs: sometimes(limits, 2, fc.constantFrom(0, 20, 2000)),
    via: fc.constantFrom(
      'delivery' as const,
      'delivery' as const,
      'bus' as const,
      chains ? ('bus' as const) : ('cause' as const),
    ),
  });
}

const subscribe = fc.record({ do: fc.constant('subscribe' as const), spec: small });

function actionOf(features: Features): fc.Arbitrary<Action> {
  const { calls, failures } = features;
  return fc.oneof(
    { weight: 8, arbitrary: emitsOf(features) },
    { weight: 3, arbitrary: subscribe },
    {
      weight: 3,
      arbitrary: fc.record({
        do: fc.constantFrom('unsubscribe' as const, 'pause' as const, 'resume' as const, 'cancelOther' as const),
        at: small,
      }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('drain' as const, 'abort' as const), at: small }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('off' as const), pattern }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('unsubscribeSelf' as const, 'cancel' as const) }) },
    {
      weight: failures ? 4 : 1,
      arbitrary: fc.record({ do: fc.constant('throw' as const), until: fc.constantFrom(2, 3, 9) }),
    },
    {
      weight: calls ? 4 : 0,
      arbitrary: fc.record({ do: fc.constant('request' as const), type, timeoutMs: fc.constantFrom(10, 30, 1000) }),
    },
    {
      weight: calls ? 1 : 0,
      arbitrary: fc.record({
        do: fc.constant('wait' as const),
        pattern,
        timeoutMs: fc.constantFrom(undefined, 10, 100),
      }),
    },
    {
      weight: calls ? 1 : 0,
      arbitrary: fc.record({
        do: fc.constant('stream' as const),
        pattern,
        buffer: fc.constantFrom(1, 2),
        overflow,
      }),
    },
    {
      weight: calls ? 2 : 0,
      arbitrary: fc.record({
        do: fc.constantFrom('read' as const, 'read' as const, 'read' as const, 'endStream' as const, 'abort' as const),
        at: small,
      }),
    },
  );
}

function specOf(features: Features): fc.Arbitrary<Spec> {
  const { failures, lines, calls } = features;
  const actions = fc.array(actionOf(features), { maxLength: 3 });
  return fc
    .record({
      patterns: fc.oneof(
        { weight: 4, arbitrary: (calls ? fc.oneof(type, pattern) : pattern).map((one) => [one]) },
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
            wait: fc.constantFrom('nothing' as const, 'gate' as const, 'gate' as const, 'children' as const),
            turns: fc.nat(2),
            evenOnly: fc.constantFrom(false, false, true),
            late: actions,
          }),
        },
        { weight: 1, arbitrary: fc.record({ as: fc.constant('thenable' as const), ok: fc.boolean() }) },
      ),
      responds: calls ? fc.boolean() : fc.constant(false),
      abortable: fc.constantFrom(false, false, true),
      heeds: failures ? fc.boolean() : fc.constantFrom(false, false, false, true),
      retry: sometimes(failures, 4, retry),
      timeoutMs: sometimes(failures, 4, fc.constantFrom(5, 30, 8000)),
      concurrency: sometimes(lines, 7, fc.constantFrom(1, 1, 2)),
      maxQueue: fc.constantFrom(0, 1, 2, 10_000),
      overflow,
    })
    .map((one) => (one.responds && !/^[a-c.]+$/.test(one.patterns[0] ?? '') ? { ...one, responds: false } : one));
}

function stepOf(features: Features): fc.Arbitrary<Step> {
  const { failures, lines, limits, chains, calls } = features;
  const timed = failures || limits || chains || calls;
  return fc.oneof(
    { weight: 20, arbitrary: emitsOf(features) },
    {
      weight: 12,
      arbitrary: fc.record({
        do: fc.constant('open' as const),
        gates: fc.array(small, { minLength: 1, maxLength: 3 }),
      }),
    },
    { weight: lines || calls ? 10 : 6, arbitrary: actionOf(features) },
    { weight: 1, arbitrary: fc.constant({ do: 'close' as const }) },
    {
      weight: timed ? 8 : 0,
      arbitrary: fc.record({
        do: fc.constant('advance' as const),
        ms: fc.constantFrom(1, 10, 10, 30, 100, 1001, 6000),
      }),
    },
    { weight: failures ? 2 : 0, arbitrary: fc.record({ do: fc.constant('retryLetter' as const), at: small }) },
    { weight: failures ? 1 : 0, arbitrary: fc.record({ do: fc.constant('discardLetter' as const), at: small }) },
  );
}

const unlimited: Limits = {
  concurrency: Number.POSITIVE_INFINITY,
  maxSize: 10_000,
  overflow: 'reject',
  maxDepth: 20_000,
  maxDeadLetters: 1000,
  retry: undefined,
};

function limitsOf({ failures, limits, chains }: Features): fc.Arbitrary<Limits> {
  return fc.record({
    concurrency: limits ? fc.constantFrom(1, 1, 2, unlimited.concurrency) : fc.constant(unlimited.concurrency),
    maxSize: limits ? fc.constantFrom(0, 1, 2, 3, unlimited.maxSize) : fc.constant(unlimited.maxSize),
    overflow,
    maxDepth: fc.constantFrom(...(chains ? [1, 2, 3] : [unlimited.maxDepth])),
    maxDeadLetters: failures ? fc.constantFrom(2, unlimited.maxDeadLetters) : fc.constant(unlimited.maxDeadLetters),
    retry: sometimes(failures, 2, retry),
  });
}

/** Random programs that use some features. */
export function programs(features: Features): fc.Arbitrary<Program> {
  return fc.record({
    limits: limitsOf(features),
    specs: fc.array(specOf(features), { minLength: 1, maxLength: 6 }),
    steps: fc
      .tuple(
        fc.array(subscribe, { minLength: 3, maxLength: 7, size: 'max' }),
        fc.array(stepOf(features), { minLength: 3, maxLength: 10, size: 'max' }),
      )
      .map(([first, then]) => [...first, ...then]),
  });
}
