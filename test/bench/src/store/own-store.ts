import { EventRegistry, eventCatalogue } from '@m3/contracts';
import { createPool, PostgresEventStore, Sealer } from '@m3/event-store';
import type { AppendingStore } from './appending-store.js';
import { sampleContext, sampleData, sampleType } from './sample-event.js';

export interface OwnStore extends AppendingStore {
  readonly events: PostgresEventStore;
  /** Resolves when every event that was appended can be read from the log. */
  sealed(): Promise<void>;
}

/** The product's store as its services use it: validating, with a sealer beside it, and a database role that may only append. */
export function openOwnStore(databaseUrl: string): OwnStore {
  const pool = createPool({ connectionString: databaseUrl, applicationName: 'bench' });
  const events = new PostgresEventStore(pool, new EventRegistry(eventCatalogue));
  const sealer = new Sealer({ connectionString: databaseUrl });
  sealer.start();
  return {
    name: 'M3',
    events,
    append: async (stream, version) => {
      const write = { stream, expectedVersion: version, events: [{ type: sampleType, data: sampleData }] };
      const { outcome } = await events.append([write], sampleContext);
      if (outcome !== 'appended') throw new Error(`${stream} does not have ${version} events`);
    },
    sealed: async () => {
      for (let waiting = true; waiting;) {
        const { rows } = await pool.query<{ waiting: boolean }>(
          'SELECT (SELECT max(position) FROM event_store.event) > (SELECT max(position) FROM event_store.seal) AS waiting',
        );
        waiting = rows[0]?.waiting ?? false;
      }
    },
    close: async () => {
      await sealer.stop();
      await pool.end();
    },
  };
}
