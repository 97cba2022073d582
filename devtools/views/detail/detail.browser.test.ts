import { describe, expect, it, vi } from 'vitest';
import { page } from 'vitest/browser';
import { type OpenedPanel, openPanel } from '../../panel.test.kit.js';

/** Opens the detail of the last event of a type in the list. */
async function openLast({ all, rows }: OpenedPanel, type: string): Promise<void> {
  await vi.waitFor(() => expect(rows()).toContain(type));
  all('[data-sequence]')
    .sort((a, b) => Number(a.dataset['sequence']) - Number(b.dataset['sequence']))
    .findLast((row) => row.querySelector('.col-type')?.textContent === type)
    ?.click();
  await expect.element(page.getByRole('complementary', { name: 'Event' })).toBeVisible();
}

const text = ({ all }: OpenedPanel, selector: string): string[] =>
  all(selector).map((element) => element.textContent ?? '');

/** The lines of the tree that are open, without what can be opened in them. */
const lines = (panel: OpenedPanel): string[] => text(panel, '.tree .tree-leaf, .tree .tree-line');

const toggle = (name: string | RegExp) => page.getByRole('button', { name, expanded: false });

describe('the data of an event', () => {
  it('is a tree that survives what data can be', async () => {
    const panel = openPanel();
    const element = document.createElement('section');
    element.id = 'cart';
    element.className = 'wide  open';
    const data: Record<PropertyKey, unknown> = {
      big: 12n,
      none: undefined,
      map: new Map<unknown, unknown>([['key', 1]]),
      set: new Set(['member']),
      when: new Date(0),
      pattern: /a+/g,
      failure: new RangeError('too far'),
      bytes: new Uint8Array(4),
      element,
      run: function run() {},
      [Symbol('secret')]: 's',
      hostile: new Proxy(
        {},
        {
          ownKeys: () => {
            throw new Error('never');
          },
        },
      ),
    };
    data['self'] = data;
    let called = false;
    Object.defineProperty(data, 'got', {
      enumerable: true,
      get: () => {
        called = true;
        return 1;
      },
    });
    panel.bus.emit('nasty', data);
    await openLast(panel, 'nasty');
    expect(lines(panel)).toEqual([
      'Object',
      'big: 12n',
      'none: undefined',
      'map: Map(1) { "key" => 1 }',
      'set: Set(1) { "member" }',
      'when: 1970-01-01T00:00:00.000Z',
      'pattern: /a+/g',
      'failure: RangeError: too far',
      'bytes: Uint8Array(4) { 0, 0, 0, 0 }',
      'element: <section#cart.wide.open>',
      'run: ƒ run()',
      'hostile: { (unreadable) }',
      expect.stringMatching(/^self: Object.*circular$/),
      'got: (getter)',
      '[Symbol(secret)]: "s"',
    ]);
    expect(called).toBe(false);
  });

  it('is opened level by level, a map with its keys and an error with its stack', async () => {
    const panel = openPanel();
    panel.bus.emit('deep', { map: new Map([['key', { inner: 1 }]]), error: new Error('why', { cause: 'because' }) });
    await openLast(panel, 'deep');
    await toggle(/^map/).click();
    await vi.waitFor(() => expect(lines(panel)).toContain('"key" ⇒ { inner: 1 }'));
    await toggle(/^error/).click();
    await vi.waitFor(() => expect(lines(panel)).toContain('cause: "because"'));
  });

  it('is cut into ranges of a hundred where it is large, and strings where they are long', async () => {
    const panel = openPanel();
    panel.bus.emit('large', { list: Array.from({ length: 1_000_000 }, (_, i) => i), text: 'x'.repeat(50_000) });
    await openLast(panel, 'large');
    await toggle(/^list/).click();
    await toggle('[990000 … 999999]').click();
    await toggle('[999900 … 999999]').click();
    await vi.waitFor(() => expect(lines(panel)).toContain('999999: 999999'));
    expect(panel.all('.tree *').length).toBeLessThan(2000);
    await page.getByRole('button', { name: '49,700 more characters' }).click();
    await expect.element(page.getByRole('button', { name: '29,700 more characters' })).toBeVisible();
  });

  it('is copied as JSON', async () => {
    const panel = openPanel();
    const write = vi.spyOn(navigator.clipboard, 'writeText').mockResolvedValue();
    panel.bus.emit('copied', { big: 1n });
    await openLast(panel, 'copied');
    await page.getByRole('button', { name: 'Copy as JSON' }).click();
    await expect.element(page.getByText('copied', { exact: true }).last()).toBeVisible();
    expect(JSON.parse(write.mock.calls[0]?.[0] ?? '')).toMatchObject({ type: 'copied', data: { big: '1n' } });
    write.mockRestore();
  });
});

