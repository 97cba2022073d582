import { type Batch, PROTOCOL_VERSION } from '../protocol.js';
import { type DevtoolsChannel, later, openChannel } from './devtools-channel.js';
import type { Recorder } from './recorder.js';
import { LEASE_MS } from './share.js';

/** Asks the other nodes to tell what their handlers do, and writes it down, until the returned function is called. */
export function watchOthers(recorder: Recorder, channelName: string): () => void {
  const node = recorder.nodes.at(0).id;
  const channel: DevtoolsChannel | undefined = openChannel(channelName, (message) => {
    if (message.node === node) return;
    if (message.kind === 'hello') watch();
    else if (message.kind === 'batch') absorb(recorder, message);
  });
  const watch = (): void => channel?.send({ v: PROTOCOL_VERSION, kind: 'watch', node });
  const unwatch = (): void => channel?.send({ v: PROTOCOL_VERSION, kind: 'unwatch', node });
  watch();
  const stopRenewing = later(watch, LEASE_MS / 5, true);
  // A page that is left says so; one that comes back out of the cache watches again.
  globalThis.addEventListener?.('pagehide', unwatch);
  globalThis.addEventListener?.('pageshow', watch);
  return () => {
    globalThis.removeEventListener?.('pagehide', unwatch);
    globalThis.removeEventListener?.('pageshow', watch);
    stopRenewing();
    unwatch();
    channel?.close();
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
  for (const [eventId, position, start, durationMs, failed, error] of batch.runs) {
    const handler = records[position];
    if (handler === undefined) continue;
    handler.calls++;
    handler.failures += failed;
    handler.durations.record(durationMs);
    remote.addRun({ eventId, handler, start, durationMs, failed: failed === 1, error: error || undefined });
  }
  for (const [eventId, at, durationMs, status, delivered, failures, type, correlationId, cause] of batch.outcomes) {
    const origin = type === '' ? undefined : { type, correlationId, causationId: cause || undefined };
    remote.addOutcome({ eventId, node, at, durationMs, status, delivered, failures, origin });
  }
  traffic.untold += batch.lost;
  changes.touch();
}
