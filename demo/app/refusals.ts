import type { EventBus, Inspection } from 'crosstown';
import type { AppEvents } from '../events.js';

/** Something that a plugin wanted, and why it did not get it. */
export interface Refusal {
  readonly wanted: string;
  readonly because: string;
}

const calls: Readonly<Record<(Inspection & { readonly kind: 'denied' })['action'], string>> = {
  emit: 'emit',
  on: 'subscribe to',
  request: 'request',
  respond: 'answer',
  use: 'intercept',
};

/** Tells, until the returned function is called, what a plugin is refused on a bus: permissions, vetoes, and bad data. */
export function watchRefusals(bus: EventBus<AppEvents>, source: string, tell: (refusal: Refusal) => void): () => void {
  const unwatch = bus.inspect((inspection) => {
    if (inspection.kind === 'denied' && inspection.source === source) {
      const { action, pattern, error } = inspection;
      tell({ wanted: `${calls[action]} ${pattern}`, because: error.reason });
    } else if (inspection.kind === 'vetoed' && inspection.event.source === source) {
      tell({ wanted: `emit so many ${inspection.event.type}`, because: `vetoed by “${inspection.by}”` });
    }
  });
  const off = bus.on('rogue.complained', ({ data }) => tell({ ...data, because: factOf(data.because) }), {
    name: 'page: refusals',
    filter: (event) => event.source === source,
  });
  return () => {
    unwatch();
    off();
  };
}

/** A message without who tells it, and without its remedy, which is for whoever writes the plugin. */
function factOf(message: string): string {
  return message.replace(/^\[crosstown\] /, '').replace(/\. [A-Z](?:(?!\. [A-Z]).)*$/, '');
}
