import { Activity, type ReactNode, Suspense, useEffect, useLayoutEffect, useState } from 'react';
import { flushSync } from 'react-dom';
import { describe, expect, it, vi } from 'vitest';
import type { EventBus, EventScope, Inspection } from '../index.js';
import { Boundary, nextFrame, openBus, openPage, type ShopEvents, shop, strict, Wait } from './react.test.kit.js';

const { EventBusProvider, useEmit, useEvent, useEventBus } = shop;

/** How often it was subscribed and unsubscribed, from now on. */
function changes(bus: EventBus<ShopEvents>): () => string[] {
  const seen: string[] = [];
  bus.inspect((one: Inspection) => {
    if (one.kind === 'subscribed' || one.kind === 'unsubscribed')
      seen.push(`${one.kind} ${one.handler.patterns.join(' ')}`);
  });
  return () => seen.splice(0);
}

interface ListenProps {
  readonly pattern?: string | readonly string[];
  readonly priority?: number;
  readonly enabled?: boolean;
  readonly onEvent: (type: string) => void;
}

function Listen({ pattern = 'cart.added', onEvent, ...options }: ListenProps): ReactNode {
  useEvent(pattern as 'cart.*', (event) => onEvent(event.type), options);
  return 'listening';
}

describe('useEvent', () => {
  it('H2 leaves one subscription in strict mode, which is called once, and none when the component is gone', async () => {
    const bus = openBus();
    const { show } = openPage();
    const onEvent = vi.fn();
    await show(strict(bus, <Listen onEvent={onEvent} />));
    expect(bus.stats().subscriptions).toBe(1);
    bus.emit('cart.added', { sku: '1' });
    expect(onEvent.mock.calls).toEqual([['cart.added']]);
    await show(strict(bus, null));
    expect(bus.stats().subscriptions).toBe(0);
    bus.emit('cart.added', { sku: '2' });
    expect(onEvent).toHaveBeenCalledOnce();
  });

  it('H3 calls the newest handler, filter and retryIf without subscribing again', async () => {
    const bus = openBus();
    const { show } = openPage();
    const seen: string[] = [];
    function Count({ render }: { readonly render: number }): ReactNode {
      useEvent(
        ['cart.*', 'tick'],
        (event) => {
          seen.push(`${render} ${event.type}`);
          throw new Error('again');
        },
        {
          filter: ({ type }) => render !== 2 || type === 'tick',
          retry: { attempts: 5, delayMs: 1, retryIf: () => render === 1 && seen.push('asked') < 3 },
        },
      );
      return render;
    }
    await show(strict(bus, <Count render={1} />));
    const changed = changes(bus);
    await bus.emit('cart.added', { sku: '1' });
    expect(seen.splice(0)).toEqual(['1 cart.added', 'asked', '1 cart.added', 'asked']);
    await show(strict(bus, <Count render={2} />));
    await bus.emit('cart.added', { sku: '1' });
    await bus.emit('tick', 1);
    expect(seen).toEqual(['2 tick']);
    expect(changed()).toEqual([]);
  });

  it('H3 subscribes again for another pattern, option or bus, and not for one that says the same', async () => {
    const bus = openBus();
    const other = openBus();
    const { show } = openPage();
    const onEvent = vi.fn();
    const changed = changes(bus);
    await show(
      <EventBusProvider bus={bus}>
        <Listen pattern={['cart.added', 'tick']} onEvent={onEvent} />
      </EventBusProvider>,
    );
    expect(changed()).toEqual(['subscribed cart.added tick']);
    await show(
      <EventBusProvider bus={bus}>
        <Listen pattern={['cart.added', 'tick']} onEvent={onEvent} />
      </EventBusProvider>,
    );
    expect(changed()).toEqual([]);
    await show(
      <EventBusProvider bus={bus}>
        <Listen pattern={['cart.*', 'tick']} onEvent={onEvent} />
      </EventBusProvider>,
    );
    expect(changed()).toEqual(['unsubscribed cart.added tick', 'subscribed cart.* tick']);
    await show(
      <EventBusProvider bus={bus}>
        <Listen pattern={['cart.*', 'tick']} priority={1} onEvent={onEvent} />
      </EventBusProvider>,
    );
    expect(changed()).toEqual(['unsubscribed cart.* tick', 'subscribed cart.* tick']);
    await show(
      <EventBusProvider bus={other}>
        <Listen pattern={['cart.*', 'tick']} priority={1} onEvent={onEvent} />
      </EventBusProvider>,
    );
    expect([bus, other].map((one) => one.stats().subscriptions)).toEqual([0, 1]);
    bus.emit('tick', 1);
    expect(onEvent).not.toHaveBeenCalled();
    other.emit('tick', 1);
    expect(onEvent).toHaveBeenCalledOnce();
  });

  it('H3 is not subscribed while enabled is false', async () => {
    const bus = openBus();
    const { show } = openPage();
    const onEvent = vi.fn();
    for (const enabled of [false, true, false]) {
      await show(strict(bus, <Listen enabled={enabled} onEvent={onEvent} />));
      expect(bus.stats().subscriptions).toBe(enabled ? 1 : 0);
    }
  });

  it('H2 hears what effects of the same commit emit, whoever they belong to', async () => {
    const bus = openBus();
    const { show } = openPage();
    const seen: string[] = [];
    function Emit({ name }: { readonly name: string }): ReactNode {
      const emit = useEmit();
      useEffect(() => void emit('cart.added', { sku: name }), [emit, name]);
      return name;
    }
    function Parent({ children }: { readonly children: ReactNode }): ReactNode {
      useEvent('cart.added', ({ data }) => seen.push(data.sku));
      return children;
    }
    await show(
      <EventBusProvider bus={bus}>
        <Parent>
          <Emit name="child" />
        </Parent>
        <Emit name="sibling" />
      </EventBusProvider>,
    );
    expect(seen).toEqual(['child', 'sibling']);
  });

  it('H2 is called no more once the commit that removes its component is done, before passive effects', async () => {
    const bus = openBus();
    const { show } = openPage();
    const onEvent = vi.fn();
    let remove = (): void => {};
    function Removes(): ReactNode {
      const [isGone, setGone] = useState(false);
      remove = () => setGone(true);
      useLayoutEffect(() => {
        if (isGone) bus.emit('cart.added', { sku: '1' });
      }, [isGone]);
      return isGone ? null : <Listen onEvent={onEvent} />;
    }
    await show(strict(bus, <Removes />));
    flushSync(remove);
    expect(bus.stats().subscriptions).toBe(0);
    expect(onEvent).not.toHaveBeenCalled();
  });

  it('H2 misses nothing while a boundary shows its fallback over it, and subscribes nothing for a render that is given up', async () => {
    const bus = openBus();
    const { show, element } = openPage();
    const onEvent = vi.fn();
    function Waits({ on }: { readonly on: Wait }): ReactNode {
      useEvent('cart.added', (event) => onEvent(event.type));
      return on.read();
    }
    const at = (on: Wait): ReactNode => (
      <EventBusProvider bus={bus}>
        <Suspense fallback="fallback">
          <Waits on={on} />
        </Suspense>
      </EventBusProvider>
    );
    await show(at(new Wait()));
    expect(element.textContent).toBe('fallback');
    expect(bus.stats().subscriptions).toBe(0);
    await show(at(new Wait('content')));
    await vi.waitFor(() => expect(element.textContent).toBe('content'));
    expect(bus.stats().subscriptions).toBe(1);
    const changed = changes(bus);
    const later = new Wait();
    await show(at(later));
    expect(element.textContent).toBe('fallback');
    bus.emit('cart.added', { sku: '1' });
    expect(onEvent).toHaveBeenCalledOnce();
    later.arrive('later');
    await vi.waitFor(() => expect(element.textContent).toBe('later'));
    expect(changed()).toEqual([]);
    await show(at(new Wait()));
    await show(null);
    expect(bus.stats().subscriptions).toBe(0);
  });

  it('H2 is called no more once it is removed while a boundary shows its fallback over it', async () => {
    const bus = openBus();
    const { show, element } = openPage();
    const onEvent = vi.fn();
    function Waits({ on }: { readonly on: Wait }): ReactNode {
      useEvent('cart.added', (event) => onEvent(event.type));
      return on.read();
    }
    function Emits(): ReactNode {
      useLayoutEffect(() => void bus.emit('cart.added', { sku: '1' }));
      return null;
    }
    const around = (node: ReactNode): ReactNode => <EventBusProvider bus={bus}>{node}</EventBusProvider>;
    const boundary = (on: Wait): ReactNode => around(<Suspense fallback="fallback">{<Waits on={on} />}</Suspense>);
    await show(boundary(new Wait('content')));
    await show(boundary(new Wait()));
    expect(element.textContent).toBe('fallback');
    await show(around(<Emits />));
    expect(onEvent).not.toHaveBeenCalled();
    expect(bus.stats().subscriptions).toBe(0);
  });

  it('H2 ends while an Activity hides it, and begins again with it', async () => {
    const bus = openBus();
    const { show } = openPage();
    for (const mode of ['visible', 'hidden', 'visible'] as const) {
      await show(
        strict(
          bus,
          <Activity mode={mode}>
            <Listen onEvent={() => {}} />
          </Activity>,
        ),
      );
      await vi.waitFor(() => expect(bus.stats().subscriptions).toBe(mode === 'visible' ? 1 : 0));
    }
  });

  it('H2 keeps a durable subscription through strict mode', async () => {
    const { memoryStore } = await import('../stores/memory.js');
    const bus = openBus({ store: memoryStore() });
    const { show } = openPage();
    const seen: number[] = [];
    function Durable(): ReactNode {
      useEvent('tick', ({ data }) => seen.push(data), { durable: 'ticks' });
      return null;
    }
    await show(strict(bus, <Durable />));
    for (const tick of [1, 2, 3]) bus.emit('tick', tick);
    await vi.waitFor(() => expect(seen).toEqual([1, 2, 3]));
    expect(bus.stats().durable).toHaveLength(1);
  });

  it('H3 is named after the function, or as it is told', async () => {
    const bus = openBus();
    const { show } = openPage();
    const names: string[] = [];
    bus.inspect((one) => void (one.kind === 'subscribed' && names.push(one.handler.name)));
    function Named(): ReactNode {
      useEvent('tick', function count() {});
      useEvent('tick', () => {}, { name: 'told' });
      useEvent('tick', () => {});
      return null;
    }
    await show(<EventBusProvider bus={bus}>{<Named />}</EventBusProvider>);
    expect(names).toEqual(['count', 'told', 'tick']);
  });
});

