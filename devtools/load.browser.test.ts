import { expect, it, vi } from 'vitest';
import { openPanel } from './panel.test.kit.js';

const PER_SECOND = 5000;
const SECONDS = 2;

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

it(`${PER_SECOND} events a second leave the list quick, short and scrollable`, async () => {
  const { bus, all, rows } = openPanel({ capacity: 4096 });
  for (let i = 0; i < 3; i++) bus.on('load.*', () => {}, { name: `handler ${i}` });
  let frames = 0;
  let mostRows = 0;
  let running = true;
  const frame = (): void => {
    frames++;
    mostRows = Math.max(mostRows, all('[data-sequence], .line').length);
    if (running) requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
  const started = performance.now();
  let sent = 0;
  while (performance.now() - started < SECONDS * 1000) {
    const due = ((performance.now() - started) / 1000) * PER_SECOND;
    for (; sent < due; sent++) bus.emit(`load.kind${sent % 20}`, { number: sent, words: 'a payload like any other' });
    await sleep(0);
  }
  running = false;
  expect(sent).toBeGreaterThan(PER_SECOND * SECONDS * 0.9);
  expect(mostRows).toBeLessThan(80);
  // Sixty on a machine of one's own; the machine that tests has other things to do.
  expect(frames / SECONDS).toBeGreaterThan(3);
  await vi.waitFor(() => expect(rows().at(-1)).toBe(`load.kind${(sent - 1) % 20}`));

  const list = all('[role=grid]')[0] as HTMLElement;
  expect(list.getAttribute('aria-rowcount')).toBe('4097');
  list.scrollTop = 24 * 1000;
  await vi.waitFor(() => expect(rows().length).toBeGreaterThan(10));
  await vi.waitFor(() =>
    expect(all('[data-sequence]').some((row) => row.getAttribute('aria-rowindex') === '1010')).toBe(true),
  );
});
