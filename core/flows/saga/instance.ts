import type { Fact, KeptEvent, SagaFacts } from './facts.js';
import type { Plan } from './plan.js';

/** Where an instance stands; `stuck` is one whose compensation has failed for good. */
export type SagaState = 'running' | 'compensating' | 'stuck' | 'completed' | 'failed';

/**
 * Where a command stands: not sent; sent and not answered; failed and to be sent again; `done`; failed for good.
 */
export type ActionState = 'idle' | 'sent' | 'waiting' | 'done' | 'lost';

/** What is known of one command: that of a step, or of its compensation. */
export class Action {
  state: ActionState = 'idle';
  /** Of the latest attempt, from 1; 0 before the first. */
  attempt = 0;
  /** Attempts that do not count towards `retry`, as they were before somebody had it retried. */
  spent = 0;
  /** Ids of the events that were sent, the latest last. */
  readonly commands: string[] = [];
  /** Offsets behind which an answer can be to the first attempt, and to the latest. */
  since: number = Number.POSITIVE_INFINITY;
  after: number = Number.POSITIVE_INFINITY;
  /** When its state began, epoch ms. */
  at = 0;
  /** When it is to be sent again, epoch ms. */
  retryAt = 0;
  failure: SagaFacts['step.failed'] | undefined;
  /** Which time this node has said to be over: not of the log, and said once. */
  asked = '';
}

/** What is known of one step. */
export class StepRecord {
  readonly act: Action = new Action();
  readonly undo: Action = new Action();
  result: KeptEvent | undefined;
  /** Place among the completions of its instance. */
  order = 0;
}

/** One saga under way, or over: what its facts, in order, come to. */
export class Instance {
  readonly id: string;
  readonly start: KeptEvent;
  readonly startedAt: number;
  readonly steps: Map<string, StepRecord> = new Map();
  state: SagaState = 'running';
  endedAt: number | undefined;
  /** The step it went back for. */
  failedStep: string | undefined;
  /** Id of the event that says that it is stuck. */
  stuckBy: string | undefined;
  /** Whether it has once ended. */
  wasOver = false;
  /** Counts the facts that there were of it. */
  version = 0;
  #completions = 0;

  constructor(plan: Plan, { id, event }: SagaFacts['started'], startedAt: number) {
    this.id = id;
    this.start = event;
    this.startedAt = startedAt;
    for (const name of plan.steps.keys()) this.steps.set(name, new StepRecord());
  }

  get isOver(): boolean {
    return this.state === 'completed' || this.state === 'failed';
  }

  /**
   * Takes a fact; what does not fit, as from a node that was replaced and did not know it yet, changes nothing.
   *
   * @param factId of the event
   * @param at its timestamp, epoch ms
   */
  apply(fact: Fact, factId: string, at: number): void {
    this.version++;
    switch (fact.name) {
      case 'step.sent':
        this.#sent(fact.data, at);
        return;
      case 'step.failed':
        this.#attemptFailed(fact.data, at);
        return;
      case 'step.completed':
        this.#completed(fact.data, at);
        return;
      case 'step.compensated':
        this.#compensated(fact.data.step, at);
        return;
      case 'compensating':
        if (this.state === 'running') this.#goBack(fact.data.step);
        return;
      case 'stuck':
        if (this.state !== 'compensating') return;
        this.state = 'stuck';
        this.stuckBy = factId;
        return;
      case 'retried':
        this.#retried(fact.data.step, at);
        return;
      case 'completed':
      case 'failed':
        if (this.isOver || this.state === 'stuck') return;
        this.state = fact.name;
        this.endedAt = at;
        this.wasOver = true;
    }
  }

  /** The steps to take back, the last completed first. */
  get toUndo(): readonly (readonly [name: string, step: StepRecord])[] {
    return [...this.steps]
      .filter(([, { act, undo }]) => act.state === 'done' && undo.state !== 'done')
      .sort(([, a], [, b]) => b.order - a.order);
  }

  #sent({ step, undo, attempt, command, after }: SagaFacts['step.sent'], at: number): void {
    const action = this.#action(step, undo);
    if (action === undefined || action.state === 'done' || attempt <= action.attempt) return;
    Object.assign(action, { state: 'sent', attempt, at, after });
    action.since = Math.min(action.since, after);
    action.commands.push(command);
  }

  #attemptFailed(failure: SagaFacts['step.failed'], at: number): void {
    const { step, undo, attempt, retryAt } = failure;
    const action = this.#action(step, undo);
    if (action === undefined || action.state === 'done' || action.state === 'lost' || attempt < action.attempt) return;
    const state: ActionState = retryAt === undefined ? 'lost' : 'waiting';
    Object.assign(action, { state, attempt, at, failure, retryAt: retryAt ?? 0 });
  }

  #completed({ step, event }: SagaFacts['step.completed'], at: number): void {
    const record = this.steps.get(step);
    if (record === undefined || record.act.state === 'done') return;
    Object.assign(record.act, { state: 'done', at });
    record.result = event;
    record.order = ++this.#completions;
    // It was given up, and has worked after all: there is one more to take back.
    if (this.state === 'failed') this.#goBack(step);
  }

  #compensated(step: string, at: number): void {
    const action = this.#action(step, true);
    if (action === undefined || action.state === 'done') return;
    Object.assign(action, { state: 'done', at });
    if (this.state === 'stuck') this.state = 'compensating';
  }

  #retried(step: string, at: number): void {
    const action = this.#action(step, true);
    if (this.state !== 'stuck' || action?.state !== 'lost') return;
    this.state = 'compensating';
    Object.assign(action, { state: 'idle', spent: action.attempt, at });
  }

  #goBack(step: string): void {
    this.state = 'compensating';
    this.endedAt = undefined;
    this.failedStep ??= step;
  }

  #action(step: string, undo: boolean): Action | undefined {
    const record = this.steps.get(step);
    return undo ? record?.undo : record?.act;
  }
}
