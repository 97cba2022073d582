// Run by a Vitest of its own, with the configuration beside it.
import { createTestEventBus } from 'crosstown/testing';
import { expect, it } from 'vitest';
import { type AppEvents, Users } from './plugins.js';

it('welcomes who is created', async () => {
  const bus = createTestEventBus<AppEvents>();
  const users = new Users({ welcome: 'welcome' });
  await bus.install(users);
  bus.emit('user.created', { userId: 'ada' });
  await bus.processEvents();
  expect(users.lines).toContain('welcome ada');
  expect(bus.emittedOf('mail.sent')).toMatchObject([{ data: { to: 'ada' }, source: 'users' }]);
});
