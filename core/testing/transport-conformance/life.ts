import { expectFailure, expectSame, Host, openedPair, sentRecord, type TransportCase, until } from './case.js';

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
      const hosts = await openedPair(one, other);
      expectSame(
        hosts.map(({ states }) => states),
        [['open'], ['open']],
        'states',
      );
      expectSame(
        hosts.map(({ faults }) => faults),
        [[], []],
        'faults',
      );
    },
  },
  {
    name: 'T1 may be closed before it was opened, and twice',
    run: async (pair) => {
      const [one, other] = await pair();
      await one.close();
      await other.open(new Host('other'));
      await other.close();
      await other.close();
    },
  },
  {
    name: 'T1 brings nothing once it is closed, and lets the other side go on',
    run: async (pair) => {
      const [one, other] = await pair();
      const [atOne, atOther] = await openedPair(one, other);
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
      const [, atOther] = await openedPair(one, other);
      void one.publish([sentRecord('one', 'the last')]);
      await one.close();
      await until(() => atOther.records.length === 1, 'it has arrived');
    },
  },
  {
    name: 'T1 fails to send once it is closed',
    run: async (pair) => {
      const [one, other] = await pair();
      await openedPair(one, other);
      await one.close();
      await expectFailure(async () => one.publish([sentRecord('one', 1)]), 'TransportError');
    },
  },
  {
    name: 'T1 fails to open a second time, and once it is closed',
    run: async (pair) => {
      const [one, other] = await pair();
      await one.open(new Host('one'));
      await expectFailure(async () => one.open(new Host('again')), 'TransportError');
      await other.close();
      await expectFailure(async () => other.open(new Host('late')), 'TransportError');
    },
  },
  {
    name: 'T1 reaches nobody but its own medium',
    run: async (pair) => {
      const [one, other] = await pair();
      const [stranger, friend] = await pair();
      const [atOne, atOther] = await openedPair(one, other);
      const [atStranger, atFriend] = await openedPair(stranger, friend, ['stranger', 'friend']);
      await one.publish([sentRecord('one', 'ours')]);
      await stranger.publish([sentRecord('stranger', 'theirs')]);
      await until(() => atOther.records.length + atFriend.records.length === 2, 'both have arrived');
      const arrived = [atOne, atOther, atStranger, atFriend].map((host) => host.records.map(({ data }) => data));
      expectSame(arrived, [[], ['ours'], [], ['theirs']], 'records that arrived');
    },
  },
];
