import { describe, expect, it, vi } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { type BusOptions, createEventBus, type Plugin, type PluginScope } from '../../../core/index.js';
import { mountDevtools } from '../../index.js';
import { afterwards, type OpenedPanel, openPanel } from '../../panel.test.kit.js';

const tab = () => page.getByRole('tab', { name: 'Plugins' });
const detail = () => page.getByRole('complementary', { name: 'Plugin' });
const all = () => page.getByRole('list', { name: 'All refusals' });

const column = (panel: OpenedPanel, name: string): string[] =>
  panel.all(`td.col-${name}`).map((cell) => cell.textContent ?? '');

/** A shop with a plugin that wants more than it may, and one that cannot be set up. */
async function shop(options: BusOptions = {}): Promise<{ panel: OpenedPanel; ads: PluginScope }> {
  const panel = openPanel({}, options);
  const found: PluginScope[] = [];
  const plugins: Plugin[] = [
    {
      name: 'cart',
      version: '2.1.0',
      permissions: { emit: ['cart.*', 'order.requested'], on: 'cart.*', request: 'stock.check' },
      setup(scope) {
        scope.on('cart.add', () => void scope.emit('cart.added', 1), { name: 'fold', priority: 100 });
        scope.on('cart.added', () => Promise.reject(new Error('no')), { name: 'total' });
      },
    },
    {
      name: 'ads',
      dependsOn: ['cart'],
      permissions: { emit: 'ads.*' },
      setup: (scope) => void found.push(scope),
    },
    { name: 'bridge', setup: () => {} },
  ];
  await panel.bus.install(plugins);
  const broken = { name: 'map', setup: () => Promise.reject(new TypeError('no tiles')) };
  await panel.bus.install(broken).catch(() => {});
  await tab().click();
  await vi.waitFor(() => expect(column(panel, 'state')).toHaveLength(4));
  return { panel, ads: found[0] as PluginScope };
}

const attempt = (run: () => unknown): void => {
  try {
    run();
  } catch {}
};

