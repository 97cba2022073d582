/** Where an emit inside a handler comes from: its delivery, the bus itself, or the bus with the event as `cause`. */
export type Via = 'delivery' | 'bus' | 'cause';

export type Overflow = 'reject' | 'dropOldest' | 'dropNewest';

/** What a handler, late or at once, or a step of a program does. `at` and `spec` count round what there is. */
export type Action =
  | {
      readonly do: 'emit';
      readonly type: string;
      readonly priority: number;
      readonly ttlMs: number | undefined;
      readonly via: Via;
    }
  | { readonly do: 'request'; readonly type: string; readonly timeoutMs: number }
  | { readonly do: 'wait'; readonly pattern: string; readonly timeoutMs: number | undefined }
  | { readonly do: 'stream'; readonly pattern: string; readonly buffer: number; readonly overflow: Overflow }
  | { readonly do: 'subscribe'; readonly spec: number }
  | {
      readonly do: 'unsubscribe' | 'drain' | 'pause' | 'resume' | 'cancelOther' | 'abort' | 'read' | 'endStream';
      readonly at: number;
    }
  | { readonly do: 'off'; readonly pattern: string }
  | { readonly do: 'unsubscribeSelf' | 'cancel' | 'close' }
  /** Throws in calls before number `until` of a handler for an event. */
  | { readonly do: 'throw'; readonly until: number };

/** How a handler ends: at once; as a promise that may wait, then for some turns, then acts again; or as a thenable. */
export type Ending =
  | { readonly as: 'value' }
  | {
      readonly as: 'promise';
      /** For a gate that a step opens, or until what the call has emitted and asked for is over. */
      readonly wait: 'nothing' | 'gate' | 'children';
      readonly turns: number;
      /** Ends at once for events with an odd number. */
      readonly evenOnly: boolean;
      readonly late: readonly Action[];
    }
  | { readonly as: 'thenable'; readonly ok: boolean };

export interface Retry {
  readonly attempts: number;
  readonly delayMs: number;
  readonly factor: number;
  readonly maxDelayMs: number;
  /** Whether a call that took too long is made again. */
  readonly slow: boolean;
}

/** How a subscription is made; of a responder the first pattern is its type. */
export interface Spec {
  readonly patterns: readonly string[];
  readonly priority: number;
  readonly once: boolean;
  readonly filter: 'none' | 'refuse' | 'even' | 'throw' | 'cancel' | 'unsubscribe';
  readonly actions: readonly Action[];
  readonly ending: Ending;
  readonly responds: boolean;
  /** Whether it has a signal of its own. */
  readonly abortable: boolean;
  /** Whether its handler looks at `delivery.signal`. */
  readonly heeds: boolean;
  readonly retry: Retry | undefined;
  readonly timeoutMs: number | undefined;
  readonly concurrency: number | undefined;
  readonly maxQueue: number;
  readonly overflow: Overflow;
}

/** `open` opens the gates of some calls that wait, in that order; `advance` lets time go by. */
export type Step =
  | Action
  | { readonly do: 'open'; readonly gates: readonly number[] }
  | { readonly do: 'advance'; readonly ms: number }
  | { readonly do: 'retryLetter'; readonly at: number }
  | { readonly do: 'discardLetter'; readonly at: number };

/** What the bus of a program is made with. */
export interface Limits {
  readonly concurrency: number;
  readonly maxSize: number;
  readonly overflow: Overflow;
  readonly maxDepth: number;
  readonly maxDeadLetters: number;
  readonly retry: Retry | undefined;
}

export interface Program {
  readonly limits: Limits;
  readonly specs: readonly Spec[];
  readonly steps: readonly Step[];
}

/** What became of everything, in terms that the bus can be asked for too. */
export interface Outcome {
  /** Calls of filters, handlers and their late parts since the last time it was asked, in order. */
  readonly trace: readonly string[];
  /** Signals of calls that aborted since then, sorted. */
  readonly aborts: readonly string[];
  /** Result of each event, or of the request it makes, in order of emission; `open` while it has none. */
  readonly results: readonly string[];
  /** State of each subscription, in order of subscription. */
  readonly subscriptions: readonly string[];
  readonly waits: readonly string[];
  /** Answers to the reads of each stream. */
  readonly streams: readonly string[];
  /** Results of dead letters that were tried again. */
  readonly retries: readonly string[];
  readonly letters: readonly string[];
  readonly stats: Readonly<Record<string, number>>;
  /** How many timers wait. */
  readonly timers: number;
}

/** More of these, or deeper nested ones, are not made. */
export const most = { events: 24, subscriptions: 10, calls: 6, nesting: 3, reads: 6 };

/** How long a bus that closes waits for its handlers. */
export const CLOSE_MS = 5000;
