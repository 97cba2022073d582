// Prints what decorated plugins do, the same whoever compiled them.
import { createEventBus } from 'crosstown';
import { DecoratorError, decorate, eventHandler } from 'crosstown/decorators';
import { type AppEvents, LoudUsers, Users } from './plugins.js';

async function reportOf(users: Users): Promise<string> {
  const bus = createEventBus<AppEvents>();
  const installed = await bus.install(users);
  await bus.emit('user.created', { userId: 'ada' });
  await bus.emit('user.created', { userId: 'nobody' });
  await bus.emit('user.removed', { userId: 'nobody' });
  await bus.idle();
  users.lines.push(`${await bus.request('user.count')} left`);
  await installed.uninstall();
  await bus.emit('user.created', { userId: 'late' });
  await bus.close();
  return users.lines.join(', ');
}

/** The decorator without its types, as a program in JavaScript has it. */
const untyped = eventHandler('a') as unknown as (value: unknown, context: DecoratorContext) => void;

/** What a decorator says of each place where it must not stand. */
function mistakes(): string[] {
  const places: readonly (() => unknown)[] = [
    () =>
      class {
        @untyped field = 1;
      },
    () =>
      class {
        @untyped get getter(): number {
          return 1;
        }
      },
    () =>
      class {
        @untyped static method(): void {}
        other = 1;
      },
    () => {
      @untyped
      class Decorated {}
      return Decorated;
    },
    () =>
      new (class {
        @untyped method(): void {}
      })(),
    () => {
      class Mixed extends Users {
        static {
          decorate(Mixed, 'welcome', eventHandler('user.created'));
        }
      }
      return new Mixed({ welcome: 'hello' });
    },
  ];
  return places.map((place) => {
    try {
      place();
      return 'nothing';
    } catch (error) {
      return error instanceof DecoratorError ? error.message : String(error);
    }
  });
}

const report = [
  await reportOf(new Users({ welcome: 'welcome' })),
  await reportOf(new LoudUsers({ welcome: 'hello' })),
  ...mistakes(),
];
console.log(report.join('\n'));
