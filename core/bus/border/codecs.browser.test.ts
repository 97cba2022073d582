import { afterEach, describe, expect, it } from 'vitest';
import { aesGcm, keyring } from '../../codecs/aes-gcm.js';
import { type Codec, createEventBus, type EventBus, ResponderError } from '../../index.js';
import { indexedDbStore } from '../../stores/indexeddb.js';
import { broadcastChannel } from '../../transports/broadcast-channel.js';
import { MARKER, reversing, SlowCodec } from './codecs.test.fixture.js';

/** What may be found, so that it is known that it would be. */
const OPEN = 'in-the-open';

const endings: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});

/** Every text in a value, keys and bytes among them. */
function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (ArrayBuffer.isView(value)) return textsIn(value.buffer);
  if (value instanceof ArrayBuffer) {
    const whole = value.slice(0, value.byteLength - (value.byteLength % 2));
    return [new TextDecoder().decode(value), new TextDecoder('utf-16le').decode(whole)];
  }
  if (value instanceof Map) return [...value].flatMap(([key, item]) => [...textsIn(key), ...textsIn(item)]);
  if (typeof value !== 'object' || value === null) return [];
  const own = value instanceof Error ? [value.name, value.message, String(value.stack), ...textsIn(value.cause)] : [];
  return [...own, ...Object.entries(value).flatMap(([key, item]) => [key, ...textsIn(item)])];
}

const holds = (value: unknown, text: string): boolean => textsIn(value).some((found) => found.includes(text));

const done = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

/** Every key and row of every object store of every database that this page may open. */
async function everythingStored(): Promise<readonly unknown[]> {
  const found: unknown[] = [];
  for (const { name = '' } of await indexedDB.databases()) {
    const database = await done(indexedDB.open(name));
    for (const store of database.objectStoreNames) {
      const rows = database.transaction(store).objectStore(store);
      found.push(await Promise.all([done(rows.getAllKeys()), done(rows.getAll())]));
    }
    database.close();
  }
  return found;
}

const k1 = crypto.getRandomValues(new Uint8Array(32));

describe.each<[string, () => Codec]>([
  ['a codec that works at once', reversing],
  ['a codec that does not', () => new SlowCodec()],
  ['AES-GCM', () => aesGcm({ keys: keyring({ current: 'k1', keys: { k1 } }), patterns: 'secret.**' })],
])('with %s', (_, codec) => {
  it('G6 nothing that is covered is plain in a database or on a channel, and handlers elsewhere get it in plain', async () => {
    const name = crypto.randomUUID();
    const heard: unknown[] = [];
    const wiretap = new BroadcastChannel(name);
    wiretap.onmessage = ({ data }) => heard.push(data);
    endings.push(() => wiretap.close());
    const node = (source: string): EventBus => {
      const bus = createEventBus({
        source,
        store: indexedDbStore({ name }),
        transports: [broadcastChannel({ channel: name })],
        codecs: [codec()],
        onError: () => {},
      });
      endings.push(() => bus.close());
      bus.inspect(() => {});
      return bus;
    };
    const [here, there] = [node('here'), node('there')];
    await expect.poll(() => [here.nodes.length, there.nodes.length], { timeout: 10_000 }).toEqual([1, 1]);
    const got: unknown[] = [];
    there.on('**', ({ type, data }) => void (type.startsWith('error') || got.push(data)));
    const durable: unknown[] = [];
    there.on('secret.told', ({ data }) => void durable.push(data), { durable: 'ledger', from: 'all' });
    const fail = ({ data }: { readonly data: unknown }): never => {
      throw new RangeError(`cannot ${JSON.stringify(data)}`);
    };
    for (const type of ['secret.told', 'open']) there.on(type, fail, { name: 'clerk' });
    there.respond('secret.asked', ({ data }) => ({ answer: data }));
    there.respond('secret.refused', fail);

    await here.emit('secret.told', { iban: MARKER }).persisted;
    await here.emit('open', OPEN).persisted;
    expect(await here.request('secret.asked', MARKER)).toEqual({ answer: MARKER });
    const refused = here.request('secret.refused', MARKER);
    await expect(refused).rejects.toThrow(ResponderError);
    await expect(refused).rejects.toThrow(MARKER);
    await expect.poll(() => got).toEqual([{ iban: MARKER }, OPEN, MARKER, MARKER]);
    await expect.poll(() => durable).toEqual([{ iban: MARKER }]);
    await Promise.all([here.idle(), there.idle()]);
    const letters = (await here.deadLetters.list()).map(({ event }) => event.data);
    expect(letters).toEqual([{ iban: MARKER }, OPEN]);
    const history: unknown[] = [];
    for await (const { event } of here.history({ pattern: ['secret.**', 'open'] })) history.push(event.data);
    expect(history).toEqual([{ iban: MARKER }, OPEN, MARKER, MARKER]);

    const stored = await everythingStored();
    const types = textsIn(heard);
    expect([types.includes('$reply'), types.includes('error.occurred'), types.includes('secret.told')]).toEqual([
      true,
      true,
      true,
    ]);
    expect([holds(stored, OPEN), holds(heard, OPEN)]).toEqual([true, true]);
    expect([holds(stored, MARKER), holds(heard, MARKER)]).toEqual([false, false]);
  });
});
