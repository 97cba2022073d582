import type { Answer } from '../dispatch/delivery.js';
import { describeError } from '../errors.js';
import type { EventRecord } from '../event/event.js';
import { busRecord, type SenderParts } from './bus-record.js';
import type { Codecs } from './codecs.js';
import type { Link } from './link.js';

/** What a reply carries: a value, or what can be said elsewhere of an error (R3). */
type ReplyData =
  | { readonly ok: true; readonly value?: unknown }
  | { readonly ok: false; readonly name: string; readonly message: string };

/** What a reply takes beside its sender. */
export interface ReplyParts extends SenderParts {
  readonly codecs: Codecs | undefined;
  /** The sequence of the last record that was handed to the transports. */
  readonly sent: () => number;
  readonly report: (stage: 'transport', error: unknown, event: undefined) => void;
}

/**
 * Sends the answer to a request back the way the request came, and as well hidden; one that cannot be carried is answered
 * with why. Returns a promise when it has to be waited for, which never rejects.
 */
export function sendReply(
  parts: ReplyParts,
  link: Link,
  request: EventRecord,
  answer: Answer,
): Promise<void> | undefined {
  const data: ReplyData = answer.ok ? good(answer.value) : { ok: false, ...describeError(answer.error) };
  // The plain words of an error can be carried, or nothing can.
  const explain = (error: unknown): Promise<void> | undefined =>
    answer.ok ? sendReply(parts, link, request, { ok: false, error }) : undefined;
  const unencoded = (error: unknown): Promise<void> | undefined => {
    if (!answer.ok) parts.report('transport', error, undefined);
    return explain(error);
  };
  const send = (record: EventRecord): void => link.send([{ record, refused: explain }]);
  const reply = busRecord(parts, '$reply', parts.sent(), data, request);
  try {
    const encoded = parts.codecs === undefined ? reply : parts.codecs.encode(reply, request.type);
    if (encoded instanceof Promise) return encoded.then(send, unencoded);
    send(encoded);
  } catch (error) {
    return unencoded(error);
  }
  return undefined;
}

/** A codec may carry nothing that JSON does not: no answer is no key at all. */
function good(value: unknown): ReplyData {
  return value === undefined ? { ok: true } : { ok: true, value };
}

/** The answer in a reply that arrived; undefined when there is none. */
export function readReply(data: unknown): Answer | undefined {
  if (typeof data !== 'object' || data === null) return undefined;
  const { ok, value, name, message } = data as Record<string, unknown>;
  if (ok === true) return { ok, value };
  if (ok !== false || typeof name !== 'string' || typeof message !== 'string') return undefined;
  return { ok, error: { name, message } };
}
