import { describe, expect, it } from 'vitest';
import { advised } from './advised.test.kit.js';

/** What is said of types that are emitted on one bus. */
function ofTypes(...types: readonly string[]): string[] {
  const { bus, said } = advised();
  for (const type of types) bus.emit(type, { userId: '1' });
  return said();
}

describe('the names of types', () => {
  it.each([
    'something.happened',
    'user_thing',
    'data.event',
    'app.events',
    'user.stuff.added',
    'misc.saved',
    'it.happened',
  ])('I7 are vague when they say nothing: %s', (type) => {
    expect(ofTypes(type)).toContain(`vague-type ${type}`);
  });

  it.each(['user.changed', 'data.changed', 'orders.change'])(
    'I7 are vague when so much can have changed: %s',
    (type) => {
      expect(ofTypes(type)).toEqual([`vague-type ${type}`]);
    },
  );

  it.each([
    'user.name.changed',
    'theme.changed',
    'event.created',
    'thingamajig.added',
    'data.imported',
    'room.event.moved',
  ])('I7 are not vague when they say it: %s', (type) => {
    expect(ofTypes(type)).toEqual([]);
  });

  it('I7 are vague as one word, except for a signal without data', () => {
    const { bus, advice } = advised();
    bus.emit('ping');
    bus.emit('pong', null);
    bus.emit('login', { userId: '1' });
    expect(advice.map(({ message }) => message)).toEqual([
      '[crosstown] The type "login" is one word alone. Say what it is about and what happened to that, like "user.profile.updated".',
    ]);
  });

  it.each([
    ['userCreated', 'user.created'],
    ['user_created', 'user.created'],
    ['order-placed', 'order.placed'],
    ['order:placed', 'order.placed'],
    ['USER_CREATED', 'user.created'],
    ['User.Created', 'user.created'],
    ['User.LoggedIn', 'user.logged-in'],
  ])('I7 are in segments, lower-case: %s should be %s', (type, better) => {
    const { bus, advice } = advised();
    bus.emit(type);
    expect(advice).toMatchObject([{ rule: 'type-style', message: expect.stringContaining(`Write "${better}".`) }]);
  });

  it('I7 join words in one way on a bus, whichever that is', () => {
    for (const [first, second, third] of [
      ['user.logged-in', 'order.pre-paid', 'order.partlyPaid'],
      ['user.loggedIn', 'order.prePaid', 'order.partly_paid'],
      ['user.logged_in', 'order.pre_paid', 'order.partly-paid'],
    ] as const) {
      expect(ofTypes('order.placed', first, second, third)).toEqual([`type-style ${third}`]);
    }
  });

  it('I7 differ by more than case and separators, also from those that are waited for', () => {
    expect(ofTypes('user.loggedIn', 'user.logged-in')).toEqual(['type-style user.logged-in']);
    expect(ofTypes('order.lineadded', 'order.line.added')).toEqual(['type-style order.line.added']);
    expect(ofTypes('page.1.11', 'page.11.1', 'page.1', 'page.2')).toEqual([]);
    const { bus, advice } = advised();
    bus.on('user.logged-in', () => {});
    bus.emit('user.loggedIn');
    expect(advice.map(({ message }) => message)).toEqual([
      '[crosstown] "user.loggedIn" differs from "user.logged-in" only by case or separators. Use one of the two.',
    ]);
  });

  it('I7 may be in any script', () => {
    expect(ofTypes('заказ.создан', '注文.作成')).toEqual([]);
    expect(ofTypes('Заказ.создан')).toEqual(['type-style Заказ.создан']);
  });
});
