import { createHash } from 'node:crypto';
import { open, seal } from './envelope.js';

/** Wraps the data keys of secrets; in production a key management service that never gives its own key away. */
export interface KeyProvider {
  /** Names the key that wraps now. */
  readonly keyId: string;
  wrap(dataKey: Uint8Array): Promise<Uint8Array>;
  /** @throws CannotOpenError */
  unwrap(keyId: string, wrapped: Uint8Array): Promise<Uint8Array>;
}

/** A key from the service's environment: 32 bytes, base64. */
export function localKeyProvider(base64Key: string): KeyProvider {
  const key = Buffer.from(base64Key, 'base64');
  if (key.length !== 32)
    throw new Error('the secret key must be 32 bytes in base64, e.g. from: openssl rand -base64 32');
  const keyId = `local-${createHash('sha256').update(key).digest('hex').slice(0, 12)}`;
  return {
    keyId,
    wrap: (dataKey) => Promise.resolve(seal(key, dataKey, keyId)),
    unwrap: (id, wrapped) => Promise.resolve(open(key, wrapped, id)),
  };
}
