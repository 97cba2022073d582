import { describe, expect, it } from 'vitest';
import { createEventBus, InvalidEventTypeError, InvalidOptionError, InvalidPatternError } from '../../index.js';

const nothing = (): void => {};

describe('a type that is refused', () => {
  it.each([
    [null, 'it is null, not a string'],
    [7, 'it is number, not a string'],
    ['', 'it has an empty segment'],
    ['a..b', 'it has an empty segment'],
    ['a.', 'it has an empty segment'],
    ['a b', 'it has white space or a control character'],
    ['a.*', 'a wildcard stands only in patterns'],
    ['$hello', 'types that begin with "$" belong to the bus'],
    ['a'.repeat(257), 'it has 257 characters, over 256'],
    [`${'a'.repeat(255)} `, 'it has white space or a control character'],
  ])('E5 E6 %j is told why: %s', (type, why) => {
    const emit = (): unknown => createEventBus().emit({ type: type as string, data: 0 });
    expect(emit).toThrow(InvalidEventTypeError);
    expect(emit).toThrow(` is not an event type: ${why}.`);
  });

  it.each(['a\u00a0b', 'ü.\u2028', 'ü\u0085', 'ü..b', '.ü', 'ü.', 'ü.*'])(
    'E5 is refused beyond ASCII as within: %j',
    (type) => {
      expect(() => createEventBus().emit(type)).toThrow(InvalidEventTypeError);
    },
  );

  it.each(['ü', 'a.ü', 'ü.a.b', 'a.b.c.ü'])('E5 has as many segments beyond ASCII as it likes: %j', (type) => {
    expect(createEventBus().emit(type).event.type).toBe(type);
  });
});

describe('a pattern that is refused', () => {
  it.each([
    [7, 'it is not a string'],
    ['', 'it has an empty segment'],
    ['a..*', 'it has an empty segment'],
    ['a b', 'it has white space or a control character'],
    ['user-*', '"user-*" mixes a wildcard with text'],
    ['$hello', 'types that begin with "$" belong to the bus'],
    ['a'.repeat(257), 'it is longer than 256 characters'],
    [`*.${'a'.repeat(255)}`, 'it is longer than 256 characters'],
  ])('P2 E6 %j is told why: %s', (pattern, why) => {
    const subscribe = (): unknown => createEventBus().on(pattern as string, nothing);
    expect(subscribe).toThrow(InvalidPatternError);
    expect(subscribe).toThrow(` is not a pattern: ${why}.`);
  });

  it('P2 may have 256 characters', () => {
    expect(createEventBus().on(`*.${'a'.repeat(254)}`, nothing).active).toBe(true);
  });

  it('P4 is an empty list, and the error names the option and what it may be', () => {
    const subscribe = (): unknown => createEventBus().on([], nothing);
    expect(subscribe).toThrow(InvalidOptionError);
    expect(subscribe).toThrow('pattern is an array. Give it a pattern or a list of patterns.');
  });

  it('D10 is no text when handlers are removed by it', () => {
    const remove = (): unknown => createEventBus().off(7 as unknown as string);
    expect(remove).toThrow(InvalidPatternError);
    expect(remove).toThrow('it is no text');
  });
});