describe('what became of an event', () => {
  /** A panel beside a handler that fails the first so many times, and is called twice. */
  async function openFailing(times: number): Promise<OpenedPanel> {
    const panel = openPanel();
    let calls = 0;
    const pay = (): void => {
      if (++calls <= times) throw new Error(`no answer ${calls}`);
    };
    panel.bus.on('payment.asked', pay, { name: 'pay', retry: { attempts: 2, delayMs: 30, jitter: 0 } });
    await panel.bus.emit('payment.asked', 1);
    await openLast(panel, 'payment.asked');
    return panel;
  }
  const status = (panel: OpenedPanel): string => text(panel, '.detail .status-word')[0] ?? '';
  const attempts = (panel: OpenedPanel): string[] =>
    text(panel, '.attempts > li').map((words) => words.replace(/\+?[\d.]+ ms/g, '·'));

  it('a handler that was called again shows each attempt, the wait and the error', async () => {
    const panel = await openFailing(1);
    await vi.waitFor(() => expect(status(panel)).toBe('ok'));
    expect(text(panel, '.run-line .badge')).toEqual(['2 attempts']);
    expect(attempts(panel)).toEqual(['failedAttempt 1again after ·· ·Error: no answer 1', 'okAttempt 2· ·']);
    expect(text(panel, '.attempts')[0]).toContain('again after 30');
    expect(panel.all('.letter-note')).toHaveLength(0);
    expect(text(panel, '[aria-selected=true] .col-handlers')[0]).toContain('1 call was made again');
  });

  it('a dead letter is tried again from the panel', async () => {
    const panel = await openFailing(2);
    await vi.waitFor(() => expect(status(panel)).toBe('error'));
    expect(text(panel, '[aria-selected=true] .col-status')[0]).toContain('left a dead letter');
    await page.getByRole('button', { name: 'Retry' }).click();
    await vi.waitFor(() => expect(status(panel)).toBe('ok'));
    expect(await panel.bus.deadLetters.list()).toEqual([]);
    expect(attempts(panel).at(-1)).toBe('okDead letter tried again· ·');
    await vi.waitFor(() => expect(text(panel, '.letter-note')[0]).toMatch(/tried again or discarded since/));
    expect(text(panel, '[aria-selected=true] .col-status')[0]).not.toContain('dead letter');
  });

  it('a dead letter is discarded from the panel', async () => {
    const panel = await openFailing(2);
    await page.getByRole('button', { name: 'Discard' }).click();
    await vi.waitFor(() => expect(text(panel, '.letter-note')[0]).toMatch(/tried again or discarded since/));
    expect(await panel.bus.deadLetters.list()).toEqual([]);
    expect(status(panel)).toBe('error');
  });

  it('a dead letter that somebody else took is not offered', async () => {
    const panel = openPanel();
    panel.bus.on('x', () => Promise.reject(new Error('no')), { name: 'never' });
    await panel.bus.emit('x', 1);
    for (const { id } of await panel.bus.deadLetters.list()) await panel.bus.deadLetters.discard(id);
    await openLast(panel, 'x');
    await vi.waitFor(() => expect(text(panel, '.letter-note')[0]).toMatch(/tried again or discarded since/));
    expect(text(panel, '.detail button')).not.toContain('Retry');
  });

  it('a dead letter whose store cannot be asked says why', async () => {
    const panel = openPanel();
    panel.bus.on('x', () => Promise.reject(new Error('no')), { name: 'never' });
    await panel.bus.emit('x', 1);
    const { deadLetters } = panel.bus;
    vi.spyOn(deadLetters, 'list').mockRejectedValue(new RangeError('cannot list'));
    vi.spyOn(deadLetters, 'discard').mockRejectedValue(new RangeError('cannot take'));
    await openLast(panel, 'x');
    await vi.waitFor(() => expect(text(panel, '.letter-note')[0]).toMatch(/RangeError.*cannot list/));
    await page.getByRole('button', { name: 'Discard' }).click();
    await vi.waitFor(() => expect(text(panel, '.letter-note')[0]).toMatch(/RangeError.*cannot take/));
  });

  it('a dead letter whose handler is gone says why it cannot be tried again', async () => {
    const panel = openPanel();
    const off = panel.bus.on('x', () => Promise.reject(new Error('no')), { name: 'never' });
    await panel.bus.emit('x', 1);
    off();
    await openLast(panel, 'x');
    await page.getByRole('button', { name: 'Retry' }).click();
    await vi.waitFor(() => expect(text(panel, '.letter-note')[0]).toMatch(/DeadLetterError.*"never"/));
  });

  it('a veto says whose it was', async () => {
    const panel = openPanel();
    panel.bus.use(() => {}, { name: 'house rules' });
    panel.bus.emit('order.placed', 1);
    await openLast(panel, 'order.placed');
    expect(status(panel)).toBe('vetoed');
    expect(text(panel, '.facts')[0]).toContain('vetoed byhouse rules');
  });

  it('a request is said to be one', async () => {
    const panel = openPanel();
    panel.bus.respond('user.get', () => 'ada');
    await panel.bus.request('user.get', 1);
    await openLast(panel, 'user.get');
    expect(text(panel, '.facts')[0]).toContain('requestwaits for an answer');
  });

  it('a replay is said to be one', async () => {
    const panel = openPanel();
    panel.bus.emit({ type: 'order.placed', data: 1, replay: {} });
    await openLast(panel, 'order.placed');
    expect(text(panel, '.facts')[0]).toContain('replayedit was handled before');
  });

  it('a handler whose queue had no room is said not to have been called', async () => {
    const panel = openPanel();
    let finish = (): void => {};
    const busy = { name: 'busy', concurrency: 1, maxQueue: 0, overflow: 'dropNewest' } as const;
    panel.bus.on('x', () => new Promise<void>((resolve) => (finish = resolve)), busy);
    panel.bus.emit('x', 1);
    await panel.bus.emit('x', 2);
    await openLast(panel, 'x');
    expect(status(panel)).toBe('dropped');
    expect(text(panel, '.run')[0]).toContain('Not called: there was no room in its queue.');
    finish();
  });
});

