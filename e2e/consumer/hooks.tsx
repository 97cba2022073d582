// The hooks as an application with plugins would use them: type-checked against the packed tarball.
import { createEventBus, definePlugin, type PluginScope, type Replies } from 'crosstown';
import { createEventHooks, type RequestState } from 'crosstown/react';
import { type ReactElement, useState } from 'react';

interface AppEvents {
  'cart.added': { sku: string };
  'cart.cleared': undefined;
  'price.get': Replies<{ sku: string }, number>;
}

const { EventBusProvider, useEmit, useEvent, useEventHistory, useLatestEvent, useRequest } =
  createEventHooks<AppEvents>();

function Cart(): ReactElement {
  const [count, setCount] = useState(0);
  const emit = useEmit();
  const latest = useLatestEvent('cart.added');
  const history = useEventHistory('cart.*', { limit: 10, fromStore: true });
  const price: RequestState<number> = useRequest('price.get', latest?.data);
  useEvent('cart.*', (event) => setCount((before) => (event.type === 'cart.cleared' ? 0 : before + 1)));
  // @ts-expect-error what was cleared has no sku
  useEvent('cart.cleared', (event) => console.log(event.data.sku));
  return (
    <button type="button" onClick={() => emit('cart.cleared')}>
      {count} of {history.length}, {price.status === 'success' ? price.data.toFixed(2) : price.status}
    </button>
  );
}

const bus = createEventBus<AppEvents>();

/** A plugin whose user interface has the rights of the plugin. */
export const reviews = definePlugin<AppEvents>({
  name: 'reviews',
  permissions: { on: 'cart.*' },
  setup(scope: PluginScope<AppEvents>) {
    mount(
      <EventBusProvider bus={scope}>
        <Cart />
      </EventBusProvider>,
    );
  },
});

export const app: ReactElement = (
  <EventBusProvider bus={bus}>
    <Cart />
  </EventBusProvider>
);
// @ts-expect-error a bus of other events
export const wrong: ReactElement = <EventBusProvider bus={createEventBus<{ other: number }>()} />;

declare function mount(ui: ReactElement): void;
