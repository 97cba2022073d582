import type { Answer } from '../dispatch/delivery.js';
import { describeError } from '../errors.js';
import type { EventRecord } from '../event/event.js';
import { busRecord, type SenderParts } from './bus-record.js';
import type { Link } from './link.js';

/** What a reply carries: a value, or what can be said elsewhere of an error (R3). */
type ReplyData =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly name: string; readonly message: string };

/** Sends the answer to a request back the way the request came; one that cannot be carried is answered with why. */
export function sendReply(parts: SenderParts, seq: number, link: Link, request: EventRecord, answer: Answer): void {
  const data: ReplyData = answer.ok ? answer : { ok: false, ...describeError(answer.error) };
  link.send([
    {
      record: busRecord(parts, '$reply', seq, data, request),
      refused: (error) => {
        // The plain words of an error can be carried, or nothing can.
        if (answer.ok) sendReply(parts, seq, link, request, { ok: false, error });
      },
    },
  ]);
}

/** The answer in a reply that arrived; undefined when there is none. */
export function readReply(data: unknown): Answer | undefined {
  if (typeof data !== 'object' || data === null) return undefined;
  const { ok, value, name, message } = data as Record<string, unknown>;
  if (ok === true) return { ok, value };
  if (ok !== false || typeof name !== 'string' || typeof message !== 'string') return undefined;
  return { ok, error: { name, message } };
}
