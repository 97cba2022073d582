import { Activity, memo, type ReactNode, Suspense, startTransition, useLayoutEffect, useRef, useState } from 'react';
import { flushSync } from 'react-dom';
import { hydrateRoot } from 'react-dom/client';
import { renderToString } from 'react-dom/server';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { EventBus } from '../index.js';
import { memoryStore } from '../stores/memory.js';
import { Boundary, nextFrame, openBus, openPage, type ShopEvents, shop, strict, Wait } from './react.test.kit.js';

const { EventBusProvider, useEvent, useEventHistory, useLatestEvent } = shop;

function Latest({ pattern = 'tick' }: { readonly pattern?: 'tick' | 'cart.*' }): ReactNode {
  const event = useLatestEvent(pattern);
  return <b>{event === undefined ? 'none' : JSON.stringify(event.data)}</b>;
}

const texts = (element: HTMLElement, selector = 'b'): string[] =>
  [...element.querySelectorAll(selector)].map(({ textContent }) => textContent ?? '');

function History({ limit, fromStore }: { readonly limit?: number; readonly fromStore?: boolean }): ReactNode {
  const events = useEventHistory('tick', { ...(limit && { limit }), ...(fromStore && { fromStore }) });
  return <b>{events.map(({ data }) => data).join(' ')}</b>;
}