describe('the plugins', () => {
  it('each have a line: version, state, needs, permissions, and what they have done', async () => {
    const { panel } = await shop();
    for (let n = 0; n < 3; n++) panel.bus.emit('cart.add', n);
    await vi.waitFor(() => expect(column(panel, 'calls')).toEqual(['6', '0', '0', '0']));
    expect(column(panel, 'plugin')).toEqual(['cart 2.1.0', 'ads', 'bridge', 'map']);
    expect(column(panel, 'state')).toEqual(['active', 'active', 'active', 'failed']);
    expect(column(panel, 'needs')).toEqual(['', 'cart', '', '']);
    expect(column(panel, 'may')).toEqual([
      'emit cart.*, order.requested · on cart.* · request stock.check',
      'emit ads.*',
      'everything',
      expect.stringMatching(/^The plugin "map" failed in its setup/),
    ]);
    expect(column(panel, 'handlers')).toEqual(['2', '0', '0', '0']);
    expect(column(panel, 'emitted')).toEqual(['3', '0', '0', '0']);
    expect(column(panel, 'errors')).toEqual(['3', '0', '0', '0']);
  });

  it('are there when they were installed before the panel, with their handlers', async () => {
    const bus = createEventBus({ source: 'web' });
    await bus.install({ name: 'early', setup: (scope) => void scope.on('x', () => {}, { name: 'hear' }) });
    const element = document.body.appendChild(document.createElement('div'));
    element.style.cssText = 'width: 1200px; height: 600px';
    const unmount = mountDevtools(bus, element, { dock: 'inline', shareChannel: false });
    afterwards(() => bus.close());
    afterwards(() => {
      unmount();
      element.remove();
    });
    await tab().click();
    const row = page.getByRole('row').filter({ hasText: 'early' });
    await expect.element(row).toHaveTextContent(/everything10000/);
    bus.emit('x');
    await expect.element(row).toHaveTextContent(/everything10100/);
  });

  it('come and go while they are looked at', async () => {
    const { panel } = await shop();
    const late = await panel.bus.install({ name: 'late', setup: () => {} });
    await vi.waitFor(() => expect(column(panel, 'plugin')).toEqual(['cart 2.1.0', 'ads', 'bridge', 'late', 'map']));
    await late.uninstall();
    await vi.waitFor(() => expect(column(panel, 'state').at(-1)).toBe('uninstalled'));
  });

  it('one of them opens: permissions by kind, handlers with patterns and priorities, who needs it, refusals', async () => {
    const { panel, ads } = await shop();
    attempt(() => ads.emit('order.placed', 1));
    await page.getByRole('button', { name: 'cart', exact: true }).click();
    await expect.element(detail()).toHaveTextContent(/emit\s*cart\.\*\s*order\.requested/);
    await expect.element(detail()).toHaveTextContent(/respond\s*nothing/);
    await expect.element(detail()).toHaveTextContent(/fold.*cart\.add · priority 100/);
    await expect.element(detail()).toHaveTextContent('Nothing was refused to it.');
    await detail().getByRole('button', { name: 'ads' }).click();
    await expect.element(detail().getByRole('heading', { level: 2 })).toHaveTextContent('ads');
    await expect.element(detail().getByRole('list', { name: 'Refusals of ads' })).toHaveTextContent('order.placed');
    await userEvent.keyboard('{Escape}');
    await page.getByRole('button', { name: 'Close the plugin' }).click();
    expect(panel.all('.detail')).toEqual([]);
  });

  it('one that failed says why, with what it has thrown', async () => {
    await shop();
    await page.getByRole('button', { name: 'map', exact: true }).click();
    await expect.element(detail()).toHaveTextContent(/failed in its setup \(.*no tiles/);
    await expect.element(detail()).toHaveTextContent('TypeError: no tiles');
  });

  it('can be gone along with the arrows, and closed with Escape', async () => {
    const { panel } = await shop();
    page.getByRole('region', { name: 'Plugins' }).element().focus();
    const title = (): string | undefined => panel.all('.detail h2')[0]?.textContent ?? undefined;
    for (const [key, name] of [
      ['{ArrowDown}', 'cart'],
      ['j', 'ads'],
      ['{ArrowDown}', 'bridge'],
      ['k', 'ads'],
    ] as const) {
      await userEvent.keyboard(key);
      await vi.waitFor(() => expect(title()).toBe(name));
      expect(panel.root.activeElement?.textContent).toBe(name);
    }
    await userEvent.keyboard('{Escape}');
    await vi.waitFor(() => expect(title()).toBeUndefined());
  });

  it('lead to their events', async () => {
    const { panel } = await shop();
    panel.bus.emit('cart.add', 1);
    await vi.waitFor(() => expect(column(panel, 'emitted')[0]).toBe('1'));
    await page.getByTitle('Show its events').click();
    await vi.waitFor(() => expect(panel.rows()).toEqual(['cart.added']));
    await expect.element(page.getByRole('searchbox')).toHaveValue('source:cart');
  });

  it('are named where handlers are listed: with an event, and in their table', async () => {
    const { panel } = await shop();
    panel.bus.on('cart.add', () => {}, { name: 'of the bus' });
    panel.bus.emit('cart.add', 1);
    await page.getByRole('tab', { name: 'Handlers' }).click();
    await vi.waitFor(() => expect(column(panel, 'scope').sort()).toEqual(['', 'cart', 'cart']));
    await page.getByRole('tab', { name: 'Events' }).click();
    await vi.waitFor(() => expect(panel.rows()).toContain('cart.add'));
    panel
      .all('[data-sequence]')
      .find((row) => row.textContent?.includes('cart.add'))
      ?.click();
    await vi.waitFor(() => expect(panel.all('.run .scope').map(({ textContent }) => textContent)).toContain('cart'));
  });
});

describe('what is refused', () => {
  it('shows who wanted what, the grant that is missing, and why', async () => {
    const { panel, ads } = await shop({ protect: { 'sensitive.**': 'sensitive_data:read' } });
    attempt(() => ads.emit('order.placed', 1));
    attempt(() => panel.bus.scope({ source: 'import' }).on('sensitive.card', () => {}));
    await expect.element(all()).toHaveTextContent(/ads\s*emit\s*order\.placed/);
    await expect.element(all()).toHaveTextContent('"ads" may not emit "order.placed": its permissions allow it to');
    await expect.element(all()).not.toHaveTextContent('[crosstown]');
    await expect.element(all()).toHaveTextContent(/import\s*on\s*sensitive\.card\s*sensitive_data:read/);
  });

  it('is counted in its tab, which is quiet before', async () => {
    const { ads } = await shop();
    await page.getByRole('tab', { name: 'Events' }).click();
    await expect.element(tab()).toHaveTextContent(/^Plugins$/);
    for (let n = 0; n < 3; n++) attempt(() => ads.emit('order.placed', n));
    await expect.element(tab()).toHaveTextContent('Plugins3 refused');
    for (let n = 0; n < 2000; n++) attempt(() => ads.emit('order.placed', n));
    await expect.element(tab()).toHaveTextContent('Plugins999+ refused');
  });

  it('a thousand times over is one line, which stays where it is', async () => {
    const { panel, ads } = await shop();
    attempt(() => ads.emit('order.placed', 0));
    attempt(() => ads.on('user.*', () => {}));
    await vi.waitFor(() => expect(panel.all('.refusal')).toHaveLength(2));
    const [first, second] = panel.all('.refusal');
    const tops = [first, second].map((line) => line?.getBoundingClientRect().top);
    for (let n = 0; n < 1000; n++) attempt(() => ads.emit('order.placed', n));
    await vi.waitFor(() => expect(first?.textContent).toContain('×1,001'));
    expect(panel.all('.refusal')).toEqual([first, second]);
    expect([first, second].map((line) => line?.getBoundingClientRect().top)).toEqual(tops);
    expect(column(panel, 'refused')).toEqual(['0', '1,002', '0', '0']);
  });

  it('is followed to its end, unless the reader has scrolled up', async () => {
    const { panel, ads } = await shop();
    for (let n = 0; n < 40; n++) attempt(() => ads.emit(`order.n${n}`, n));
    await vi.waitFor(() => expect(panel.all('.refusal')).toHaveLength(40));
    const [list] = panel.all('.refusal-scroll') as [HTMLElement];
    await vi.waitFor(() => expect(list.scrollTop + list.clientHeight).toBeGreaterThan(list.scrollHeight - 2));
    list.scrollTop = 10;
    list.dispatchEvent(new Event('scroll', { bubbles: true }));
    attempt(() => ads.emit('order.more', 1));
    await vi.waitFor(() => expect(panel.all('.refusal')).toHaveLength(41));
    expect(list.scrollTop).toBe(10);
  });
});

describe('the policy of the bus', () => {
  const options: BusOptions = {
    trust: { core: ['cart'] },
    grants: { core: ['payments:write'] },
    protect: { 'payment.*': 'payments:write' },
  };
  const verdict = () => page.getByRole('status');
  const ask = async (source: string, action: string, type: string): Promise<void> => {
    await page.getByRole('combobox', { name: 'Source' }).fill(source);
    await page.getByRole('combobox', { name: 'Action' }).selectOptions(action);
    await page.getByRole('combobox', { name: 'Type' }).fill(type);
  };

  it('says who may do what, and by which pattern, grant and group', async () => {
    await shop(options);
    await ask('ads', 'emit', 'ads.shown');
    await expect.element(verdict()).toHaveTextContent(/^Yes"ads\.\*" is among what "ads" may emit\.pattern ads\.\*/);
    await ask('ads', 'on', 'order.placed');
    await expect.element(verdict()).toHaveTextContent(/^NoIts permissions allow it to subscribe to nothing\./);
    await ask('stranger', 'emit', 'payment.taken');
    await expect
      .element(verdict())
      .toHaveTextContent(/^No"payment\.\*" takes the grant .*pattern payment\.\*\s*grant payments:write$/);
    await ask('cart', 'on', 'cart.added');
    await expect.element(verdict()).toHaveTextContent(/^Yes.*group core$/);
  });

  it('says what is no type', async () => {
    await shop();
    await ask('ads', 'emit', 'order.*');
    await expect.element(verdict()).toHaveTextContent(/^"order\.\*" is not an event type/);
  });

  it('is asked about a refusal with one click, and about a plugin that is opened', async () => {
    const { ads } = await shop();
    attempt(() => ads.emit('order.placed', 1));
    attempt(() => ads.on('user.*', () => {}));
    await page.getByRole('button', { name: 'Why may ads not emit order.placed?' }).click();
    await expect.element(verdict()).toHaveTextContent(/^NoIts permissions allow it to emit only "ads\.\*"\./);
    expect(page.getByRole('button', { name: /^Why may/ }).elements()).toHaveLength(1);
    await page.getByRole('button', { name: 'bridge', exact: true }).click();
    await expect.element(page.getByRole('combobox', { name: 'Source' })).toHaveValue('bridge');
    await expect.element(verdict()).toHaveTextContent(/^Yes/);
  });
});
