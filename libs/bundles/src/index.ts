import { fileURLToPath } from 'node:url';

export { BundleMissingError, BundleStore } from './bundle-store.js';

/** Tables of this library, for `migrate()`. */
export const bundlesMigrations = {
  schema: 'bundles',
  folder: fileURLToPath(new URL('../migrations', import.meta.url)),
} as const;