/** Works for a while, as a component that shows much does. */
function busyFor(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

describe('useLatestEvent and useEventHistory', () => {
  it('H6 begin without an event and show the latest from then on, in strict mode with one subscription', async () => {
    const bus = openBus();
    const { show, element } = openPage();
    bus.emit('tick', 0);
    await show(strict(bus, [<Latest key="latest" />, <History key="history" limit={3} />]));
    expect(texts(element)).toEqual(['none', '']);
    expect(bus.stats().subscriptions).toBe(2);
    for (const tick of [1, 2, 3, 4, 5]) bus.emit('tick', tick);
    await vi.waitFor(() => expect(texts(element)).toEqual(['5', '3 4 5']));
    await show(null);
    expect(bus.stats().subscriptions).toBe(0);
  });

  it('H6 share a subscription, and what is mounted later shows what the others show', async () => {
    const bus = openBus();
    const { show, element } = openPage();
    const many = Array.from({ length: 100 }, (_, i) => `latest ${i}`).map((key) => <Latest key={key} />);
    await show(strict(bus, many));
    bus.emit('tick', 1);
    await vi.waitFor(() => expect(new Set(texts(element))).toEqual(new Set(['1'])));
    expect(bus.stats().subscriptions).toBe(1);
    await show(strict(bus, [...many, <Latest key="late" />]));
    expect(new Set(texts(element))).toEqual(new Set(['1']));
    expect(bus.stats().subscriptions).toBe(1);
    await show(strict(bus, <Latest key="late" />));
    expect(texts(element)).toEqual(['1']);
    await show(strict(bus, null));
    expect(bus.stats().subscriptions).toBe(0);
  });

  it('H6 hand out the events themselves, and the same list until there are others', async () => {
    const bus = openBus();
    const { show } = openPage();
    const lists = new Set<readonly unknown[]>();
    function Lists(): ReactNode {
      const events = useEventHistory('cart.added');
      lists.add(events);
      return events.length;
    }
    for (let i = 0; i < 2; i++) await show(<EventBusProvider bus={bus}>{<Lists key="one" />}</EventBusProvider>);
    expect(lists.size).toBe(1);
    const data = { sku: '1' };
    bus.emit('cart.added', data);
    await vi.waitFor(() => expect(lists.size).toBe(2));
    const [event] = [...lists][1] as readonly { readonly data: unknown }[];
    expect(event?.data).toBe(data);
  });

  it('H6 show another pattern and another bus without what the one before had', async () => {
    const bus = openBus();
    const other = openBus();
    const { show, element } = openPage();
    await show(strict(bus, <Latest />));
    bus.emit('tick', 1);
    await vi.waitFor(() => expect(texts(element)).toEqual(['1']));
    await show(strict(bus, <Latest pattern="cart.*" />));
    expect(texts(element)).toEqual(['none']);
    bus.emit('cart.added', { sku: '2' });
    await vi.waitFor(() => expect(texts(element)).toEqual(['{"sku":"2"}']));
    await show(strict(other, <Latest pattern="cart.*" />));
    expect(texts(element)).toEqual(['none']);
    expect([bus, other].map((one) => one.stats().subscriptions)).toEqual([0, 1]);
    bus.emit('cart.added', { sku: '3' });
    other.emit('cart.added', { sku: '4' });
    await vi.waitFor(() => expect(texts(element)).toEqual(['{"sku":"4"}']));
  });

  it('H6 render with a frame at most at 5,000 events a second, and show the last', async () => {
    const bus = openBus();
    const { show, element } = openPage();
    let renders = 0;
    function Renders(): ReactNode {
      renders++;
      return <b>{useLatestEvent('tick')?.data}</b>;
    }
    await show(<EventBusProvider bus={bus}>{<Renders />}</EventBusProvider>);
    renders = 0;
    let frames = 0;
    let isOver = false;
    const count = (): void => {
      frames++;
      if (!isOver) requestAnimationFrame(count);
    };
    requestAnimationFrame(count);
    const { port1, port2 } = new MessageChannel();
    const begin = performance.now();
    let sent = 0;
    await new Promise<void>((done) => {
      // A task for each turn, so that React could render between any two.
      port1.onmessage = () => {
        for (const now = performance.now() - begin; sent < Math.min(5000, now * 5); ) bus.emit('tick', ++sent);
        if (sent < 5000) port2.postMessage(undefined);
        else done();
      };
      port2.postMessage(undefined);
    });
    await vi.waitFor(() => expect(texts(element)).toEqual(['5000']));
    isOver = true;
    port1.close();
    expect(renders).toBeGreaterThan(5);
    // One more for a timer that came before a late frame.
    expect(renders).toBeLessThanOrEqual(frames + 1 + (performance.now() - begin) / 100);
    expect(renders).toBeLessThan(200);
  });

  it('H6 go on in a page that gets no frames, and keep no more than they are to show', async () => {
    const bus = openBus();
    const { show, element } = openPage();
    await show(<EventBusProvider bus={bus}>{<History limit={2} />}</EventBusProvider>);
    const frames = vi.spyOn(globalThis, 'requestAnimationFrame').mockReturnValue(0);
    for (let tick = 1; tick <= 100; tick++) bus.emit('tick', tick);
    await vi.waitFor(() => expect(texts(element)).toEqual(['99 100']));
    frames.mockRestore();
  });

  it('H6 render again after a test has taken away the timers that were to tell of a frame', async () => {
    const bus = openBus();
    const { show, element } = openPage();
    await show(strict(bus, <Latest />));
    vi.useFakeTimers();
    bus.emit('tick', 1);
    vi.useRealTimers();
    bus.emit('tick', 2);
    await vi.waitFor(() => expect(texts(element)).toEqual(['2']));
  });

  it.each([0, -1, 1.5, Number.NaN])('H4 refuse to keep %s events', async (limit) => {
    const silent = vi.spyOn(console, 'error').mockImplementation(() => {});
    const { show, element } = openPage();
    function Few(): ReactNode {
      return useEventHistory('tick', { limit }).length;
    }
    await show(strict(openBus(), <Boundary>{<Few />}</Boundary>));
    expect(element.textContent).toBe('refused: INVALID_OPTION');
    silent.mockRestore();
  });
});

describe('what is rendered from events', () => {
  it('H6 is one value in every commit, through transitions that take many frames and what mounts amid them', {
    timeout: 20_000,
  }, async () => {
    const bus = openBus();
    const { show, element } = openPage();
    const torn: string[] = [];
    let commits = 0;
    const Slow = memo(function Slow({ render: _ }: { readonly render: number }): ReactNode {
      busyFor(2);
      return <Latest />;
    });
    let more: (count: number) => void = () => {};
    function Many(): ReactNode {
      const [count, setCount] = useState(10);
      more = setCount;
      return Array.from({ length: count }, (_, i) => `slow ${i}`).map((key) => <Slow key={key} render={count} />);
    }
    function Watch(): ReactNode {
      const latest = useLatestEvent('tick');
      const history = useEventHistory('tick', { limit: 2 });
      const shown = useRef<HTMLElement>(null);
      useLayoutEffect(() => {
        commits++;
        const values = new Set([...texts(element), ...texts(element, 'u')]);
        if (values.size > 1) torn.push([...values].join(' '));
      });
      return <u ref={shown}>{latest === undefined ? 'none' : `${history.at(-1)?.data}`}</u>;
    }
    await show(
      <EventBusProvider bus={bus}>
        <Many />
        <Watch />
      </EventBusProvider>,
    );
    let tick = 0;
    let ticking: ReturnType<typeof setTimeout> | undefined;
    const next = (): void => {
      bus.emit('tick', ++tick);
      // Some while a transition is under way, and time enough between others that it comes to an end.
      ticking = setTimeout(next, tick % 3 === 0 ? 300 : 25);
    };
    next();
    onTestFinished(() => clearTimeout(ticking));
    for (const count of [40, 20, 60]) {
      startTransition(() => more(count));
      await vi.waitFor(() => expect(texts(element)).toHaveLength(count), { timeout: 10_000 });
      const values = new Set([...texts(element), ...texts(element, 'u')]);
      if (values.size > 1) torn.push(`at rest ${[...values].join(' ')}`);
    }
    clearTimeout(ticking);
    await vi.waitFor(() => expect(new Set(texts(element))).toEqual(new Set([String(tick)])));
    expect(torn).toEqual([]);
    expect(commits).toBeGreaterThan(5);
  });

  it('H6 is what the others show, also for what mounts between an event and its frame', async () => {
    const bus = openBus();
    const { root, element } = openPage();
    const render = (...keys: readonly string[]): void => {
      const all = keys.map((key) => <Latest key={key} />);
      flushSync(() => root.render(<EventBusProvider bus={bus}>{all}</EventBusProvider>));
    };
    render('first');
    bus.emit('tick', 1);
    await vi.waitFor(() => expect(texts(element)).toEqual(['1']));
    bus.emit('tick', 2);
    render('first', 'second');
    expect(texts(element)).toEqual(['1', '1']);
    await vi.waitFor(() => expect(texts(element)).toEqual(['2', '2']));
  });

  it('H6 sees what effects of the commit emit that mounts it, and goes on while a fallback is shown', async () => {
    const bus = openBus();
    const { show, element } = openPage();
    function Waits({ on }: { readonly on: Wait }): ReactNode {
      const event = useLatestEvent('tick');
      useLayoutEffect(() => void (event ?? bus.emit('tick', 1)), [event]);
      return <b>{`${on.read()} ${event?.data}`}</b>;
    }
    const at = (on: Wait): ReactNode => (
      <EventBusProvider bus={bus}>
        <Suspense fallback="…">
          <Waits on={on} />
        </Suspense>
      </EventBusProvider>
    );
    await show(at(new Wait('first')));
    await vi.waitFor(() => expect(texts(element)).toEqual(['first 1']));
    const later = new Wait();
    await show(at(later));
    bus.emit('tick', 2);
    await nextFrame();
    later.arrive('later');
    await vi.waitFor(() => expect(texts(element)).toEqual(['later 2']));
  });

  it('H9 begins with what the server has rendered', async () => {
    const errors = vi.spyOn(console, 'error');
    const bus = openBus();
    const { show } = openPage();
    await show(strict(bus, <Latest />));
    bus.emit('tick', 1);
    await nextFrame();
    const element = document.body.appendChild(document.createElement('div'));
    element.innerHTML = renderToString(strict(bus, <Latest />));
    expect(element.textContent).toBe('none');
    const root = hydrateRoot(element, strict(bus, <Latest />));
    await vi.waitFor(() => expect(texts(element)).toEqual(['1']));
    expect(bus.stats().subscriptions).toBe(1);
    expect(errors).not.toHaveBeenCalled();
    errors.mockRestore();
    root.unmount();
    element.remove();
  });
});

describe('fromStore', () => {
  async function stored(...ticks: number[]): Promise<EventBus<ShopEvents>> {
    const store = memoryStore();
    const read = store.read.bind(store);
    // Slow, so that what is emitted meanwhile is read as well.
    vi.spyOn(store, 'read').mockImplementation(async function* (query) {
      await nextFrame();
      yield* read(query);
    });
    const bus = openBus({ store });
    for (const tick of ticks) await bus.emit('tick', tick).persisted;
    return bus;
  }

  it('H7 begins with the latest that are stored, and has each event once', async () => {
    const bus = await stored(1, 2, 3);
    const { show, element } = openPage();
    function Emits(): ReactNode {
      useEvent('tick', () => {});
      useLayoutEffect(() => void bus.emit('tick', 4), []);
      return null;
    }
    await show(
      <EventBusProvider bus={bus}>
        <History limit={3} fromStore />
        <History limit={9} fromStore />
        <Emits />
      </EventBusProvider>,
    );
    await vi.waitFor(() => expect(texts(element)).toEqual(['2 3 4', '1 2 3 4']));
    bus.emit('tick', 5);
    await vi.waitFor(() => expect(texts(element)).toEqual(['3 4 5', '1 2 3 4 5']));
  });

  it('H7 begins again with the latest when an Activity that hid it shows it', async () => {
    const bus = await stored(1, 2, 3);
    const { show, element } = openPage();
    const at = (mode: 'visible' | 'hidden'): ReactNode =>
      strict(bus, <Activity mode={mode}>{<History limit={3} fromStore />}</Activity>);
    await show(at('visible'));
    await vi.waitFor(() => expect(texts(element)).toEqual(['1 2 3']));
    await show(at('hidden'));
    await vi.waitFor(() => expect(bus.stats().subscriptions).toBe(0));
    for (const tick of [4, 5, 6]) await bus.emit('tick', tick).persisted;
    await show(at('visible'));
    await vi.waitFor(() => expect(texts(element)).toEqual(['4 5 6']));
  });

  it('H7 reads once in strict mode what is shown, and nothing for a component that is gone', async () => {
    const bus = await stored(1, 2);
    const { show, element } = openPage();
    await show(strict(bus, <History fromStore />));
    await vi.waitFor(() => expect(texts(element)).toEqual(['1 2']));
    await show(strict(bus, null));
    expect(bus.stats().subscriptions).toBe(0);
  });

  it('H7 H4 has an error boundary told that there is no store, and begins anew after that', async () => {
    const silent = vi.spyOn(console, 'error').mockImplementation(() => {});
    const bus = openBus();
    const { show, element } = openPage();
    for (const key of ['first', 'second']) {
      await show(strict(bus, <Boundary key={key}>{<History fromStore />}</Boundary>));
      await vi.waitFor(() => expect(element.textContent).toBe('refused: INVALID_OPTION'));
    }
    expect(bus.stats().subscriptions).toBe(0);
    silent.mockRestore();
  });
});
