/** The alphabet of RFC 4648 §5, without padding: safe in JSON, URLs and file names. */
export function toBase64Url(bytes: Uint8Array): string {
  let text = '';
  // In pieces: a call takes only so many arguments.
  for (let i = 0; i < bytes.length; i += 8_192) text += String.fromCharCode(...bytes.subarray(i, i + 8_192));
  return btoa(text).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

/**
 * The bytes of a text that {@link toBase64Url} made; undefined for any other. `atob` would skip white space and forget
 * the bits behind the last byte, so that a changed text would still stand for the same bytes (RFC 4648 §3.5).
 */
export function fromBase64Url(text: string): Uint8Array<ArrayBuffer> | undefined {
  const last = lastCharacters[text.length % 4];
  if (last === undefined || /[^\w-]/.test(text) || !(last === '' || last.includes(text.at(-1) ?? ' ')))
    return undefined;
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

/** What a text may end in, by its length modulo 4: whose bits behind the last byte are 0. */
const lastCharacters: readonly (string | undefined)[] = ['', undefined, 'AQgw', 'AEIMQUYcgkosw048'];
