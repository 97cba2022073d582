import { InvalidOptionError } from '../errors.js';

/** One abort listener for all subscriptions and requests of a bus that share a signal, gone with the last of them. */
export class AbortGroup<Member> {
  readonly #members = new WeakMap<AbortSignal, Set<Member>>();
  readonly #onAbort: (event: Event) => void;

  constructor(abort: (member: Member, signal: AbortSignal) => void) {
    this.#onAbort = (event) => {
      // Not currentTarget: Node 20 clears it after the first listener.
      const signal = event.target as AbortSignal;
      for (const member of this.#members.get(signal) ?? []) abort(member, signal);
    };
  }

  add(signal: AbortSignal, member: Member): void {
    const members = this.#members.get(signal);
    if (members !== undefined) members.add(member);
    else {
      this.#members.set(signal, new Set([member]));
      signal.addEventListener('abort', this.#onAbort, { once: true });
    }
  }

  delete(signal: AbortSignal, member: Member): void {
    const members = this.#members.get(signal);
    if (members?.delete(member) !== true || members.size > 0) return;
    this.#members.delete(signal);
    signal.removeEventListener('abort', this.#onAbort);
  }
}

/** @throws InvalidOptionError */
export function assertSignal(signal: unknown): void {
  if (signal !== undefined && typeof (signal as AbortSignal | null)?.addEventListener !== 'function') {
    throw new InvalidOptionError('signal', signal, 'an AbortSignal');
  }
}
