import type { Answer, Door } from './door.js';
import { showLife, watchLife } from './life.js';
import { Session, type SessionOwner } from './session.js';

/** What goes through a door; everything else that does is not ours. */
interface Greeting {
  readonly crosstown: 1;
  /** Who says it: made anew with each arrival, so that a reloaded page is somebody else. */
  readonly hello: string;
  /** A port to talk on, for the one who said this hello, and nobody else. */
  readonly to?: string;
  readonly port?: MessagePort;
}

/**
 * Says hello at a door, and agrees with whoever answers on a port of their own. Either side may come first: both say
 * hello when they come, and of the two the one with the greater word makes the port.
 */
export class Greeter implements SessionOwner {
  readonly backlog: number;
  readonly #door: Door;
  readonly #owner: SessionOwner;
  readonly #fault: (error: unknown) => void;
  readonly #leaving = new AbortController();
  /** By the other side's word: those that talk, and those that were offered a port. */
  readonly #sessions = new Map<string, { readonly session: Session; readonly over: AbortController }>();
  /** Those whose other side has answered. */
  readonly #met = new Set<Session>();
  /** The one of them whose other side is to be called when there is something for it. */
  #asleep: Session | undefined;
  /** Empty while this side is away. */
  #word = '';
  #away = new AbortController();

  constructor(door: Door, owner: SessionOwner, fault: (error: unknown) => void) {
    this.#door = door;
    this.#owner = owner;
    this.#fault = fault;
    this.backlog = owner.backlog;
    door.listen((message, answer) => this.#hear(message, answer), this.#leaving.signal);
  }

  arrive(): void {
    const word = crypto.getRandomValues(new Uint32Array(4)).join('-');
    this.#away = new AbortController();
    const { signal } = this.#away;
    // Nobody hears the word before it can be seen that there is somebody behind it.
    void showLife(word, signal).then(() => {
      if (signal.aborted) return;
      this.#word = word;
      this.#call();
    });
  }

  /** Takes leave of everybody; hears nobody until it arrives again. */
  leave(): void {
    this.#word = '';
    this.#asleep = undefined;
    for (const { session } of [...this.#sessions.values()]) session.close();
    for (const session of [...this.#met]) session.close();
    this.#away.abort();
  }

  close(): void {
    this.#leaving.abort();
    this.leave();
  }

  answered(session: Session): void {
    this.#met.add(session);
    this.#owner.answered(session);
  }

  brought(session: Session, message: unknown): void {
    this.#owner.brought(session, message);
  }

  garbled(): void {
    this.#owner.garbled();
  }

  wanted(): void {
    this.#call();
  }

  ended(session: Session): void {
    for (const [word, one] of this.#sessions) {
      if (one.session !== session) continue;
      one.over.abort();
      this.#sessions.delete(word);
    }
    if (!this.#met.has(session)) return;
    if (this.#door.sleeps && this.#word !== '' && this.#asleep === undefined) this.#asleep = session;
    else {
      this.#met.delete(session);
      session.refuse();
    }
    this.#owner.ended(session, session === this.#asleep);
  }

  #call(): void {
    if (this.#word === '') return;
    const called = async (): Promise<void> => this.#door.call({ crosstown: 1, hello: this.#word });
    called().catch(this.#fault);
  }

  #hear(message: unknown, answer: Answer): void {
    if (this.#word === '' || typeof message !== 'object' || message === null) return;
    const { crosstown, hello, to, port } = message as { [K in keyof Greeting]?: unknown };
    if (crosstown !== 1 || typeof hello !== 'string' || hello === this.#word) return;
    if (port instanceof MessagePort) {
      if (to === this.#word) this.#meet(hello).accept(port, this.#word);
    } else if (this.#sessions.has(hello)) return;
    else if (hello > this.#word) answer({ crosstown: 1, hello: this.#word });
    else {
      const { port1, port2 } = new MessageChannel();
      this.#meet(hello).offer(port1, hello);
      answer({ crosstown: 1, hello: this.#word, to: hello, port: port2 }, [port2]);
    }
  }

  #meet(word: string): Session {
    for (const [known, { session }] of this.#sessions) if (known === word || !this.#door.many) session.end();
    const session = this.#asleep ?? new Session(this);
    const over = new AbortController();
    this.#asleep = undefined;
    this.#sessions.set(word, { session, over });
    void watchLife(word, over.signal, () => session.end());
    return session;
  }
}
