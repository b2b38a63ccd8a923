import { createHash } from 'node:crypto';
import { CannotOpenError, open, seal } from './envelope.js';

/** Wraps the data keys of secrets; in production a key management service that never gives its own keys away. */
export interface KeyProvider {
  /** Names the key that wraps now. */
  readonly keyId: string;
  /** Whether data keys under that key can be unwrapped. */
  knows(keyId: string): boolean;
  wrap(dataKey: Uint8Array): Promise<Uint8Array>;
  /** @throws CannotOpenError */
  unwrap(keyId: string, wrapped: Uint8Array): Promise<Uint8Array>;
}

/**
 * Keys from the service's environment: 32 bytes each, base64. The first wraps; those that did before still unwrap, until
 * a rotation has left nothing under them.
 */
export function localKeyProvider(base64Key: string, previous: readonly string[] = []): KeyProvider {
  const current = localKey(base64Key);
  const keys = new Map([...previous.map(localKey), current].map(({ id, key }) => [id, key]));
  return {
    keyId: current.id,
    knows: (id) => keys.has(id),
    wrap: (dataKey) => Promise.resolve(seal(current.key, dataKey, current.id)),
    unwrap: async (id, wrapped) => {
      const key = keys.get(id);
      if (key === undefined)
        throw new CannotOpenError(`a secret is under the key ${id}, which this service does not have`);
      return open(key, wrapped, id);
    },
  };
}

/** The id is a fingerprint: it tells keys apart and gives nothing of them away. */
function localKey(base64Key: string): { readonly id: string; readonly key: Buffer } {
  const key = Buffer.from(base64Key, 'base64');
  if (key.length !== 32)
    throw new Error('the secret key must be 32 bytes in base64, e.g. from: openssl rand -base64 32');
  return { id: `local-${createHash('sha256').update(key).digest('hex').slice(0, 12)}`, key };
}
