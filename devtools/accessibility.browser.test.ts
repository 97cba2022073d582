import axe from 'axe-core';
import { describe, expect, it, vi } from 'vitest';
import { page } from 'vitest/browser';
import type { PluginScope } from '../core/index.js';
import { type OpenedPanel, openPanel } from './panel.test.kit.js';

/** What axe finds wrong in the panel, in words. */
async function faults({ element }: OpenedPanel): Promise<string[]> {
  const { violations } = await axe.run(element, { resultTypes: ['violations'] });
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, any }) => `${id}: ${target} ${any[0]?.message ?? ''}`),
  );
}

/** One of everything the panel can show. */
async function fill({ bus, rows }: OpenedPanel): Promise<void> {
  bus.on('cart.*', (_event, delivery) => void delivery.emit('price.changed', { cents: 1n }), { name: 'price' });
  const retry = { attempts: 2, delayMs: 1 };
  bus.on('order.*', () => Promise.reject(new TypeError('no stock')), { name: 'order', retry });
  bus.use((event, next) => void (event.type === 'forbidden' || next()), { name: 'house rules' });
  bus.on('guarded', (event) => event.cancel('sold out'), { name: 'guard' });
  bus.on('slow', () => new Promise(() => {}), { name: 'slow' });
  for (const type of ['guarded', 'forbidden', 'slow', 'unheard.by.all', 'cart.added', 'order.placed']) {
    bus.emit(type, { text: 'x'.repeat(400), list: [1, 'two', null, new Map([['k', 1]])], when: new Date(0) });
  }
  await vi.waitFor(() => expect(rows().at(-1)).toBe('error.occurred'));
}

/** Plugins in each state, one of which wants more than it may. */
async function fillPlugins({ bus }: OpenedPanel): Promise<void> {
  let ads: PluginScope | undefined;
  const permissions = { emit: 'ads.*', on: 'cart.*' };
  const setup = (scope: PluginScope): void => {
    ads = scope;
    scope.on('cart.*', () => {}, { name: 'pick', priority: 5 });
  };
  await bus.install({ name: 'ads', version: '1.0.0', permissions, setup });
  await bus.install({ name: 'skin', dependsOn: ['ads'], setup: () => {} });
  await bus.install({ name: 'map', setup: () => Promise.reject(new TypeError('no map')) }).catch(() => {});
  for (let times = 0; times < 3; times++) expect(() => ads?.emit('order.placed')).toThrow();
  expect(() => ads?.on('user.*', () => {})).toThrow();
}

for (const theme of ['light', 'dark'] as const) {
  for (const width of [1200, 390]) {
    describe(`axe finds nothing wrong at ${width} pixels in ${theme} with`, () => {
      async function open(): Promise<OpenedPanel> {
        const panel = openPanel({ theme });
        panel.element.style.width = `${width}px`;
        await fill(panel);
        return panel;
      }

      it('the events', async () => {
        const panel = await open();
        expect(await faults(panel)).toEqual([]);
        await page.getByRole('searchbox').fill('status:wrong');
        await page.getByRole('button', { name: 'Filter by' }).click();
        expect(await faults(panel)).toEqual([]);
        await page.getByRole('searchbox').fill('nothing is like this');
        expect(await faults(panel)).toEqual([]);
      });

      it('an event', async () => {
        const panel = await open();
        for (const row of panel.all('[data-sequence]')) {
          row.click();
          await vi.waitFor(() => expect(panel.all('.detail')).toHaveLength(1));
          expect(await faults(panel)).toEqual([]);
        }
      });

      it('a chain', async () => {
        const panel = await open();
        await page.getByRole('tab', { name: 'Trace' }).click();
        expect(await faults(panel)).toEqual([]);
        await page.getByRole('button', { name: 'Show the latest chain' }).click();
        await vi.waitFor(() => expect(panel.all('.bar')).not.toHaveLength(0));
        expect(await faults(panel)).toEqual([]);
      });

      it('the handlers', async () => {
        const panel = await open();
        await fillPlugins(panel);
        await page.getByRole('tab', { name: 'Handlers' }).click();
        await vi.waitFor(() => expect(panel.all('tbody tr')).toHaveLength(5));
        expect(await faults(panel)).toEqual([]);
      });

      it('the plugins', async () => {
        const panel = await open();
        await fillPlugins(panel);
        await page.getByRole('tab', { name: 'Plugins' }).click();
        await vi.waitFor(() => expect(panel.all('.plugin-link')).toHaveLength(3));
        expect(await faults(panel)).toEqual([]);
        await page.getByRole('combobox', { name: 'Source' }).fill('ads');
        await page.getByRole('combobox', { name: 'Type' }).fill('no type');
        expect(await faults(panel)).toEqual([]);
        await page.getByRole('combobox', { name: 'Type' }).fill('ads.shown');
        for (const link of panel.all('.plugin-link').filter(({ textContent }) => textContent !== 'skin')) {
          link.click();
          await vi.waitFor(() => expect(panel.all('.detail h2')[0]?.textContent).toBe(link.textContent));
          expect(await faults(panel)).toEqual([]);
        }
      });
    });
  }
}
