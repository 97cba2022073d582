import type { EventBus } from 'crosstown';
import type { AppEvents, AuditSummary } from '../../events.js';
import { facts } from '../../events.js';
import { auditGithub } from './audit-github.js';

const KEPT = 12;
/** However much there is to count, what is shown changes no more often than this. */
const SUMMARY_MS = 250;

/** Watches everything and takes part in nothing: what the shop did last, and what came in as live traffic. */
export function audit(bus: EventBus<AppEvents>): () => void {
  let entries: AuditSummary['entries'] = [];
  let counted = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const changed = (): void => {
    timer ??= setTimeout(() => {
      timer = undefined;
      bus.emit('audit.summary.changed', { entries, facts: counted, github: github.summary() }, { local: true });
    }, SUMMARY_MS);
  };
  const github = auditGithub(bus, changed);

  const stop = bus.on(
    facts,
    (event, delivery) => {
      counted++;
      const entry = { id: event.id, type: event.type, at: event.timestamp, here: delivery.node === bus.nodeId };
      entries = [entry, ...entries.slice(0, KEPT - 1)];
      changed();
    },
    { name: 'audit: write down' },
  );
  return () => {
    stop();
    github.stop();
    clearTimeout(timer);
  };
}
