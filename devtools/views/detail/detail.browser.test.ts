import { describe, expect, it, vi } from 'vitest';
import { page } from 'vitest/browser';
import { type OpenedPanel, openPanel } from '../../panel.test.kit.js';

/** Opens the detail of the last event in the list. */
async function openLast({ all, rows }: OpenedPanel, type: string): Promise<void> {
  await vi.waitFor(() => expect(rows().at(-1)).toBe(type));
  all('[data-sequence]')
    .sort((a, b) => Number(a.dataset['sequence']) - Number(b.dataset['sequence']))
    .at(-1)
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
