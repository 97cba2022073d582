// The ways from tab to tab: a bus on both sides, a message for each event, and messages of 100 events.
import { createEventBus } from 'crosstown';
import { broadcastChannel } from 'crosstown/transports/broadcast-channel';
import { chunksOf, recordsOf } from './records.mjs';

/** @typedef {ReturnType<typeof recordsOf>[number]} OrderRecord */

/** What is emitted in one turn of the sender, and the size of the larger messages. */
const BURST = 100;

/**
 * @typedef {object} Line
 * @property {(burst: readonly OrderRecord[]) => void} send
 * @property {(handle: (data: OrderRecord['data']) => void) => void} receive
 */

/** @type {Readonly<Record<string, (name: string) => Line>>} */
const lines = {
  crosstown: (name) => {
    const bus = createEventBus({ source: 'shop', transports: [broadcastChannel({ channel: name })] });
    return {
      send: (burst) => {
        for (const { type, data, correlationId } of burst) bus.emit(type, data, { correlationId });
      },
      receive: (handle) => bus.on('order.*', ({ data }) => handle(/** @type {OrderRecord['data']} */ (data))),
    };
  },
  'message-each': (name) => {
    const channel = new BroadcastChannel(name);
    return {
      send: (burst) => {
        for (const record of burst) channel.postMessage(record);
      },
      receive: (handle) => {
        channel.onmessage = ({ data: record }) => handle(record.data);
      },
    };
  },
  'messages-of-100': (name) => {
    const channel = new BroadcastChannel(name);
    return {
      send: (burst) => channel.postMessage(burst),
      receive: (handle) => {
        channel.onmessage = ({ data: burst }) => {
          for (const record of burst) handle(record.data);
        };
      },
    };
  },
};

/** The end that counts what arrives, and says so each time it has all of `count`. @param {string} line @param {number} count */
export function listen(line, count) {
  const confirmations = new BroadcastChannel(`${line} confirmations`);
  let arrived = 0;
  let total = 0;
  lineOf(line).receive((data) => {
    total += data.total;
    if (++arrived < count) return;
    confirmations.postMessage(total);
    arrived = total = 0;
  });
}

/** The end that sends `count` events and waits for the other's word: ms from the first emit. @param {string} name @param {number} count */
export function sender(name, count) {
  const confirmations = new BroadcastChannel(`${name} confirmations`);
  const line = lineOf(name);
  const records = recordsOf(count);
  const bursts = chunksOf(records, BURST);
  const expected = records.reduce((sum, { data }) => sum + data.total, 0);
  return async () => {
    const confirmed = new Promise((resolve) => {
      confirmations.onmessage = ({ data: total }) => resolve(total);
    });
    const start = performance.now();
    for (const burst of bursts) {
      line.send(burst);
      await undefined;
    }
    if ((await confirmed) !== expected) throw new Error(`${name} lost events`);
    return performance.now() - start;
  };
}

/** @param {string} name */
function lineOf(name) {
  const line = lines[name];
  if (line === undefined) throw new Error(`No line ${name}`);
  return line(`bench ${name}`);
}
