import { createEventBus } from 'crosstown';
import { shareDevtools } from 'crosstown/devtools/agent';
import { indexedDbStore } from 'crosstown/stores/indexeddb';
import { broadcastChannel } from 'crosstown/transports/broadcast-channel';
import { type AppEvents, facts } from '../../events.js';
import { inventory } from './inventory.js';

const bus = createEventBus<AppEvents>({
  name: 'shop',
  source: 'inventory',
  store: indexedDbStore({ name: 'shop' }),
  transports: [broadcastChannel({ channel: 'shop' })],
  persist: facts,
});
shareDevtools(bus);
inventory(bus);
