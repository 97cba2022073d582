import type { EventScope } from 'crosstown';
import type { AppEvents, AuditSummary } from '../../events.js';

const MOST_PEOPLE = 10_000;

/** Reads the webhooks of the live traffic with several handlers, as an application would that has an interest in each. */
export function auditGithub(scope: EventScope<AppEvents>, changed: () => void): () => AuditSummary['github'] {
  const kinds = new Map<string, number>();
  const people = new Set<string>();
  let deliveries = 0;
  let commits = 0;
  let opened = 0;
  let closed = 0;
  let alerts = 0;

  scope.on(
    'github.**',
    (event) => {
      const kind = event.type.split('.')[1] ?? '';
      kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
      deliveries++;
      changed();
    },
    { name: 'count deliveries' },
  );
  scope.on(
    'github.**',
    (event) => {
      const login = event.data.sender?.login;
      if (login !== undefined && people.size < MOST_PEOPLE) people.add(login);
    },
    { name: 'who did it' },
  );
  scope.on(
    'github.push',
    (event) => {
      commits += event.data.commits?.length ?? 0;
    },
    { name: 'commits' },
  );
  scope.on(['github.*.opened', 'github.*.reopened'], () => void opened++, { name: 'opened' });
  scope.on('github.*.closed', () => void closed++, { name: 'closed' });
  scope.on(
    ['github.security_advisory.*', 'github.dependabot_alert.*', 'github.code_scanning_alert.*'],
    async () => {
      // A handler that waits, as one that looked something up would.
      await Promise.resolve();
      alerts++;
    },
    { name: 'alerts', priority: 100 },
  );
  return () => ({
    deliveries,
    kinds: [...kinds].map(([kind, count]) => ({ kind, count })).sort((a, b) => b.count - a.count),
    people: people.size,
    commits,
    opened,
    closed,
    alerts,
  });
}
