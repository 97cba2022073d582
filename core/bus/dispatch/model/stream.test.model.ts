import { most, type Overflow } from './program.test.model.js';

/** What R7 says of a stream: events that wait for a read, or reads that wait for an event. */
export class ModelStream {
  /** What each read got. */
  readonly reads: { text: string }[] = [];
  onEnd = (): void => {};
  readonly #room: number;
  readonly #overflow: Overflow;
  readonly #onLoss: () => void;
  #buffer: string[] = [];
  #over = false;
  #failure: string | undefined;

  constructor(room: number, overflow: Overflow, onLoss: () => void) {
    this.#room = room;
    this.#overflow = overflow;
    this.#onLoss = onLoss;
  }

  take(label: string): void {
    this.#buffer.push(label);
    this.#serve();
    if (this.#buffer.length <= this.#room) return;
    if (this.#overflow === 'dropOldest') this.#buffer.shift();
    else this.#buffer.pop();
    if (this.#overflow === 'reject') this.end('QueueFullError');
    this.#onLoss();
  }

  read(): void {
    if (this.reads.length >= most.reads) return;
    this.reads.push({ text: 'open' });
    this.#serve();
  }

  end(failure?: string): void {
    if (this.#over) return;
    this.#over = true;
    this.#failure = failure;
    this.onEnd();
    this.#serve();
  }

  leave(): void {
    this.end();
    this.#buffer = [];
    this.#failure = undefined;
  }

  abort(): void {
    if (this.#over && this.#buffer.length === 0) return;
    this.#buffer = [];
    if (this.#over) this.#failure = 'AbortError';
    else this.end('AbortError');
  }

  #serve(): void {
    for (const read of this.reads.filter(({ text }) => text === 'open')) {
      const next = this.#buffer.shift() ?? this.#failure ?? (this.#over ? 'done' : undefined);
      if (next === undefined) return;
      if (next === this.#failure) this.#failure = undefined;
      read.text = next;
    }
  }
}
