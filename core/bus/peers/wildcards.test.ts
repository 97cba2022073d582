import EventEmitter2 from 'eventemitter2';
import { describe, expect, it } from 'vitest';
import { createEventBus } from '../../index.js';
import { all, onEach } from './emitters.test.kit.js';

/** Which patterns hear each type, in an emitter of eventemitter2 and in a bus. */
function heard(patterns: readonly string[], types: readonly string[]): [peer: string[], ours: string[]] {
  const [ofPeer, ours]: [string[], string[]] = [[], []];
  const emitter = new EventEmitter2({ wildcard: true });
  const bus = createEventBus();
  let type = '';
  for (const pattern of patterns) {
    emitter.on(pattern, () => ofPeer.push(`${pattern} heard ${type}`));
    bus.on(pattern, () => ours.push(`${pattern} heard ${type}`));
  }
  for (type of types) {
    emitter.emit(type);
    bus.emit(type);
  }
  return [ofPeer.sort(), ours.sort()];
}

describe('peers: wildcards', () => {
  it('P1 a bare `*` stands for every event', async () => {
    const calls = await onEach(async (emitter) => {
      const seen: unknown[] = [];
      emitter.on('*', (data) => seen.push(data));
      await emitter.emit('a', 1);
      await emitter.emit('a.b', 2);
      return seen.length;
    });
    expect(calls).toEqual({ ...all(0), mitt: 2, crosstown: 2 });
    expect(heard(['*'], ['a', 'a.b', 'c'])).toEqual([
      ['* heard a', '* heard c'],
      ['* heard a', '* heard a.b', '* heard c'],
    ]);
  });

  it('P1 a handler of everything hears every event with its type', async () => {
    const which = ['mitt', 'emittery', 'eventemitter2', 'crosstown'] as const;
    const calls = await onEach(async (emitter) => {
      const seen: unknown[] = [];
      emitter.any((type, data) => seen.push([type, data]));
      await emitter.emit('a', 1);
      await emitter.emit('b.c', 2);
      return seen;
    }, which);
    const both = [
      ['a', 1],
      ['b.c', 2],
    ];
    expect(calls).toEqual(all(both, which));
  });

  it('P1 `*` between dots stands for exactly one segment', () => {
    const [ofPeer, ours] = heard(['a.*', '*.b', 'a.*.c', '*.*'], ['a', 'a.b', 'a.b.c', 'a.c', 'b']);
    expect(ours).toEqual([
      '*.* heard a.b',
      '*.* heard a.c',
      '*.b heard a.b',
      'a.* heard a.b',
      'a.* heard a.c',
      'a.*.c heard a.b.c',
    ]);
    expect(ofPeer).toEqual(ours);
  });

  it('P1 `**` stands for any number of segments, none included, anywhere', () => {
    const [ofPeer, ours] = heard(['a.**', '**.c', 'a.**.c', '**'], ['a', 'b', 'c', 'a.c', 'a.b.b.c']);
    expect(ours).toEqual([
      '** heard a',
      '** heard a.b.b.c',
      '** heard a.c',
      '** heard b',
      '** heard c',
      '**.c heard a.b.b.c',
      '**.c heard a.c',
      '**.c heard c',
      'a.** heard a',
      'a.** heard a.b.b.c',
      'a.** heard a.c',
      'a.**.c heard a.b.b.c',
      'a.**.c heard a.c',
    ]);
    expect(ofPeer).toEqual(ours);
  });

  it('P1 patterns without a leading `**` match what they match in eventemitter2', () => {
    const forms = ['a', 'b', '*'];
    const two = forms.flatMap((x) => forms.map((y) => `${x}.${y}`));
    const three = two.flatMap((start) => [...forms, '**'].map((end) => `${start}.${end}`));
    const four = ['a', '*'].flatMap((start) => [`${start}.**.b.a`, `${start}.a.**`]);
    const patterns = [...forms.slice(0, 2), ...two, ...three.filter((one) => !one.endsWith('*.**')), ...four];
    const types = ['a', 'b', 'a.a', 'a.b', 'b.a', 'b.b', 'a.b.a', 'a.a.b', 'a.b.b.a', 'b.c.b.a', 'c.a.b', 'a.c', 'c'];
    const [ofPeer, ours] = heard(patterns, types);
    expect(ours.length).toBeGreaterThan(60);
    expect(ofPeer).toEqual(ours);
  });

  it('P1 a `**` that could end in several places tries them all', () => {
    const [ofPeer, ours] = heard(['**.a', '**.b.a', '**.*.b'], ['a.b.a', 'b.b.a', 'a.b']);
    expect(ours).toEqual([
      '**.*.b heard a.b',
      '**.a heard a.b.a',
      '**.a heard b.b.a',
      '**.b.a heard a.b.a',
      '**.b.a heard b.b.a',
    ]);
    expect(ofPeer).toEqual(['**.a heard b.b.a', '**.b.a heard a.b.a', '**.b.a heard b.b.a']);
  });

  it('P1 a `*` before a `**` at the end needs its segment', () => {
    const [ofPeer, ours] = heard(['a.*.**'], ['a', 'a.b', 'a.b.c']);
    expect(ours).toEqual(['a.*.** heard a.b', 'a.*.** heard a.b.c']);
    expect(ofPeer).toEqual(['a.*.** heard a', ...ours]);
  });

  it('P1 neighbouring `**` count as one', () => {
    const [ofPeer, ours] = heard(['a.**.**', '**.**', '**.**.b', 'a.**.**.c'], ['a', 'a.b', 'a.b.c']);
    expect(ofPeer).toEqual([]);
    expect(ours).toEqual([
      '**.** heard a',
      '**.** heard a.b',
      '**.** heard a.b.c',
      '**.**.b heard a.b',
      'a.**.** heard a',
      'a.**.** heard a.b',
      'a.**.** heard a.b.c',
      'a.**.**.c heard a.b.c',
    ]);
  });

  it('P1 an exact handler hides no wildcard', async () => {
    const [ofPeer, ours] = heard(['a', 'a.**', 'b.**', '**'], ['a', 'b']);
    expect(ours).toEqual(['** heard a', '** heard b', 'a heard a', 'a.** heard a', 'b.** heard b']);
    expect(ofPeer).toEqual(ours);
    const which = ['mitt', 'emittery', 'eventemitter2', 'crosstown'] as const;
    const calls = await onEach(async (emitter) => {
      let count = 0;
      emitter.on('a', () => count++);
      emitter.any(() => count++);
      await emitter.emit('a');
      return count;
    }, which);
    expect(calls).toEqual(all(2, which));
  });

  it('P1 wildcards need no switch', () => {
    const emitter = new EventEmitter2();
    const bus = createEventBus();
    const calls: string[] = [];
    emitter.on('a.*', () => calls.push('eventemitter2'));
    bus.on('a.*', () => calls.push('crosstown'));
    emitter.emit('a.b');
    bus.emit('a.b');
    expect(calls).toEqual(['crosstown']);
  });
});
