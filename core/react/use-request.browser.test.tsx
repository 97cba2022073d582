import { type ReactNode, StrictMode, useEffect, useState } from 'react';
import { flushSync } from 'react-dom';
import { describe, expect, it, vi } from 'vitest';
import { type Deferred, deferred } from '../bus/deferred.test.kit.js';
import { createEventBus, type EventBus, type Replies } from '../index.js';
import { createEventHooks, type RequestState } from './index.js';
import { nextFrame, openPage } from './react.test.kit.js';

interface UserEvents {
  'user.get': Replies<{ id: string; at?: Date }, string>;
  'time.get': Replies<undefined, number>;
}

const { EventBusProvider, useRequest } = createEventHooks<UserEvents>();

/** Answers when it is told to, and remembers what it was asked. */
function responder(bus: EventBus<UserEvents>) {
  const asked: string[] = [];
  const answers: Deferred<string>[] = [];
  bus.respond('user.get', ({ data }) => {
    asked.push(data.id);
    const answer = deferred<string>();
    answers.push(answer);
    return answer.promise;
  });
  return { asked, answers };
}

interface UserProps {
  readonly id?: string | undefined;
  readonly enabled?: boolean;
  readonly timeoutMs?: number;
}

let state: RequestState<string>;

function User({ id, ...options }: UserProps): ReactNode {
  state = useRequest('user.get', id === undefined ? undefined : { id, at: new Date(0) }, options);
  return `${state.status} ${state.data ?? (state.error as Error | undefined)?.name ?? ''}`;
}

function open(props: UserProps = {}) {
  const bus = createEventBus<UserEvents>({ onError: () => {} });
  const page = openPage();
  const show = (next: UserProps): Promise<void> =>
    page.show(
      <StrictMode>
        <EventBusProvider bus={bus}>
          <User {...next} />
        </EventBusProvider>
      </StrictMode>,
    );
  const shows = (text: string): Promise<void> => vi.waitFor(() => expect(page.element.textContent).toBe(text));
  return { ...page, ...responder(bus), bus, show, shows, begin: () => show(props) };
}

