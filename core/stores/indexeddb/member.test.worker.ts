import { createEventBus } from '../../index.js';
import { broadcastChannel } from '../../transports/broadcast-channel.js';
import { indexedDbStore } from '../indexeddb.js';

/** A node in a worker that is named after its log: it says what its group gives it, and takes its time over each. */
const bus = createEventBus<{ job: number }>({
  name: self.name,
  store: indexedDbStore({ name: self.name }),
  transports: [broadcastChannel()],
});
bus.inspect(({ kind }) => {
  if (kind === 'onDuty') self.postMessage('on duty');
});
bus.on(
  'job',
  async ({ data }) => {
    self.postMessage(data);
    await new Promise((resolve) => setTimeout(resolve, 5));
  },
  { group: 'workers', from: 'all' },
);
