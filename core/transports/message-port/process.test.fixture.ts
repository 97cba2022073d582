import { createEventBus } from '../../index.js';
import { messagePort, messagePorts } from '../message-port.js';

/** A program whose buses have met over a channel, and that has nothing else to do. */
const { port1, port2 } = new MessageChannel();
const hub = messagePorts();
hub.add({ port: port2 });
const [bus, other] = [messagePort({ port: port1 }), hub].map((one) => createEventBus({ transports: [one] }));
other?.on('**', () => {});
bus?.inspect(({ kind }) => {
  if (kind === 'nodeJoined') console.log('met');
});
bus?.on('**', () => {});
// Until they have met there is something to do.
setTimeout(() => {}, 500);
