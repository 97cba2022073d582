import { createEventBus } from '../../index.js';
import { broadcastChannel } from '../broadcast-channel.js';

/** A bus in a worker or frame of its own: the query says its channel and source; it does what it is told and tells what it handles. */
const query = new URL(import.meta.url).searchParams;
const channel = query.get('channel') ?? '';
const source = query.get('source') ?? '';
const control = new BroadcastChannel(`${channel}-control`);
const tell = (said: object): void => control.postMessage({ source, ...said });

const bus = createEventBus({
  source,
  transports: [broadcastChannel({ channel })],
  onError: ({ error }) => tell({ failed: (error as Error).message }),
});
bus.on('**', ({ type, data, correlationId }, { node }) => {
  if (type !== 'tick') tell({ handled: type, data, correlationId, node });
});
const ticks: unknown[] = [];
bus.on('tick', ({ data }) => {
  ticks.push(data);
  if (data === 'last') tell({ ticks });
});
bus.on('question', (_, delivery) => void delivery.emit('answer', source));
control.onmessage = async ({ data }: MessageEvent<{ to: string; emit?: string; close?: boolean }>): Promise<void> => {
  if (data.to !== source) return;
  if (data.emit !== undefined) for (const n of [1, 2, 3]) bus.emit(data.emit, n);
  if (data.close === true) await bus.close();
};
tell({ nodeId: bus.nodeId });
