import { parentPort, workerData } from 'node:worker_threads';
import { createEventBus } from '../../index.js';
import { broadcastChannel } from '../broadcast-channel.js';

/** A bus in a thread of its own: emits what it is told, and tells what it handles and whom it meets. */
const { channel, source } = workerData as { channel: string; source: string };
const bus = createEventBus({ source, transports: [broadcastChannel({ channel })] });
const tell = (said: unknown): void => parentPort?.postMessage(said);

bus.on('**', ({ type, data, correlationId }, { node }) => tell({ handled: type, data, correlationId, node }));
bus.on('question', (_, delivery) => void delivery.emit('answer', source));
bus.inspect((one) => {
  if (one.kind === 'nodeJoined') tell({ joined: one.node.source });
  if (one.kind === 'nodeLeft') tell({ left: one.node.source });
});
parentPort?.on('message', async ({ emit, count = 1 }: { emit?: string; count?: number }) => {
  if (emit !== undefined) for (let i = 0; i < count; i++) bus.emit(emit, i);
  else {
    await bus.close();
    parentPort?.close();
  }
});
tell({ nodeId: bus.nodeId });
