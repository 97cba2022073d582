import type { Clock } from '../clock.js';
import { BusClosedError, CodecError, describeError, InvalidOptionError, SerializationError } from '../errors.js';
import type { EventRecord } from '../event/event.js';
import type { Codec } from '../ports.js';

/** How often what waits for a codec is looked at, and after how many looks it is given up. */
const LOOK_MS = 1000;
const MOST_LOOKS = 5;

/** How long nothing more is reported after a record was refused: whoever forges one forges thousands. */
const QUIET_MS = 10_000;

/** What can be said elsewhere of an error whose message may hold what a codec covers. */
const UNSAID = 'Its message may hold data that a codec covers, and is said on its own node alone';

/** A record that waits for a codec. */
interface Wait {
  looks: number;
  readonly giveUp: (error: BusClosedError | string) => void;
}

/** Has records changed by the codec that covers their type, where they leave the node and where they come in (G6). */
export class Codecs {
  readonly #all: readonly Codec[];
  readonly #clock: Clock;
  readonly #byType = new Map<string, Codec | undefined>();
  readonly #waits = new Set<Wait>();
  #timer: unknown;
  #reportedAt = Number.NEGATIVE_INFINITY;

  /** @throws InvalidOptionError */
  constructor(codecs: readonly Codec[], clock: Clock) {
    if (!Array.isArray(codecs)) throw new InvalidOptionError('codecs', codecs, 'an array of codecs, like [aesGcm(…)]');
    codecs.forEach(assertCodec);
    this.#all = [...codecs];
    this.#clock = clock;
  }

  /** Whether what events of a type hold may be seen on this node alone. */
  covers(type: string): boolean {
    try {
      return this.#codecOf(type) !== undefined;
    } catch {
      // Rather too much than too little: nothing of that type will leave.
      return true;
    }
  }

  /** What may be said of an error elsewhere, when it is about an event of a type. */
  describe(error: unknown, type: string): { readonly name: string; readonly message: string } {
    const { name, message } = describeError(error);
    return { name, message: this.covers(type) ? UNSAID : message };
  }

  /**
   * The record as it leaves; an answer goes by the type of its request.
   *
   * @throws or rejects with SerializationError, CodecError
   */
  encode<R extends EventRecord>(record: R, type: string = record.type): R | Promise<R> {
    return this.#pass('encode', record, type);
  }

  /** The record as it was; undefined when its codec refuses it, which `refused` is told. Never throws or rejects. */
  decode<R extends EventRecord>(
    record: R,
    refused: (error: unknown) => void,
    type: string = record.type,
  ): R | undefined | Promise<R | undefined> {
    const refuse = (error: unknown): undefined => {
      // What the end of the bus cuts off is no worse for it.
      if (!(error instanceof BusClosedError)) refused(error);
    };
    try {
      const decoded = this.#pass('decode', record, type);
      return decoded instanceof Promise ? decoded.catch(refuse) : decoded;
    } catch (error) {
      return refuse(error);
    }
  }

  /** Whether a codec left a record as it came, as it has no key for it. */
  isSealed(record: EventRecord, decoded: EventRecord): boolean {
    return decoded.metadata['encrypted'] === true && decoded.data === record.data && this.covers(record.type);
  }

  /** Whether a refusal is to be reported, as none was for a while; it counts as reported then. */
  isNews(): boolean {
    const now = this.#clock.now();
    // A clock may be set back.
    if (Math.abs(now - this.#reportedAt) < QUIET_MS) return false;
    this.#reportedAt = now;
    return true;
  }

  /** Waits for nothing any more. */
  close(): void {
    for (const { giveUp } of this.#waits) giveUp(new BusClosedError('a codec'));
  }

  #pass<R extends EventRecord>(way: 'encode' | 'decode', record: R, type: string): R | Promise<R> {
    const codec = this.#codecOf(type);
    if (codec === undefined) return record;
    const { data } = record;
    const finish = (made: EventRecord): R => {
      // What a codec has no key for it lets pass, and an answer that was never encoded would look like that.
      if (way === 'decode' && type !== record.type && made?.data === data) {
        throw codecError(codec, type, 'takes the answer for one that is not encoded, or not for this node');
      }
      return withContent(record, made);
    };
    let changed: EventRecord | Promise<EventRecord>;
    try {
      changed = codec[way](record);
      if (!isPending(changed)) return finish(changed);
    } catch (error) {
      throw explain(codec, type, way, error);
    }
    const pending = changed;
    return new Promise<R>((resolve, reject) => {
      const over = (settle: () => void): void => {
        this.#waits.delete(wait);
        if (this.#waits.size === 0) this.#clock.clearTimeout(this.#timer);
        settle();
      };
      const giveUp: Wait['giveUp'] = (error) =>
        over(() => reject(typeof error === 'string' ? codecError(codec, type, error) : error));
      const wait: Wait = { looks: 0, giveUp };
      this.#waits.add(wait);
      if (this.#waits.size === 1) this.#look();
      Promise.resolve(pending)
        .then(finish)
        .then(
          (done) => over(() => resolve(done)),
          (error) => over(() => reject(explain(codec, type, way, error))),
        );
    });
  }

  /** Gives up what takes too long. In several looks, as a page that was frozen finds its timers over before all else. */
  #look(): void {
    this.#timer = this.#clock.setTimeout(() => {
      for (const wait of this.#waits) {
        if (++wait.looks > MOST_LOOKS) wait.giveUp(`took longer than ${(MOST_LOOKS * LOOK_MS) / 1000} s`);
      }
      if (this.#waits.size > 0) this.#look();
    }, LOOK_MS);
  }

  #codecOf(type: string): Codec | undefined {
    if (this.#byType.has(type)) return this.#byType.get(type);
    const codec = this.#all.find((each) => {
      try {
        return each.covers(type);
      } catch (error) {
        throw explain(each, type, 'covers', error);
      }
    });
    if (this.#byType.size >= 4096) this.#byType.clear();
    this.#byType.set(type, codec);
    return codec;
  }
}

/** @throws InvalidOptionError */
function assertCodec(codec: unknown, index: number): void {
  const at = `codecs[${index}]`;
  if (typeof codec !== 'object' || codec === null) throw new InvalidOptionError(at, codec, 'a codec, like aesGcm(…)');
  for (const name of ['covers', 'encode', 'decode'] as const) {
    const value = (codec as Partial<Codec>)[name];
    if (typeof value !== 'function') throw new InvalidOptionError(`${at}.${name}`, value, 'a function');
  }
}

function isPending(changed: EventRecord | Promise<EventRecord>): changed is Promise<EventRecord> {
  return typeof (changed as { then?: unknown } | undefined)?.then === 'function';
}

/** A record with the content a codec made: nothing else of what it made counts. */
function withContent<R extends EventRecord>(record: R, { data, metadata }: EventRecord): R {
  if (typeof metadata !== 'object' || metadata === null) throw new TypeError('metadata is no object');
  // Read here, where what cannot be read is the codec's failure alone.
  const own = metadata === record.metadata ? metadata : Object.freeze({ ...metadata });
  return { ...record, data, metadata: own };
}

/** What a codec says is its own; what it stumbles over may quote what must not be seen, and is not passed on. */
function explain(codec: Codec, type: string, call: string, error: unknown): unknown {
  if (error instanceof CodecError || error instanceof SerializationError) return error;
  return codecError(codec, type, `failed to ${call} with a ${describeError(error).name}`);
}

function codecError({ name }: Codec, type: string, problem: string): CodecError {
  return new CodecError(String(name), type, problem, 'Look at the codec');
}
