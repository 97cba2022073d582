// biome-ignore-all lint/style/noRestrictedImports: a test's kit goes through the public API, as tests do.
import {
  type BusEvent,
  type BusOptions,
  type Clock,
  createEventBus,
  type Delivery,
  type EmitResult,
  type EventBus,
  type RetryOptions,
  type Subscription,
} from '../../../index.js';
import { type Deferred, deferred, reactions } from '../../deferred.test.kit.js';
import {
  type Action,
  type Limits,
  most,
  type Outcome,
  type Retry,
  type Spec,
  type Step,
} from './program.test.model.js';

/** Data of an event in a program. */
interface Data {
  readonly n: number;
  readonly nesting: number;
}

/** What the program knows of an event. */
interface Note extends Data {
  readonly label: string;
}

interface Call {
  readonly event: BusEvent<string, Data>;
  readonly note: Note;
  readonly delivery: Delivery;
  readonly off: Subscription;
  /** Events it has emitted. */
  readonly children: number[];
  over: boolean;
}

/** A call that waits for what it has emitted. */
interface Parent {
  readonly children: readonly number[];
  readonly gate: Deferred<void>;
}

interface ErrorData {
  readonly error: { readonly name: string };
  readonly event: { readonly id: string };
  readonly handler: string;
  readonly attempts: number;
}

/** Time that goes on when a program says so. */
class ProgramClock implements Clock {
  timers: { readonly due: number; readonly run: () => void }[] = [];
  #now = 0;

  now(): number {
    return this.#now;
  }

  precise(): number {
    return this.#now;
  }

  setTimeout(run: () => void, delayMs: number): unknown {
    const timer = { due: this.#now + delayMs, run };
    this.timers.push(timer);
    return timer;
  }

  clearTimeout(timer: unknown): void {
    this.timers = this.timers.filter((one) => one !== timer);
  }

  async advance(ms: number): Promise<void> {
    const until = this.#now + ms;
    for (;;) {
      const due = Math.min(...this.timers.map((timer) => timer.due));
      const next = this.timers.find((timer) => timer.due === due);
      if (next === undefined || due > until) break;
      this.clearTimeout(next);
      this.#now = due;
      next.run();
      await reactions();
    }
    this.#now = until;
  }
}

/** A program at work on a real bus. */
export class RealBus {
  readonly #clock = new ProgramClock();
  readonly #bus: EventBus;
  readonly #specs: readonly Spec[];
  /** By number; undefined until they are at hand. */
  readonly #events: (BusEvent<string, Data> | undefined)[] = [];
  readonly #results: (EmitResult | string | undefined)[] = [];
  readonly #asked = new Set<number>();
  readonly #notes = new Map<string, Note>();
  readonly #subscriptions: Subscription[] = [];
  readonly #waits: { state: string }[] = [];
  readonly #streams: { readonly stream: AsyncIterableIterator<BusEvent>; readonly reads: string[] }[] = [];
  readonly #retries: { state: string }[] = [];
  readonly #controllers: AbortController[] = [];
  readonly #trace: string[] = [];
  readonly #aborts: string[] = [];
  readonly #gates: Deferred<void>[] = [];
  #parents: Parent[] = [];

