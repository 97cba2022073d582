import { createEventBus, type EventBus, type Transport } from '../../index.js';
import { expectSame, type TransportCase, until } from './case.js';

/** A bus on each of two transports, which have met; both are closed when `run` ends. */
async function withBuses(
  pair: () => Promise<readonly [Transport, Transport]>,
  run: (one: EventBus, other: EventBus, failures: readonly unknown[]) => Promise<void>,
): Promise<void> {
  const transports = await pair();
  const failures: unknown[] = [];
  const [one, other] = ['one', 'other'].map((source, i) =>
    createEventBus({
      source,
      transports: [transports[i] as Transport],
      onError: ({ error }) => failures.push(error),
    }),
  ) as [EventBus, EventBus];
  try {
    // A first subscription opens the transport.
    for (const bus of [one, other]) bus.on('**', () => {});
    await until(() => [one, other].every(({ nodes }) => nodes.length === 1), 'the two have met');
    await run(one, other, failures);
  } finally {
    await Promise.all([one.close(), other.close()]);
  }
}

export const busCases: readonly TransportCase[] = [
  {
    name: 'T7 lets two buses meet, and part',
    run: (pair) =>
      withBuses(pair, async (one, other, failures) => {
        expectSame([one.nodes[0]?.id, one.nodes[0]?.source], [other.nodeId, 'other'], 'the other as one sees it');
        expectSame([other.nodes[0]?.id, other.nodes[0]?.source], [one.nodeId, 'one'], 'one as the other sees it');
        await one.close();
        await until(() => other.nodes.length === 0, 'the other knows that one is gone');
        expectSame(failures.map(String), [], 'failures');
      }),
  },
  {
    name: 'T3 lets each event of two buses be handled once on both, with its chain',
    run: (pair) =>
      withBuses(pair, async (one, other, failures) => {
        const handled: string[] = [];
        const chains = new Set<string>();
        for (const bus of [one, other]) {
          bus.on('**', (event) => {
            handled.push(`${event.type} at ${bus.source}`);
            chains.add(event.correlationId);
          });
        }
        other.on('question', (_, delivery) => void delivery.emit('answer', 42));
        const question = one.emit('question');
        await until(() => handled.length >= 4, 'question and answer are handled on both');
        await Promise.all([one.idle(), other.idle()]);
        const expected = ['answer at one', 'answer at other', 'question at one', 'question at other'];
        expectSame(handled.sort(), expected, 'handled');
        expectSame([...chains], [question.event.id], 'chains');
        expectSame(failures.map(String), [], 'failures');
      }),
  },
  {
    name: 'T4 keeps a bus going when an event cannot be carried',
    run: (pair) =>
      withBuses(pair, async (one, other, failures) => {
        const arrived: unknown[] = [];
        other.on('tick', (event) => arrived.push(event.data));
        for (const data of [1, () => {}, 2]) one.emit('tick', data);
        await until(() => arrived.length >= 2, 'the others have arrived');
        expectSame(arrived, [1, 2], 'data');
        expectSame(
          failures.map((error) => (error as Error).name),
          ['SerializationError'],
          'failures',
        );
      }),
  },
];
