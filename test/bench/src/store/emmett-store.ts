import { getPostgreSQLEventStore } from '@event-driven-io/emmett-postgresql';
import pg from 'pg';
import type { AppendingStore } from './appending-store.js';
import { sampleContext, sampleData, sampleType } from './sample-event.js';

/** Emmett's PostgreSQL store, with a connection for each writer. */
export async function openEmmettStore(databaseUrl: string, writers: number): Promise<AppendingStore> {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: writers });
  // A pool ends before its connections do; the server may be gone by then.
  pool.on('error', () => undefined);
  const store = getPostgreSQLEventStore(databaseUrl, {
    schema: { autoMigration: 'None' },
    connectionOptions: { pooled: true, pool },
  });
  await store.schema.migrate();
  const event = { type: sampleType, data: sampleData, metadata: sampleContext };
  return {
    name: 'Emmett',
    append: async (stream, version) => {
      const expectedStreamVersion = version === 0 ? 'STREAM_DOES_NOT_EXIST' : BigInt(version);
      await store.appendToStream(stream, [event], { expectedStreamVersion });
    },
    close: async () => {
      await store.close();
      await pool.end();
    },
  };
}
