import { type ReactNode, StrictMode } from 'react';
import { renderToString } from 'react-dom/server';
import { describe, expect, it, vi } from 'vitest';
import { CrosstownError, createEventBus, type Replies } from '../index.js';
import { memoryStore } from '../stores/memory.js';
import { createEventHooks, ProviderMissingError } from './index.js';

interface ShopEvents {
  tick: number;
  'user.get': Replies<{ id: string }, string>;
}

const hooks = createEventHooks<ShopEvents>();
const { EventBusProvider, useEmit, useEvent, useEventBus, useEventHistory, useLatestEvent, useRequest } = hooks;

function Everything(): ReactNode {
  const { source } = useEventBus();
  useEvent('tick', () => {});
  const emit = useEmit();
  const latest = useLatestEvent('tick', { fromStore: true });
  const history = useEventHistory('*', { limit: 2 });
  const user = useRequest('user.get', { id: '1' });
  return [source, typeof emit, String(latest), history.length, user.status].join(' ');
}

describe('on a server', () => {
  it('H9 renders what there is before any event, without subscribing, emitting, reading or warning', async () => {
    const errors = vi.spyOn(console, 'error');
    const store = memoryStore();
    const bus = createEventBus<ShopEvents>({ store });
    await bus.emit('tick', 1).persisted;
    const { emitted } = bus.stats();
    const read = vi.spyOn(store, 'read');
    const ui = (
      <StrictMode>
        <EventBusProvider bus={bus}>
          <Everything />
        </EventBusProvider>
      </StrictMode>
    );
    expect(renderToString(ui)).toBe('app function undefined 0 pending');
    await Promise.resolve();
    expect(bus.stats()).toMatchObject({ emitted, subscriptions: 0 });
    expect(read).not.toHaveBeenCalled();
    expect(errors).not.toHaveBeenCalled();
    errors.mockRestore();
  });

  it('H9 renders on a bus that is closed', async () => {
    const bus = createEventBus<ShopEvents>();
    await bus.close();
    const ui = <EventBusProvider bus={bus}>{<Everything />}</EventBusProvider>;
    expect(renderToString(ui)).toBe('app function undefined 0 pending');
  });
});

describe('outside of a provider', () => {
  it.each([
    ['useEventBus', () => void useEventBus()],
    ['useEvent', () => useEvent('tick', () => {})],
    ['useEmit', () => void useEmit()],
    ['useLatestEvent', () => void useLatestEvent('tick')],
    ['useEventHistory', () => void useEventHistory('tick')],
    ['useRequest', () => void useRequest('user.get', { id: '1' })],
  ])('H1 %s says what is missing', (hook, use) => {
    function Lost(): ReactNode {
      use();
      return null;
    }
    let thrown: unknown;
    try {
      renderToString(<Lost />);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(ProviderMissingError);
    expect(thrown).toBeInstanceOf(CrosstownError);
    expect(thrown).toMatchObject({
      name: 'ProviderMissingError',
      code: 'NO_PROVIDER',
      hook,
      message: `[crosstown] ${hook} is called in a component that has no bus. Put <EventBusProvider bus={bus}> around it.`,
    });
  });
});
