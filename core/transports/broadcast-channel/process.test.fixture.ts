import { createEventBus } from '../../index.js';
import { broadcastChannel } from '../broadcast-channel.js';

/** A program that opens a channel and has nothing else to do. */
const bus = createEventBus({ transports: [broadcastChannel()] });
bus.on('**', () => {});
console.log('open');
