import { fileURLToPath } from 'node:url';

/** Tables of this library, for `migrate()`. */
export const processMigrations = {
  schema: 'process',
  folder: fileURLToPath(new URL('../migrations', import.meta.url)),
} as const;
