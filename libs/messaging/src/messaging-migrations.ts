import { migrate, type Migrations } from '@m3/event-store';
import type { Pool } from 'pg';

/** The schema of messaging; the folder lies beside both `src` and `dist`. */
export const messagingMigrations: Migrations = {
  schema: 'messaging',
  folder: new URL('../migrations/', import.meta.url),
};

/** What the database role of each service that uses the bus needs, for `provisionRole`. */
export const messagingGrants: readonly string[] = [
  'USAGE ON SCHEMA messaging',
  'SELECT, INSERT, UPDATE ON messaging.checkpoint',
  'SELECT, INSERT ON messaging.dead_letter_payload, messaging.processed_message',
];

/** Makes the schema or brings it up to date. Needs a role that may create schemas. */
export async function migrateMessaging(pool: Pool): Promise<readonly string[]> {
  return migrate(pool, messagingMigrations);
}
