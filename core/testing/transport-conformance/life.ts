import { expectFailure, expectSame, openedBy, sentRecord, type TransportCase, until } from './case.js';

export const lifeCases: readonly TransportCase[] = [
  {
    name: 'T1 has a name and says what it can do',
    run: async (pair) => {
      const [{ name, caps }] = await pair();
      if (name === '') throw new Error('its name is empty');
      if (!(caps.maxBytes > 0)) throw new Error(`maxBytes is ${caps.maxBytes}`);
      expectSame(
        [caps.order, caps.ack, caps.replay].map((cap) => typeof cap).join(),
        'boolean,boolean,boolean',
        'caps',
      );
    },
  },
  {
    name: 'T1 says that it is open, once, and not before it was opened',
    run: async (pair) => {
      const [one, other] = await pair();
      const host = await openedBy(one, 'one');
      await openedBy(other, 'other');
      expectSame(host.states, ['open'], 'states');
      expectSame(host.faults, [], 'faults');
    },
  },
  {
    name: 'T1 may be closed before it was opened, and twice',
    run: async (pair) => {
      const [one, other] = await pair();
      await one.close();
      await openedBy(other, 'other');
      await other.close();
      await other.close();
    },
  },
  {
    name: 'T1 brings nothing once it is closed, and lets the other side go on',
    run: async (pair) => {
      const [one, other] = await pair();
      const [atOne, atOther] = [await openedBy(one, 'one'), await openedBy(other, 'other')];
      await one.publish([sentRecord('one', 'before')]);
      await until(() => atOther.records.length === 1, 'the first record has arrived');
      await other.close();
      await one.publish([sentRecord('one', 'after')]);
      await new Promise((resolve) => setTimeout(resolve, 50));
      expectSame(
        atOther.records.map(({ data }) => data),
        ['before'],
        'records that arrived',
      );
      expectSame([...atOne.faults, ...atOther.faults], [], 'faults');
    },
  },
  {
    name: 'T1 sends what was published right before it was closed',
    run: async (pair) => {
      const [one, other] = await pair();
      const [, atOther] = [await openedBy(one, 'one'), await openedBy(other, 'other')];
      void one.publish([sentRecord('one', 'the last')]);
      await one.close();
      await until(() => atOther.records.length === 1, 'it has arrived');
    },
  },
  {
    name: 'T1 fails to send once it is closed',
    run: async (pair) => {
      const [one] = await pair();
      await openedBy(one, 'one');
      await one.close();
      await expectFailure(async () => one.publish([sentRecord('one', 1)]), 'TransportError');
    },
  },
  {
    name: 'T1 fails to open a second time, and once it is closed',
    run: async (pair) => {
      const [one, other] = await pair();
      await openedBy(one, 'one');
      await expectFailure(() => openedBy(one, 'again'), 'TransportError');
      await other.close();
      await expectFailure(() => openedBy(other, 'late'), 'TransportError');
    },
  },
  {
    name: 'T1 reaches nobody but its own medium',
    run: async (pair) => {
      const [one, other] = await pair();
      const [stranger, friend] = await pair();
      const atStranger = await openedBy(stranger, 'stranger');
      const atOther = await openedBy(other, 'other');
      const atFriend = await openedBy(friend, 'friend');
      const atOne = await openedBy(one, 'one');
      await one.publish([sentRecord('one', 'ours')]);
      await stranger.publish([sentRecord('stranger', 'theirs')]);
      await until(() => atOther.records.length + atFriend.records.length === 2, 'both have arrived');
      const arrived = [atOne, atOther, atStranger, atFriend].map((host) => host.records.map(({ data }) => data));
      expectSame(arrived, [[], ['ours'], [], ['theirs']], 'records that arrived');
    },
  },
];
