import { CodecError, type EventRecord, findPayloadFault, SerializationError } from '../../index.js';
import type { Keyring } from './keyring.js';
import { CODEC, changed, isSealed, openText, type Sealed, sealText, toJson } from './sealed.js';

/**
 * Seals the data of one event by hand, where only some handlers may read it: unlike with the codec it stays sealed on this
 * node, too. It is bound to the type, and to nothing else of the event. Data is what JSON carries as it is, or undefined.
 *
 * @throws rejects with SerializationError for other data, CodecError when the current key is used up or cannot be had
 * @example
 * await bus.emit('card.encrypted', await seal(keys, 'card.encrypted', { number: '4111 1111 1111 1111' }));
 */
export async function seal<T>(keys: Keyring, type: string, data: T): Promise<Sealed<T>> {
  const fault = findPayloadFault({ data, metadata: {} } as unknown as EventRecord, 'json');
  if (fault !== undefined) throw new SerializationError(type, fault.path, fault.problem);
  // The type of what is in it is known to the compiler alone.
  return (await sealText(keys, type, toJson(type, { d: data }), contextOf(type))) as Sealed<T>;
}

/**
 * The data of an event that {@link seal} sealed.
 *
 * @throws rejects with CodecError when the key is missing, the data was changed, or was sealed for another type
 * @example
 * bus.on('*.encrypted', async (event) => {
 *   const card = await open(keys, event);
 * });
 */
export async function open<E extends { readonly type: string; readonly data: unknown }>(
  keys: Keyring,
  event: E,
): Promise<Opened<E['data']>> {
  const { type, data } = event;
  if (!isSealed(data)) throw changed(type);
  const text = await openText(keys, type, data, contextOf(type));
  if (text !== undefined) return JSON.parse(text).d;
  throw new CodecError(CODEC, type, 'is sealed with a key that is not in the ring', 'Add that key to the ring');
}

/** What is in sealed data, where the compiler knows. */
export type Opened<D> = D extends Sealed<infer T> ? T : unknown;

/** Begins unlike that of a record, so neither opens as the other. */
function contextOf(type: string): string {
  return `data ${JSON.stringify(type)}`;
}
