// What the project promises of storing and sending in a browser.
import { atLeast, atMost, beside } from '../claims.mjs';

const options = { unit: 'µs', readings: 5 };

/** @type {readonly import('../claims.mjs').Group[]} */
export const browserGroups = [
  beside('append', 'store each event, 100 producers', { 'raw-records': atLeast(2.5), dexie: atLeast(4) }, options),
  beside(
    'append',
    'the same, no two events in one chain',
    { 'raw-records': undefined },
    { ...options, name: 'append-own-chains', ours: 'crosstown-own-chains' },
  ),
  beside(
    'append-alone',
    'store each event, one producer that waits for it',
    { 'bare-transactions': atLeast(0.5) },
    { ...options, ours: 'crosstown-alone' },
  ),
  beside('open', 'open a log of 100,000 events, and of one', { 'crosstown-empty': atMost(2) }, options),
  beside('read-all', 'read 10,000 stored events', { 'raw-records': atMost(0.7), dexie: undefined }, options),
  beside(
    'read-all',
    'read 10,000 events of one producer, small rows merged',
    { 'crosstown-lone': atMost(0.5) },
    { ...options, name: 'read-compacted', ours: 'crosstown-compacted' },
  ),
  beside('group', 'have a group handle 10,000 stored events', { 'lock-and-cursor': atLeast(0.7) }, options),
  beside(
    'send',
    'tab to tab, 100 events a turn',
    { 'message-each': atLeast(5), 'messages-of-100': atLeast(0.7) },
    options,
  ),
];
