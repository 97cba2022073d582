import { compilePattern, type EventRecord, type HistoryQuery, InvalidOptionError } from '../../index.js';

/**
 * Says which records a query asks for by what they hold; offsets, order, limit and signal are the store's to mind.
 * The whole query is checked at once, so that a mistake shows where the query is written and not where it is read.
 *
 * @throws InvalidOptionError, InvalidPatternError
 */
export function queryMatcher(query: HistoryQuery): (record: EventRecord) => boolean {
  checkQuery(query);
  const { pattern, source, correlationId, since = Number.NEGATIVE_INFINITY, until = Number.POSITIVE_INFINITY } = query;
  const hasType = pattern === undefined ? undefined : compilePattern(pattern);
  return (record) =>
    record.timestamp >= since &&
    record.timestamp <= until &&
    (correlationId === undefined || record.correlationId === correlationId) &&
    (source === undefined || record.source === source) &&
    (hasType === undefined || hasType(record.type));
}

function checkQuery(query: HistoryQuery): void {
  for (const option of ['since', 'until', 'after', 'before'] as const) {
    const value: unknown = query[option];
    if (value !== undefined && (typeof value !== 'number' || Number.isNaN(value))) {
      throw new InvalidOptionError(option, value, 'a number');
    }
  }
  for (const option of ['source', 'correlationId'] as const) {
    const value: unknown = query[option];
    if (value !== undefined && typeof value !== 'string') throw new InvalidOptionError(option, value, 'a string');
  }
  const { limit, order } = query;
  if (limit !== undefined && limit !== Number.POSITIVE_INFINITY && !(Number.isInteger(limit) && limit >= 0)) {
    throw new InvalidOptionError('limit', limit, 'a whole number from 0 on');
  }
  if (order !== undefined && order !== 'asc' && order !== 'desc') {
    throw new InvalidOptionError('order', order, '"asc" or "desc"');
  }
}