describe('the bus of a component', () => {
  it('H1 is that of the nearest provider, a scope as well, whose name its events bear', async () => {
    const bus = openBus();
    const scope = bus.scope({ source: 'reviews', permissions: { emit: 'cart.*' } });
    const { show } = openPage();
    const sources: string[] = [];
    bus.on('cart.cleared', ({ source }) => sources.push(source));
    const found: EventScope<ShopEvents>[] = [];
    function Clear(): ReactNode {
      found.push(useEventBus());
      const emit = useEmit();
      useEffect(() => void emit('cart.cleared'), [emit]);
      return null;
    }
    await show(
      <EventBusProvider bus={bus}>
        <Clear />
        <EventBusProvider bus={scope}>
          <Clear />
        </EventBusProvider>
      </EventBusProvider>,
    );
    expect(found).toEqual([bus, scope]);
    expect(sources).toEqual(['app', 'reviews']);
  });

  it('H5 has one emit, as long as it is the same', async () => {
    const bus = openBus();
    const { show } = openPage();
    const emits = new Set<unknown>();
    function Emits(): ReactNode {
      emits.add(useEmit());
      return null;
    }
    for (let i = 0; i < 2; i++) await show(<EventBusProvider bus={bus}>{<Emits key="one" />}</EventBusProvider>);
    expect(emits.size).toBe(1);
    await show(<EventBusProvider bus={openBus()}>{<Emits key="one" />}</EventBusProvider>);
    expect(emits.size).toBe(2);
  });

  it.each([
    ['what a scope may not hear', 'tick', 'PERMISSION_DENIED'],
    ['what is no pattern', 'cart.a*', 'INVALID_PATTERN'],
  ])('H4 has an error boundary told of %s', async (_, pattern, code) => {
    const silent = vi.spyOn(console, 'error').mockImplementation(() => {});
    const bus = openBus();
    const scope = bus.scope({ source: 'reviews', permissions: { on: 'cart.*' } });
    const { show, element } = openPage();
    const ui = (hears: string): ReactNode => (
      <EventBusProvider bus={scope}>
        <Listen onEvent={() => {}} />
        <Boundary key={hears}>
          <Listen pattern={hears} onEvent={() => {}} />
        </Boundary>
      </EventBusProvider>
    );
    await show(ui(pattern));
    expect(element.textContent).toBe(`listeningrefused: ${code}`);
    expect(bus.stats().subscriptions).toBe(1);
    await show(ui('cart.*'));
    expect(element.textContent).toBe('listeninglistening');
    expect(bus.stats().subscriptions).toBe(2);
    silent.mockRestore();
  });

  it('H4 has an error boundary told that it is closed, also when only the bus is another', async () => {
    const silent = vi.spyOn(console, 'error').mockImplementation(() => {});
    const closed = openBus();
    const bus = openBus();
    await closed.close();
    const { show, element } = openPage();
    for (const one of [bus, closed]) {
      await show(
        <Boundary>
          <EventBusProvider bus={one}>
            <Listen onEvent={() => {}} />
          </EventBusProvider>
        </Boundary>,
      );
    }
    expect(element.textContent).toBe('refused: BUS_CLOSED');
    await nextFrame();
    expect(bus.stats().subscriptions).toBe(0);
    silent.mockRestore();
  });
});
