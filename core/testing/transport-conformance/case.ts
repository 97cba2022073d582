import { type Clock, type EventRecord, systemClock, type Transport, type TransportHost } from '../../index.js';

/** A case before it knows its transport: `pair` makes two that reach each other. */
export interface TransportCase {
  readonly name: string;
  readonly run: (pair: () => Promise<readonly [Transport, Transport]>) => Promise<void>;
}

/** A bus that does nothing but note what its transport tells it. */
export class Host implements TransportHost {
  readonly name: string = 'conformance';
  readonly nodeId: string;
  readonly clock: Clock = systemClock;
  /** What was handed over, call by call. */
  readonly calls: unknown[] = [];
  readonly states: string[] = [];
  readonly faults: unknown[] = [];

  constructor(nodeId: string) {
    this.nodeId = nodeId;
  }

  /** What arrived, but for greetings: a transport that sees a node go may say bye in its place. */
  get records(): readonly EventRecord[] {
    return (this.calls.flat() as EventRecord[]).filter(({ type }) => !type.startsWith('$'));
  }

  receive(records: unknown): void {
    this.calls.push(records);
  }

  state(state: string): void {
    this.states.push(state);
  }

  fault(error: unknown): void {
    this.faults.push(error);
  }
}

/**
 * Opens two transports that reach each other, and resolves when both say that they are open: some are not before the
 * other side has answered.
 */
export async function openedPair(
  one: Transport,
  other: Transport,
  names: readonly string[] = ['one', 'other'],
): Promise<[Host, Host]> {
  const [atOne, atOther] = names.map((name) => new Host(name)) as [Host, Host];
  await one.open(atOne);
  await other.open(atOther);
  await until(() => [atOne, atOther].every(({ states }) => states.includes('open')), 'both transports are open');
  return [atOne, atOther];
}

/** Resolves when `isSo` returns true; rejects when it does not within five seconds. */
export async function until(isSo: () => boolean, what: string): Promise<void> {
  for (const end = Date.now() + 5000; !isSo(); ) {
    if (Date.now() > end) throw new Error(`waited for nothing until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

let made = 0;

/** A record as a bus sends it. */
export function sentRecord(node: string, data: unknown): EventRecord {
  const id = `id-${++made}`;
  const common = { v: 1, id, type: 'tick', timestamp: made, source: 'app', correlationId: id, data } as const;
  return { ...common, metadata: {}, priority: 0, node, seq: made };
}

/** @throws Error when two plain values differ */
export function expectSame(actual: unknown, expected: unknown, what: string): void {
  const [got, wanted] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (got !== wanted) throw new Error(`${what}: expected ${wanted}, got ${got}`);
}

/** The error that `work` fails with. @throws Error when it does not fail, or with another kind of error */
export async function expectFailure(work: () => unknown, name: string): Promise<Error> {
  try {
    await work();
  } catch (error) {
    if (error instanceof Error && error.name === name) return error;
    throw new Error(`expected a failure with ${name}, got ${String(error)}`, { cause: error });
  }
  throw new Error(`expected a failure with ${name}, got none`);
}