describe('the handlers of an event', () => {
  it('are shown in order with outcome, time and error', async () => {
    const panel = openPanel();
    panel.bus.on('order.*', () => {}, { name: 'first', priority: 5 });
    panel.bus.on('order.*', () => Promise.reject(new TypeError('no stock')), { name: 'second' });
    panel.bus.emit('order.placed', 1);
    await openLast(panel, 'order.placed');
    await vi.waitFor(() => expect(text(panel, '.run .visually-hidden')).toEqual(['ok', 'failed']));
    expect(text(panel, '.run-name')).toEqual(['first', 'second']);
    expect(text(panel, '.run-time')[0]).toMatch(/^\+\d.* ms$/);
    expect(text(panel, '.run-sub')).toEqual(['order.* · priority 5', 'order.*']);
    expect(text(panel, '.run-error')).toEqual(['TypeError: no stock']);
  });

  it('appear while they run', async () => {
    const panel = openPanel();
    let finish = (): void => {};
    panel.bus.on('slow', () => new Promise<void>((resolve) => (finish = resolve)), { name: 'slow' });
    panel.bus.emit('slow', 1);
    await openLast(panel, 'slow');
    expect(text(panel, '.run .visually-hidden')).toEqual(['running']);
    finish();
    await vi.waitFor(() => expect(text(panel, '.run .visually-hidden')).toEqual(['ok']));
  });

  it('name who cancelled, and why', async () => {
    const panel = openPanel();
    panel.bus.on('x', (event) => event.cancel('sold out'), { name: 'guard' });
    panel.bus.emit('x', 1);
    await openLast(panel, 'x');
    const facts = text(panel, '.facts > *');
    expect(facts[facts.indexOf('cancelled by') + 1]).toBe('guard');
    expect(facts[facts.indexOf('cancel reason') + 1]).toBe('sold out');
  });
});

describe('causes and effects', () => {
  it('lead to each other', async () => {
    const panel = openPanel();
    panel.bus.on('root', (_event, delivery) => void delivery.emit('middle', 1));
    panel.bus.on('middle', (_event, delivery) => void delivery.emit('leaf', 1));
    panel.bus.emit('root', 1);
    await openLast(panel, 'leaf');
    expect(text(panel, '.related .type-name')).toEqual(['root', 'middle', 'leaf']);
    await page.getByRole('button', { name: 'root' }).click();
    await vi.waitFor(() => expect(text(panel, '.detail h2')).toEqual(['root']));
    expect(text(panel, '.related .type-name')).toEqual(['root', 'middle']);
    await page.getByRole('button', { name: 'middle' }).click();
    await vi.waitFor(() => expect(text(panel, '.related .type-name')).toEqual(['root', 'middle', 'leaf']));
  });

  it('say when the cause is not in the log', async () => {
    const panel = openPanel();
    panel.bus.emit('effect', 1, { cause: { id: 'gone', correlationId: 'gone' } });
    await openLast(panel, 'effect');
    await expect.element(page.getByText('The cause is not in the log.')).toBeVisible();
  });
});

it('an event stays open when it is evicted from the list', async () => {
  const panel = openPanel({ capacity: 16 });
  panel.bus.emit('first', { kept: 'here' });
  await openLast(panel, 'first');
  for (let i = 0; i < 50; i++) panel.bus.emit('tick', i);
  await expect.element(page.getByText('evicted from the list')).toBeVisible();
  expect(lines(panel)).toContain('kept: "here"');
});
