import { afterEach, expect, it, vi } from 'vitest';
import { createEventBus } from '../../index.js';

afterEach(() => {
  vi.restoreAllMocks();
});

it('D9 writes to the console, without onError, what failed, who, for which event, and why', async () => {
  const lines = vi.spyOn(console, 'error').mockImplementation(() => {});
  const error = new Error('no');
  const fail = (): never => {
    throw error;
  };
  const bus = createEventBus();
  bus.on('a', fail, { name: 'mailer' });
  await bus.emit('a');
  bus.use((event, next) => (event.type === 'b' ? fail() : next()), { name: 'guard' });
  await bus.emit('b');
  bus.inspect(fail);
  bus.emit('c');
  expect(lines.mock.calls.slice(0, 3)).toEqual([
    ['[crosstown] handler "mailer" failed for "a":', error],
    ['[crosstown] middleware "guard" failed for "b":', error],
    ['[crosstown] observer failed:', error],
  ]);
});