describe('useRequest', () => {
  it('H8 asks once, in strict mode as well, and shows the answer', async () => {
    const { asked, answers, begin, show, shows } = open({ id: '1' });
    await begin();
    await shows('pending ');
    expect(asked).toEqual(['1']);
    answers[0]?.resolve('ada');
    await shows('success ada');
    await show({ id: '1' });
    expect(asked).toEqual(['1']);
  });

  it('H8 waits idle without data, or while it is not enabled, until it is told', async () => {
    const { asked, answers, show, shows } = open();
    await show({});
    await shows('idle ');
    await show({ id: '1', enabled: false });
    await shows('idle ');
    expect(asked).toEqual([]);
    state.refetch();
    await shows('pending ');
    answers[0]?.resolve('ada');
    await shows('success ada');
  });

  it('H8 asks what needs no data when it is told to', async () => {
    const bus = createEventBus<UserEvents>();
    const { show, element } = openPage();
    bus.respond('time.get', () => 12);
    function Time(): ReactNode {
      return useRequest('time.get', undefined, { enabled: true }).data;
    }
    await show(<EventBusProvider bus={bus}>{<Time />}</EventBusProvider>);
    await vi.waitFor(() => expect(element.textContent).toBe('12'));
  });

  it('H8 asks what the first effect of a child tells it to', async () => {
    const bus = createEventBus<UserEvents>();
    const { show, element } = openPage();
    bus.respond('time.get', () => 12);
    function Begin({ begin }: { readonly begin: () => void }): ReactNode {
      useEffect(begin, [begin]);
      return null;
    }
    function Time(): ReactNode {
      const { data, refetch } = useRequest('time.get', undefined);
      return [data, <Begin key="begin" begin={refetch} />];
    }
    await show(<EventBusProvider bus={bus}>{<Time />}</EventBusProvider>);
    await vi.waitFor(() => expect(element.textContent).toBe('12'));
  });

  it('H8 asks again for other data, and passes by the answer to what it asked before', async () => {
    const { asked, answers, show, shows, element } = open();
    await show({ id: '1' });
    await show({ id: '2' });
    expect(asked).toEqual(['1', '2']);
    answers[1]?.resolve('grace');
    await shows('success grace');
    answers[0]?.resolve('ada');
    await nextFrame();
    expect(element.textContent).toBe('success grace');
    await show({ id: '1' });
    await shows('pending ');
  });

  it('H8 does not wait any more when the component is gone or asks something else, and shows nothing of that', async () => {
    const errors = vi.spyOn(console, 'error');
    const { bus, show, root } = open();
    const signals: AbortSignal[] = [];
    const request = bus.request.bind(bus) as (...args: unknown[]) => Promise<never>;
    vi.spyOn(bus, 'request').mockImplementation((...args: unknown[]) => {
      signals.push((args[2] as { readonly signal: AbortSignal }).signal);
      return request(...args);
    });
    await show({ id: '1' });
    await show({ id: '2' });
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, false]);
    flushSync(() => root.render(null));
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, true]);
    state.refetch();
    await nextFrame();
    expect(signals).toHaveLength(2);
    expect(errors).not.toHaveBeenCalled();
    errors.mockRestore();
  });

  it('H8 asks again on refetch, shows the answer it has meanwhile, and only the last one after', async () => {
    const { asked, answers, begin, shows, element } = open({ id: '1' });
    await begin();
    answers[0]?.resolve('ada');
    await shows('success ada');
    state.refetch();
    state.refetch();
    await shows('pending ada');
    expect(asked).toEqual(['1', '1', '1']);
    answers[2]?.resolve('augusta');
    await shows('success augusta');
    answers[1]?.resolve('ada');
    await nextFrame();
    expect(element.textContent).toBe('success augusta');
  });

  it('H8 shows why there is no answer, and asks again after that', async () => {
    const { answers, begin, shows } = open({ id: '1', timeoutMs: 5_000 });
    await begin();
    answers[0]?.reject(new Error('no such user'));
    await shows('error ResponderError');
    expect(state.error).toMatchObject({ code: 'RESPONDER_FAILED', errorMessage: 'no such user' });
    state.refetch();
    await shows('pending ');
    answers[1]?.resolve('ada');
    await shows('success ada');
  });

  it('H8 has what may not be requested, or cannot be, as its error', async () => {
    const bus = createEventBus<UserEvents>();
    const scope = bus.scope({ source: 'reviews', permissions: { on: '**' } });
    const { show, element } = openPage();
    await show(
      <EventBusProvider bus={scope}>
        <User id="1" />
      </EventBusProvider>,
    );
    await vi.waitFor(() => expect(element.textContent).toBe('error PermissionError'));
    await show(
      <EventBusProvider bus={bus}>
        <User id="1" />
      </EventBusProvider>,
    );
    await vi.waitFor(() => expect(element.textContent).toBe('error NoResponderError'));
    await bus.close();
  });

  it('H8 asks another bus anew', async () => {
    const { answers, begin, shows, page } = { ...open({ id: '1' }), page: openPage() };
    await begin();
    answers[0]?.resolve('ada');
    await shows('success ada');
    const buses = ['first', 'second'].map((name) => {
      const bus = createEventBus<UserEvents>();
      bus.respond('user.get', () => name);
      return bus;
    });
    let another = (): void => {};
    function Switch(): ReactNode {
      const [index, setIndex] = useState(0);
      another = () => setIndex(1);
      return (
        <EventBusProvider bus={buses[index] as EventBus<UserEvents>}>
          <User id="1" />
        </EventBusProvider>
      );
    }
    await page.show(<Switch />);
    await vi.waitFor(() => expect(page.element.textContent).toBe('success first'));
    another();
    await vi.waitFor(() => expect(page.element.textContent).toBe('success second'));
  });
});
