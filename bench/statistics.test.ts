import { describe, expect, it } from 'vitest';
import { measureGroup } from './measure.mjs';
import { median, medianOfRounds, pairedDifference, pairedRatio, undisturbed } from './statistics.mjs';

describe('the median', () => {
  it('is the middle one, whatever the order', () => {
    expect(median([9, 1, 5])).toBe(5);
  });

  it('lies between the two in the middle of an even number', () => {
    expect(median([10, 2, 4, 100])).toBe(7);
  });

  it('of nothing is no number', () => {
    expect(median([])).toBeNaN();
  });
});

describe('the undisturbed reading', () => {
  it('is the lowest of a few, and of many the one above the lowest tenth', () => {
    expect(undisturbed([30, 10, 20])).toBe(10);
    expect(undisturbed(Array.from({ length: 30 }, (_, i) => 30 - i))).toBe(4);
  });

  it('of nothing is no number', () => {
    expect(undisturbed([])).toBeNaN();
  });

  it('gives each round one vote, however many readings it has', () => {
    expect(medianOfRounds([[1, 1, 1, 1, 1, 1], [5], [6]])).toBe(5);
  });
});

describe('a ratio', () => {
  it('compares what was measured in one round, so a machine that is slow for a round does not count', () => {
    const ours = [[20], [200], [20], [20]];
    const theirs = [[10], [100], [10], [10]];
    expect(pairedRatio(ours, theirs)).toBe(2);
  });

  it('is not moved by a reading, or a round, that something interfered with', () => {
    expect(pairedRatio([[2, 900, 2], [2, 2, 900], [900]], [[1, 1, 1], [50, 1, 1], [1]])).toBe(2);
  });
});

describe('a difference', () => {
  it('is taken within each round, as a ratio is', () => {
    expect(pairedDifference([[30], [300], [31, 900]], [[10], [280], [10, 10]])).toBe(20);
  });
});

describe('a group', () => {
  /** Ours takes 30 and theirs 10, in every reading. */
  const measure = async (cells: readonly { library: string }[], readings: number): Promise<number[][]> =>
    cells.map(({ library }) => new Array<number>(readings).fill(library === 'ours' ? 30 : 10));

  const findingOf = async (bound: { is: 'at most' | 'at least'; value: number } | undefined, peer?: string) => {
    const claim = { says: 'it is fast', ours: 'ours in a race', ...(peer && { peer }), ...(bound && { bound }) };
    const cells = ['theirs in a race', 'ours in a race'];
    const group = { name: 'race', unit: 'ns', readings: 2, cells, claims: [claim] };
    return (await measureGroup(group, 3, measure))[0];
  };

  it('holds a ratio to its bound, from both sides', async () => {
    const theirs = 'theirs in a race';
    expect(await findingOf({ is: 'at most', value: 3 }, theirs)).toMatchObject({ ratio: 3, met: true });
    expect(await findingOf({ is: 'at most', value: 2.9 }, theirs)).toMatchObject({ ratio: 3, met: false });
    expect(await findingOf({ is: 'at least', value: 0.33 }, theirs)).toMatchObject({ met: true });
    expect(await findingOf({ is: 'at least', value: 0.34 }, theirs)).toMatchObject({ met: false });
  });

  it('holds a reading without a peer to its bound', async () => {
    expect(await findingOf({ is: 'at most', value: 30 })).toMatchObject({ reading: 30, ratio: undefined, met: true });
    expect(await findingOf({ is: 'at most', value: 29 })).toMatchObject({ met: false });
  });

  it('judges nothing that has no bound', async () => {
    expect(await findingOf(undefined, 'theirs in a race')).toMatchObject({
      reading: 30,
      peerReading: 10,
      met: undefined,
    });
  });
});
