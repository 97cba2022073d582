import { createEventBus } from 'crosstown';
import { shareDevtools } from 'crosstown/devtools/agent';
import { bestPractices } from 'crosstown/inspect/best-practices';
import { indexedDbStore } from 'crosstown/stores/indexeddb';
import { broadcastChannel } from 'crosstown/transports/broadcast-channel';
import { type AppEvents, stored } from '../../events.js';
import { policy } from '../../policy.js';
import { sealing } from '../../sealing.js';
import { inventory } from './inventory.js';

const bus = createEventBus<AppEvents>({
  name: 'shop',
  // As a page's bus is a tab, whoever works on it: the stock keeper is a plugin here as others are there.
  source: 'worker',
  store: indexedDbStore({ name: 'shop' }),
  transports: [broadcastChannel({ channel: 'shop' })],
  persist: stored,
  codecs: sealing(),
  ...policy,
});
bus.inspect(bestPractices());
shareDevtools(bus);
void bus.install(inventory);
