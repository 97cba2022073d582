import { describe, expect, it } from 'vitest';
import type { CursorStore, EventStore } from '../../index.js';
import { record, records } from '../../testing/store-conformance/case.js';
import { countRows } from './count.js';
import { abortCommits, newDatabase, newName, newStore, watchConnections } from './database.test.kit.js';
import { trimLog } from './trim.js';

function cursorsOf({ cursors }: EventStore): CursorStore {
  if (cursors === undefined) throw new Error('no cursors');
  return cursors;
}

const none = Number.POSITIVE_INFINITY;

describe('the cursors of an IndexedDB store', () => {
  it('S6 are told what was trimmed, in the transaction that moves them', async () => {
    const name = newName();
    const store = newStore(name);
    const cursors = cursorsOf(store);
    await cursors.claim('mailer', 0, false);
    const offsets: number[] = [];
    for (let n = 0; n < 30; n++) offsets.push((await store.append([record('a')]))[0]?.offset ?? 0);
    const db = await newDatabase(name);
    await countRows(db);
    // More than twice as much as is wanted: the cursor is not waited for any longer.
    await trimLog(db, { maxAgeMs: none, maxBytes: none, maxEvents: 10 }, 0);
    const trimmed = offsets[11];
    expect(await cursors.move('mailer', { offset: 2000, epoch: 0, retries: [] })).toEqual({
      ...{ offset: 2000, epoch: 0, retries: [], beat: 1 },
      trimmed,
    });
    expect((await cursors.get('mailer'))?.trimmed).toBe(trimmed);
    expect((await cursors.list()).get('mailer')?.trimmed).toBe(trimmed);
    expect((await cursors.claim('new', 0, true)).trimmed).toBe(trimmed);
  });

  it('S6 are not moved when the commit fails, and moved on a new connection when the first was lost', async () => {
    const connections = watchConnections();
    const cursors = cursorsOf(newStore());
    await cursors.claim('mailer', 0, false);
    abortCommits(1, 'QuotaExceededError', 'cursors');
    const move = (offset: number) => cursors.move('mailer', { offset, epoch: 0, retries: [] });
    await expect(move(5)).rejects.toMatchObject({ code: 'STORE_FAILED', cause: { name: 'QuotaExceededError' } });
    expect(await cursors.get('mailer')).toMatchObject({ offset: 0, beat: 0 });
    connections[0]?.close();
    expect(await move(5)).toMatchObject({ offset: 5, beat: 1 });
    expect(connections).toHaveLength(2);
  });

  it('S7 gives a cursor to one epoch alone, though many tabs move it at once', async () => {
    const name = newName();
    const tabs = Array.from({ length: 4 }, () => cursorsOf(newStore(name)));
    const claims = await Promise.all(tabs.map((cursors) => cursors.claim('billing', 0, true)));
    const moves = await Promise.all(
      tabs.map((cursors, tab) =>
        cursors.move('billing', { offset: 10 + tab, epoch: claims[tab]?.epoch ?? 0, retries: [] }),
      ),
    );
    const latest = claims.findIndex(({ epoch }) => epoch === 4);
    expect(moves.map((moved) => moved !== undefined)).toEqual(tabs.map((_, tab) => tab === latest));
    expect((await tabs[0]?.get('billing'))?.offset).toBe(10 + latest);
  });

  it('S6 are moved while events are written, neither waiting for the other', async () => {
    const store = newStore();
    const cursors = cursorsOf(store);
    await cursors.claim('mailer', 0, false);
    const appends = records('a', 200).map((one) => store.append([one]));
    const moves = appends.map((_, n) => cursors.move('mailer', { offset: n + 1, epoch: 0, retries: [] }));
    await Promise.all([...appends, ...moves]);
    expect(await cursors.get('mailer')).toMatchObject({ offset: 200, beat: 200 });
  });

  it('S3 are committed before their store is closed, though it was not even open', async () => {
    const name = newName();
    const store = newStore(name);
    const claim = cursorsOf(store).claim('mailer', 3, true);
    await Promise.all([claim, store.close()]);
    expect(await cursorsOf(newStore(name)).get('mailer')).toMatchObject({ offset: 3, epoch: 1 });
    await expect(cursorsOf(store).get('mailer')).rejects.toMatchObject({ code: 'STORE_FAILED' });
  });
});
