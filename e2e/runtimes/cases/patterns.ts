import { isError, same, thrown } from '../assert.js';
import type { RuntimeCase } from '../case.js';

const types = ['user', 'user.created', 'user.profile.changed', 'order.created', 'order.item.created'];

/** Which of the types each pattern stands for. */
const matches: Readonly<Record<string, readonly string[]>> = {
  '*': types,
  '**': types,
  'user.created': ['user.created'],
  'user.*': ['user.created'],
  'user.**': ['user', 'user.created', 'user.profile.changed'],
  '*.created': ['user.created', 'order.created'],
  '**.created': ['user.created', 'order.created', 'order.item.created'],
  '*.*.created': ['order.item.created'],
  'order.**.created': ['order.created', 'order.item.created'],
};

export const patternCases: readonly RuntimeCase[] = [
  {
    name: 'P1 * stands for one segment and ** for any number, anywhere',
    run({ crosstown: { createEventBus, compilePattern } }) {
      for (const [pattern, expected] of Object.entries(matches)) {
        const bus = createEventBus();
        const seen: string[] = [];
        bus.on(pattern, ({ type }) => void seen.push(type));
        for (const type of types) bus.emit(type, 1);
        same(seen, expected, `what ${pattern} gets`);
        same(types.filter(compilePattern(pattern)), expected, `what ${pattern} matches`);
      }
    },
  },
  {
    name: 'P1 wildcards that come and go while a type is in use are heeded at once',
    run({ crosstown: { createEventBus } }) {
      const bus = createEventBus();
      const seen: string[] = [];
      bus.on('a.b', () => void seen.push('exact'));
      bus.emit('a.b', 1);
      const off = bus.on('a.*', () => void seen.push('wild'), { priority: 1 });
      bus.emit('a.b', 1);
      off();
      bus.emit('a.b', 1);
      same(seen, ['exact', 'wild', 'exact', 'exact']);
    },
  },
  {
    name: 'P2 a pattern with a wildcard inside a segment, an empty segment or white space is refused',
    run({ crosstown: { createEventBus } }) {
      const bus = createEventBus();
      for (const bad of ['user-*', 'a..b', '', ' ', 'a.b ', 'a.***', 'a.\u0000']) {
        isError(
          thrown(() => bus.on(bad, () => {})),
          'InvalidPatternError',
          'INVALID_PATTERN',
        );
      }
    },
  },
  {
    name: 'P4 a list of patterns is one subscription that sees an event once',
    run({ crosstown: { createEventBus } }) {
      const bus = createEventBus();
      const seen: string[] = [];
      const off = bus.on(['user.*', '*.created', 'user.created'], ({ type }) => void seen.push(type));
      for (const type of types) bus.emit(type, 1);
      off();
      bus.emit('user.created', 1);
      same(seen, ['user.created', 'order.created']);
    },
  },
];
