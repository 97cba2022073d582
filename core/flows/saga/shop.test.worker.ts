import { createEventBus } from '../../index.js';
import { indexedDbStore } from '../../stores/indexeddb.js';
import { broadcastChannel } from '../../transports/broadcast-channel.js';
import { checkout, type ShopEvents } from './checkout.test.kit.js';

/** A node in a worker that is named after its log: it says when it is there, and what it has said to be sent. */
const bus = createEventBus<ShopEvents>({
  name: self.name,
  store: indexedDbStore({ name: self.name }),
  transports: [broadcastChannel()],
});
bus.inspect((inspection) => {
  if (inspection.kind === 'onDuty') self.postMessage('on duty');
  if (inspection.kind === 'stored' && inspection.event.type === 'saga.checkout.step.sent') {
    const { step, attempt } = inspection.event.data as { readonly step: string; readonly attempt: number };
    self.postMessage(`${step} ${attempt}`);
  }
});
bus.install(checkout()).catch((error) => self.postMessage(`failed: ${error} ${error.cause?.stack}`));
