import { InvalidOptionError } from '../../index.js';

/** The platform's cryptography, looked up when it is used: pages without HTTPS lack it. */
export function webCrypto(): Crypto {
  if (globalThis.crypto?.subtle !== undefined) return globalThis.crypto;
  throw new InvalidOptionError('crypto.subtle', undefined, 'a secure context: HTTPS, or localhost');
}
