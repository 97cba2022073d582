import { definePlugin } from 'crosstown';
import type { AppEvents, AuditSummary } from '../../events.js';
import { facts } from '../../events.js';
import { auditGithub } from './audit-github.js';

interface AuditConfig {
  /** So many facts are shown. */
  readonly kept: number;
  /** However much there is to count, what is shown changes no more often than this. */
  readonly summaryMs: number;
}

/** Watches everything and takes part in nothing: what the shop did last, and what came in as live traffic. */
export const audit = definePlugin<AppEvents, AuditConfig>({
  name: 'audit',
  version: '1.0.0',
  permissions: { on: [...facts, 'github.**'], emit: 'audit.summary.changed' },
  config: { kept: 12, summaryMs: 250 },
  setup(scope) {
    const { kept, summaryMs } = scope.config;
    let entries: AuditSummary['entries'] = [];
    let counted = 0;
    let isDue = false;
    const changed = (): void => {
      if (isDue) return;
      isDue = true;
      scope.clock.setTimeout(() => {
        isDue = false;
        scope.emit('audit.summary.changed', { entries, facts: counted, github: github() }, { local: true });
      }, summaryMs);
    };
    const github = auditGithub(scope, changed);

    scope.on(
      facts,
      (event, delivery) => {
        counted++;
        const entry = { id: event.id, type: event.type, at: event.timestamp, here: delivery.node === scope.nodeId };
        entries = [entry, ...entries.slice(0, kept - 1)];
        changed();
      },
      { name: 'write down' },
    );
  },
});
