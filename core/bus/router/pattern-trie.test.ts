import { describe, expect, it } from 'vitest';
import { parsePattern } from '../event/pattern.js';
import { PatternTrie } from './pattern-trie.js';
import { Registration } from './subscription.js';

describe('the trie of patterns', () => {
  it('is empty again when everyone has left, however their patterns were spelt', () => {
    const trie = new PatternTrie();
    const patterns = ['*', '**', '**.**', 'a.*', 'a.**.b', 'a.**.**.b', '*.*'].map(parsePattern);
    const registrations = [1, 2, 3].map((n) => new Registration(() => {}, patterns.flat(), n, undefined));
    for (const registration of registrations) for (const segments of patterns) trie.add(segments, registration);
    expect([trie.empty, trie.match('a.b').length, trie.all().length]).toEqual([false, 12, 12]);
    for (const registration of registrations) for (const segments of patterns) trie.remove(segments, registration);
    expect([trie.empty, trie.match('a.b'), trie.all()]).toEqual([true, [], []]);
  });

  it('takes away only what was there', () => {
    const trie = new PatternTrie();
    const [here, elsewhere] = [1, 2].map((n) => new Registration(() => {}, 'a.*', n, undefined)) as [
      Registration,
      Registration,
    ];
    trie.add(parsePattern('a.*'), here);
    for (const pattern of ['a.*', 'a.**', 'b.*', 'a.*.c', '**']) trie.remove(parsePattern(pattern), elsewhere);
    expect([trie.empty, trie.match('a.b')]).toEqual([false, [here]]);
  });
});
