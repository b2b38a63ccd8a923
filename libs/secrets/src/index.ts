import { fileURLToPath } from 'node:url';

export { CannotOpenError } from './envelope.js';
export { localKeyProvider, type KeyProvider } from './key-provider.js';
export { maskSecrets } from './mask-secrets.js';
export { findSecrets, isPlaceholder, type SecretCode, type SecretSpan } from './secret-rules.js';
export { rotateKeys, type Rotation, type RotationLimits, type UnderKey } from './rotate-keys.js';
export { SecretStore, secretStores, type SecretPurpose, type SecretStores } from './secret-store.js';

/** Tables of this library, for `migrate()`. */
export const secretsMigrations = {
  schema: 'secrets',
  folder: fileURLToPath(new URL('../migrations', import.meta.url)),
} as const;
