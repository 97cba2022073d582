import { deferred } from '../deferred.test.kit.js';
import { CodecError } from '../errors.js';
import { compilePattern } from '../event/pattern.js';
import type { Codec, EventRecord } from '../ports.js';

/** What no test may find outside of its node. */
export const MARKER = 'plain-as-day';

const covers = compilePattern(['secret', 'secret.**']);

/** A codec that turns the text of data around, at once; what it is given in plain it refuses. */
export function reversing(own: Partial<Codec> = {}): Codec {
  return { name: 'reversing', covers, encode: reverse, decode: restore, ...own };
}

function reverse(record: EventRecord): EventRecord {
  const text = JSON.stringify({ data: record.data, metadata: record.metadata });
  return { ...record, data: { reversed: [...text].reverse().join('') }, metadata: { encrypted: true } };
}

function restore(record: EventRecord): EventRecord {
  const { reversed } = (record.data ?? {}) as { reversed?: unknown };
  if (typeof reversed !== 'string') throw new CodecError('reversing', record.type, 'is plain', 'Mend the test');
  return { ...record, ...(JSON.parse([...reversed].reverse().join('')) as Pick<EventRecord, 'data' | 'metadata'>) };
}

/** The same with promises, which wait for the test while it holds them. */
export class SlowCodec implements Codec {
  readonly name = 'slow';
  readonly covers = covers;
  holds: 'encode' | 'decode' | 'neither' = 'neither';
  /** What is held, in the order it was asked for. */
  readonly held: ReturnType<typeof deferred<void>>[] = [];

  async encode(record: EventRecord): Promise<EventRecord> {
    const encoded = reverse(record);
    if (this.holds === 'encode') await this.#hold();
    return encoded;
  }

  async decode(record: EventRecord): Promise<EventRecord> {
    if (this.holds === 'decode') await this.#hold();
    return restore(record);
  }

  /** Lets those at these places go on, or all, and holds no more. */
  release(...places: readonly number[]): void {
    if (places.length === 0) this.holds = 'neither';
    for (const [place, { resolve }] of this.held.entries()) {
      if (places.length === 0 || places.includes(place)) resolve();
    }
  }

  #hold(): Promise<void> {
    const gate = deferred();
    this.held.push(gate);
    return gate.promise;
  }
}

/** Never done. */
export const hanging = (own: Partial<Codec> = {}): Codec =>
  reversing({ name: 'hanging', encode: () => new Promise(() => {}), decode: () => new Promise(() => {}), ...own });

/** Whether the marker is in something, plain. */
export function tells(value: unknown): boolean {
  return (JSON.stringify(value) ?? '').includes(MARKER);
}
