import { expect, it } from 'vitest';
import { HandlerBook } from './handler-book.js';
import { RemoteRuns } from './remote-runs.js';

const handler = new HandlerBook().ofNode(1, { name: 'h', patterns: ['x'], priority: 0 });
const run = (eventId: string) => ({
  eventId,
  handler,
  start: 1,
  durationMs: 1,
  failed: false,
  error: undefined,
  attempt: 1,
  retryInMs: undefined,
  isLetter: false,
});
const outcome = (eventId: string, correlationId: string) => ({
  eventId,
  node: 1,
  at: 1,
  durationMs: 1,
  status: 3,
  delivered: 1,
  failures: 0,
  origin: { type: 'x', correlationId, causationId: undefined },
});

it('the oldest events are forgotten first, with their place in their chain', () => {
  const remote = new RemoteRuns(10);
  for (let i = 0; i < 100; i++) {
    remote.addOutcome(outcome(`e${i}`, `c${i % 3}`));
    remote.addRun(run(`e${i}`));
  }
  expect(remote.size).toBe(10);
  expect(remote.of('e94')).toEqual({ runs: [], outcomes: [] });
  expect(remote.of('e99').runs).toHaveLength(1);
  expect(remote.chain('c0')).toEqual(['e96', 'e99']);
  expect(remote.chain('c1')).toEqual(['e97']);
});

it('one event with more runs than there is room for does not grow without end', () => {
  const remote = new RemoteRuns(10);
  for (let i = 0; i < 1000; i++) remote.addRun(run('same'));
  expect(remote.size).toBeLessThanOrEqual(10);
});
