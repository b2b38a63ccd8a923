import type { Pool } from 'pg';
import { migrate, type Migrations } from './migrate.js';

/** The event store's own schema; the folder lies beside both `src` and `dist`. */
export const eventStoreMigrations: Migrations = {
  schema: 'event_store',
  folder: new URL('../migrations/', import.meta.url),
};

/** Makes the event store or brings it up to date. Needs a role that may create schemas; that role owns the log. */
export async function migrateEventStore(pool: Pool): Promise<readonly string[]> {
  return migrate(pool, eventStoreMigrations);
}
