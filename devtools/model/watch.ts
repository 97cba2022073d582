import { type Batch, PROTOCOL_VERSION } from '../protocol.js';
import { DevtoolsChannel, later } from './devtools-channel.js';
import type { Recorder } from './recorder.js';
import type { RemoteRun } from './remote-runs.js';
import { LEASE_MS } from './share.js';

/** Asks the other nodes to tell what their handlers do, and writes it down, until the returned function is called. */
export function watchOthers(recorder: Recorder, channelName: string): () => void {
  const node = recorder.nodes.at(0).id;
  const watch = { v: PROTOCOL_VERSION, kind: 'watch', node } as const;
  const channel = new DevtoolsChannel(channelName, {
    onOpen: (send) => send(watch),
    onMessage: (message) => {
      if (message.node === node) return;
      if (message.kind === 'hello') channel.send(watch);
      else if (message.kind === 'batch') absorb(recorder, message);
    },
    onClose: (send) => send({ ...watch, kind: 'unwatch' }),
  });
  const stopRenewing = later(() => channel.send(watch), LEASE_MS / 5, true);
  return () => {
    stopRenewing();
    channel.close();
  };
}

/** Takes in what another node tells. */
export function absorb(recorder: Recorder, batch: Batch): void {
  const { handlers, nodes, remote, traffic, changes } = recorder;
  nodes.describe(batch.node, { source: batch.source, realm: batch.realm });
  const node = nodes.indexOf(batch.node);
  const records = batch.handlers.map(([name, priority, patterns]) =>
    handlers.ofNode(node, { name, priority, patterns }),
  );
  const addRun = (run: Pick<RemoteRun, 'eventId' | 'handler' | 'start' | 'durationMs' | 'attempt' | 'error'>): void =>
    remote.addRun({ ...run, failed: run.error !== undefined, retryInMs: undefined, isLetter: false });
  for (const [eventId, position, start, durationMs, failed, text, attempt] of batch.runs) {
    const handler = records[position];
    if (handler === undefined) continue;
    handler.failures += failed;
    if (attempt > 0) {
      handler.calls++;
      handler.durations.record(durationMs);
    }
    addRun({ eventId, handler, start, durationMs, attempt, error: failed === 1 ? text : undefined });
  }
  for (const [eventId, position, attempt, delayMs] of batch.retries) {
    const handler = records[position];
    if (handler === undefined) continue;
    handler.retries++;
    const run = remote.failed(eventId, handler, attempt);
    if (run !== undefined) run.retryInMs = delayMs;
  }
  for (const [eventId, position, at, error] of batch.letters) {
    const handler = records[position];
    if (handler === undefined) continue;
    if (remote.failed(eventId, handler) === undefined) {
      addRun({ eventId, handler, start: at, durationMs: 0, attempt: 0, error });
    }
    const run = remote.failed(eventId, handler);
    if (run !== undefined) run.isLetter = true;
  }
  for (const [eventId, at, durationMs, status, delivered, failures, type, correlationId, cause] of batch.outcomes) {
    const origin = type === '' ? undefined : { type, correlationId, causationId: cause || undefined };
    remote.addOutcome({ eventId, node, at, durationMs, status, delivered, failures, origin });
  }
  traffic.untold += batch.lost;
  changes.touch();
}
