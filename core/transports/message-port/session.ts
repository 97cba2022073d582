import { TransportError } from '../../index.js';

/**
 * Messages under way that the receiver has not said it took. A message holds a thousand records, or a transport's
 * `maxBytes`, at most: that is all a receiver that does nothing for a while can find in its queue.
 */
const WINDOW = 32;

/** Whom a session tells what happens to it. */
export interface SessionOwner {
  /** Most records that wait for the other side to take some. */
  readonly backlog: number;
  /** The other side is there. */
  answered(session: Session): void;
  brought(session: Session, message: unknown): void;
  /** Something came that cannot be decoded. */
  garbled(): void;
  /** Something waits, and there is no port to send it on. */
  wanted(): void;
  /** The port is gone; `stays` when the session waits for another one. */
  ended(session: Session, stays?: boolean): void;
}

interface Waiting {
  readonly message: object;
  readonly records: number;
  readonly sent: () => void;
  readonly refused: (error: TransportError) => void;
}

/**
 * Two nodes on a port of their own. What goes over it: first a word by which the one who was offered the port shows who
 * it is, then batches, how many of them were taken so far (a number), and at the end `false`.
 */
export class Session {
  readonly #owner: SessionOwner;
  #port: MessagePort | undefined;
  /** What the other side has to say first; nobody else who gets hold of the port knows it. */
  #password: string | undefined;
  #sent = 0;
  #confirmed = 0;
  #taken = 0;
  readonly #line: Waiting[] = [];
  /** Records in the line. */
  #waiting = 0;
  /** One error for all that finds no room until there is some. */
  #full: TransportError | undefined;

  constructor(owner: SessionOwner) {
    this.#owner = owner;
  }

  /** Talks on a port that was offered to the other side, once it has shown by the password that it has it. */
  offer(port: MessagePort, password: string): void {
    this.#password = password;
    this.#listen(port);
  }

  /** Talks on a port that the other side has offered. */
  accept(port: MessagePort, password: string): void {
    this.#password = undefined;
    this.#listen(port);
    port.postMessage(password);
    this.#begin();
  }

  /**
   * Sends a message, or keeps a copy of it until the other side has taken what is under way.
   *
   * @throws TransportError when too many records wait, and what structured clone throws
   */
  send(message: object, records: number): void | Promise<void> {
    if (this.#line.length === 0 && this.#mayPost) return this.#post(message);
    if (this.#waiting + records > this.#owner.backlog) {
      const fact = new Error(`${this.#waiting} records wait for a port whose other side takes none`);
      this.#full ??= new TransportError('message-port', 'send', 'Look at what keeps that thread, or send less', fact);
      throw this.#full;
    }
    const copy: object = structuredClone(message);
    this.#waiting += records;
    return new Promise((sent, refused) => {
      const length = this.#line.push({ message: copy, records, sent, refused });
      if (length === 1 && this.#port === undefined) this.#owner.wanted();
    });
  }

  /** Sends what waits, whether there is room for it or not, and takes leave: there is no later. */
  close(): void {
    this.#drain(this.#isOpen);
    this.#port?.postMessage(false);
    this.end();
  }

  /** Lets go of the port. What waits is lost, unless the owner keeps the session for another port. */
  end(): void {
    const port = this.#port;
    this.#port = undefined;
    port?.close();
    this.#owner.ended(this);
  }

  /** Gives up what waits. */
  refuse(): void {
    const fact = new Error('the other side is gone');
    const error = new TransportError('message-port', 'send', 'Send it again to whoever comes next', fact);
    this.#waiting = 0;
    for (const { refused } of this.#line.splice(0)) refused(error);
  }

  get #isOpen(): boolean {
    return this.#port !== undefined && this.#password === undefined;
  }

  get #mayPost(): boolean {
    return this.#isOpen && this.#sent - this.#confirmed < WINDOW;
  }

  #listen(port: MessagePort): void {
    this.#port?.close();
    this.#port = port;
    this.#sent = this.#confirmed = this.#taken = 0;
    port.onmessage = ({ data }: MessageEvent<unknown>): void => {
      if (this.#port === port) this.#hear(data);
    };
    port.onmessageerror = (): void => {
      this.#owner.garbled();
      this.#took();
    };
    // Not every platform says it; where none does, the line fills up.
    port.addEventListener('close', () => {
      if (this.#port === port) this.end();
    });
    if ('unref' in port) (port as { unref(): void }).unref();
  }

  #begin(): void {
    this.#owner.answered(this);
    this.#drain(false);
  }

  #hear(message: unknown): void {
    if (this.#password !== undefined) {
      if (message !== this.#password) this.end();
      else {
        this.#password = undefined;
        this.#begin();
      }
    } else if (message === false) this.end();
    else if (typeof message === 'number' && message > this.#confirmed && message <= this.#sent) {
      this.#confirmed = message;
      this.#drain(false);
    } else {
      this.#owner.brought(this, message);
      this.#took();
    }
  }

  /** Says now and then how much was taken: half a window later the other side would have to wait. */
  #took(): void {
    if (++this.#taken % (WINDOW / 2) === 0) this.#port?.postMessage(this.#taken);
  }

  #post(message: object): void {
    this.#port?.postMessage(message);
    this.#sent++;
  }

  #drain(all: boolean): void {
    for (let next = this.#line[0]; next !== undefined && (all || this.#mayPost); next = this.#line[0]) {
      this.#line.shift();
      this.#waiting -= next.records;
      this.#full = undefined;
      this.#post(next.message);
      next.sent();
    }
  }
}