  constructor(specs: readonly Spec[], limits: Limits, options: BusOptions) {
    const { maxDeadLetters, retry, ...queue } = limits;
    this.#specs = specs;
    this.#bus = createEventBus({
      ...options,
      clock: this.#clock,
      queue,
      maxDeadLetters,
      ...(retry === undefined ? undefined : { retry: retryOptions(retry) }),
      // Told before the failure is emitted, and the only one to be told of events that reach no handler.
      onError: ({ event }) => event && this.#note(event as BusEvent<string, Data>),
    });
  }

  /** Has observers look on. */
  observe(): void {
    this.#bus.inspect(() => {});
  }

  async take(step: Step): Promise<void> {
    if (step.do === 'open') {
      for (const at of step.gates) this.#gates.splice(at % (this.#gates.length || 1), 1)[0]?.resolve();
    } else if (step.do === 'advance') await this.#clock.advance(step.ms);
    else if (step.do === 'retryLetter') await this.#retryLetter(step.at);
    else if (step.do === 'discardLetter') {
      const letter = at(await this.#bus.deadLetters.list(), step.at);
      if (letter !== undefined) await this.#bus.deadLetters.discard(letter.id);
    } else {
      try {
        this.#act([step], undefined);
      } catch {}
    }
    await reactions();
    for (let parent = this.#freeParent(); parent !== undefined; parent = this.#freeParent()) {
      const { gate } = parent;
      this.#parents = this.#parents.filter((one) => one.gate !== gate);
      gate.resolve();
      await reactions();
    }
  }

  async outcome(): Promise<Outcome> {
    const letters = await this.#bus.deadLetters.list();
    const {
      received: _,
      dropped: __,
      vetoed: ___,
      handlers: ____,
      durable: _____,
      denied: ______,
      ...stats
    } = this.#bus.stats();
    return {
      trace: this.#trace.splice(0),
      aborts: this.#aborts.splice(0).sort(),
      results: this.#results.map((result) => this.#describe(result)),
      subscriptions: this.#subscriptions.map(({ active, paused }) => (!active ? 'gone' : paused ? 'paused' : 'live')),
      waits: this.#waits.map(({ state }) => state),
      streams: this.#streams.map(({ reads }) => reads.join()),
      retries: this.#retries.map(({ state }) => state),
      letters: letters.map(({ event, handler, error, attempts }) => {
        const { label } = this.#note(event as BusEvent<string, Data>);
        return `${nameOf(error)} of ${handler.name} for ${label} after ${attempts}`;
      }),
      stats: { ...stats },
      timers: this.#clock.timers.length,
    };
  }

  #describe(result: EmitResult | string | undefined): string {
    if (result === undefined) return 'open';
    if (typeof result === 'string') return result;
    const { status, delivered, cancelledBy, event } = result;
    const failures = result.failures.map((one) => ('handler' in one ? `${one.stage} ${one.handler.name}` : one.stage));
    const root = this.#notes.get(event.correlationId) ?? this.#note(event as BusEvent<string, Data>);
    return `${status} ${delivered} [${failures}] by ${cancelledBy?.name} from ${root.n}`;
  }

  /** Remembers an event by its id, by which reports of failures name it. */
  #note(event: BusEvent<string, Data>): Note {
    let note = this.#notes.get(event.id);
    if (note === undefined) {
      if (event.type === 'error.occurred') {
        const { error, event: failed, handler, attempts } = event.data as unknown as ErrorData;
        const { label, n, nesting } = this.#notes.get(failed.id) as Note;
        note = { n, nesting: nesting + 1, label: `${label}:${handler}:${error.name}:${attempts}` };
      } else note = { ...event.data, label: String(event.data.n) };
      this.#notes.set(event.id, note);
    }
    return note;
  }

  #freeParent(): Parent | undefined {
    return this.#parents.find(({ children }) => children.every((n) => this.#results[n] !== undefined));
  }

  #act(actions: readonly Action[], call: Call | undefined): void {
    for (const action of actions) {
      switch (action.do) {
        case 'emit':
          this.#emit(action, call);
          break;
        case 'request':
          this.#request(action, call);
          break;
        case 'wait':
          this.#wait(action);
          break;
        case 'stream':
          this.#stream(action);
          break;
        case 'read':
          this.#read(action.at);
          break;
        case 'endStream':
          void at(this.#streams, action.at)?.stream.return?.();
          break;
        case 'abort':
          at(this.#controllers, action.at)?.abort(new DOMException('by a program', 'AbortError'));
          break;
        case 'subscribe':
          this.#subscribe(action.spec);
          break;
        case 'unsubscribe':
          at(this.#subscriptions, action.at)?.();
          break;
        case 'drain':
          void at(this.#subscriptions, action.at)?.drain();
          break;
        case 'pause':
        case 'resume':
          at(this.#subscriptions, action.at)?.[action.do]();
          break;
        case 'cancelOther': {
          const n = action.at % (this.#events.length || 1);
          if (!this.#asked.has(n)) this.#events[n]?.cancel();
          break;
        }
        case 'off':
          this.#bus.off(action.pattern);
          break;
        case 'unsubscribeSelf':
          call?.off();
          break;
        case 'cancel':
          call?.event.cancel();
          break;
        case 'close':
          void this.#bus.close();
          break;
        case 'throw':
          if (call === undefined || call.delivery.attempt < action.until) throw new Error('thrown by a program');
      }
    }
  }

  /** Takes the place of an event before it is emitted, as its handlers may emit before it is at hand. */
  #make(call: Call | undefined, emit: (data: Data) => void): void {
    const n = this.#events.length;
    const nesting = call === undefined ? 0 : call.note.nesting + 1;
    if (n >= most.events || nesting > most.nesting) return;
    this.#events.push(undefined);
    this.#results.push(undefined);
    try {
      emit({ n, nesting });
      call?.children.push(n);
    } catch (error) {
      this.#events.pop();
      this.#results.pop();
      throw error;
    }
  }

  #emit({ type, priority, ttlMs, via }: Action & { do: 'emit' }, call: Call | undefined): void {
    this.#make(call, (data) => {
      const some = { ...(priority !== 0 && { priority }), ...(ttlMs !== undefined && { ttlMs }) };
      const caused = call !== undefined && via === 'cause' ? { ...some, cause: call.event } : some;
      const options = Object.keys(caused).length === 0 ? undefined : caused;
      const from = call !== undefined && via === 'delivery' ? call.delivery : this.#bus;
      const emission = from.emit(type, data, options);
      this.#events[data.n] = emission.event as BusEvent<string, Data>;
      void emission.then((result) => {
        this.#results[data.n] = result;
      });
    });
  }

  #request({ type, timeoutMs }: Action & { do: 'request' }, call: Call | undefined): void {
    this.#make(call, (data) => {
      const controller = new AbortController();
      this.#controllers.push(controller);
      this.#asked.add(data.n);
      const options = { timeoutMs, signal: controller.signal };
      try {
        (call?.delivery ?? this.#bus).request(type, data, options).then(
          (answer) => {
            this.#results[data.n] = `answer ${answer}`;
          },
          (error: Error & { readonly errorName?: string }) => {
            this.#results[data.n] = describeReply(error);
          },
        );
      } catch (error) {
        this.#controllers.pop();
        this.#asked.delete(data.n);
        throw error;
      }
    });
  }

  #wait({ pattern, timeoutMs }: Action & { do: 'wait' }): void {
    if (this.#waits.length + this.#streams.length >= most.calls) return;
    const controller = new AbortController();
    const options = { signal: controller.signal, ...(timeoutMs !== undefined && { timeoutMs }) };
    const promise = this.#bus.waitFor(pattern, options);
    const wait = { state: 'waiting' };
    this.#waits.push(wait);
    this.#controllers.push(controller);
    promise.then(
      (event) => {
        wait.state = `got ${this.#note(event as BusEvent<string, Data>).label}`;
      },
      (error: unknown) => {
        wait.state = nameOf(error);
      },
    );
  }

  #stream({ pattern, buffer, overflow }: Action & { do: 'stream' }): void {
    if (this.#waits.length + this.#streams.length >= most.calls) return;
    const controller = new AbortController();
    const stream = this.#bus.stream(pattern, { buffer, overflow, signal: controller.signal });
    this.#streams.push({ stream, reads: [] });
    this.#controllers.push(controller);
  }

  #read(index: number): void {
    const one = at(this.#streams, index);
    if (one === undefined || one.reads.length >= most.reads) return;
    const { stream, reads } = one;
    const n = reads.push('open') - 1;
    stream.next().then(
      ({ done, value }) => {
        reads[n] = done === true ? 'done' : this.#note(value as BusEvent<string, Data>).label;
      },
      (error: unknown) => {
        reads[n] = nameOf(error);
      },
    );
  }

  async #retryLetter(index: number): Promise<void> {
    const letter = at(await this.#bus.deadLetters.list(), index);
    if (letter === undefined) return;
    const retry = { state: 'open' };
    this.#retries.push(retry);
    this.#bus.deadLetters.retry(letter.id).then(
      (result) => {
        retry.state = this.#describe(result);
      },
      (error: unknown) => {
        retry.state = nameOf(error);
      },
    );
  }

  #subscribe(index: number): void {
    const spec = at(this.#specs, index);
    const n = this.#subscriptions.length;
    if (spec === undefined || n >= most.subscriptions) return;
    const { patterns, filter, actions, ending, heeds, retry } = spec;
    const judge = (event: BusEvent<string, Data>): boolean => {
      const note = this.#note(event);
      this.#trace.push(`filter ${n} of ${note.label}`);
      if (filter === 'throw') throw new Error('thrown by a filter');
      if (filter === 'cancel') event.cancel();
      if (filter === 'unsubscribe') off();
      return filter === 'even' ? note.n % 2 === 0 : filter !== 'refuse';
    };
    const begin = (event: BusEvent<string, Data>, delivery: Delivery): Call => {
      const note = this.#note(event);
      const { attempt } = delivery;
      this.#trace.push(`handler ${n} of ${note.label}, call ${attempt}`);
      // `cancelOther` may mean an event whose emit has not returned.
      if (event.type !== 'error.occurred') this.#events[note.n] ??= event;
      const call = { event, note, delivery, off, children: [], over: false };
      if (heeds) {
        const { signal } = delivery;
        signal.addEventListener('abort', () => {
          if (!call.over) this.#aborts.push(`${nameOf(signal.reason)} of ${n} for ${note.label}, call ${attempt}`);
        });
      }
      return call;
    };
    const handler = (event: BusEvent<string, Data>, delivery: Delivery): unknown => {
      const isLate = ending.as === 'promise' && !(ending.evenOnly && this.#note(event).n % 2 !== 0);
      if (isLate) return handleLater(event, delivery);
      const call = begin(event, delivery);
      call.over = true;
      this.#act(actions, call);
      if (ending.as !== 'thenable') return spec.responds ? n : undefined;
      const then = (ok: (value: unknown) => void, failed: (error: unknown) => void): void =>
        ending.ok ? ok(n) : failed(new Error('a thenable that rejects'));
      return Object.defineProperty({}, 'then', { value: then });
    };
    const handleLater = async (event: BusEvent<string, Data>, delivery: Delivery): Promise<number | undefined> => {
      if (ending.as !== 'promise') return undefined;
      const call = begin(event, delivery);
      try {
        this.#act(actions, call);
        if (ending.wait !== 'nothing') {
          const gate = deferred();
          if (ending.wait === 'gate') this.#gates.push(gate);
          else this.#parents.push({ children: call.children, gate });
          await gate.promise;
        }
        for (let turn = 0; turn < ending.turns; turn++) await undefined;
        this.#trace.push(`late ${n} of ${call.note.label}, call ${delivery.attempt}`);
        this.#act(ending.late, call);
        return n;
      } finally {
        call.over = true;
      }
    };
    const { priority, once, timeoutMs, concurrency, maxQueue, overflow, abortable } = spec;
    const controller = new AbortController();
    const options = {
      name: String(n),
      ...(priority !== 0 && { priority }),
      ...(once && { once }),
      ...(filter !== 'none' && { filter: judge as () => boolean }),
      ...(abortable && { signal: controller.signal }),
      ...(timeoutMs !== undefined && { timeoutMs }),
      ...(retry !== undefined && { retry: retryOptions(retry) }),
      ...(concurrency !== undefined && { concurrency, maxQueue, overflow }),
    };
    const [first = ''] = patterns;
    const off = spec.responds
      ? this.#bus.respond(first, handler as () => unknown, options)
      : this.#bus.on(patterns.length === 1 ? first : patterns, handler as () => unknown, options);
    this.#subscriptions.push(off);
    if (abortable) this.#controllers.push(controller);
  }
}

function at<T>(list: readonly T[], index: number): T | undefined {
  return list[index % (list.length || 1)];
}

function nameOf(error: unknown): string {
  return error instanceof Error || error instanceof DOMException ? error.name : String(error);
}

function describeReply(error: Error & { readonly errorName?: string }): string {
  return error.name === 'ResponderError' ? `ResponderError ${error.errorName}` : error.name;
}

function retryOptions({ slow, ...retry }: Retry): RetryOptions {
  return { ...retry, jitter: 0, ...(!slow && { retryIf: (error) => nameOf(error) !== 'HandlerTimeoutError' }) };
}
