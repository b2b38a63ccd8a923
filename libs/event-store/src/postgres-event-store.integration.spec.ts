import { describeEventStore } from './event-store.contract.spec.js';
import { PostgresEventStore } from './postgres-event-store.js';
import { sampleRegistry } from './sample-events.spec.js';
import { startThrowawayLog, type ThrowawayLog } from './throwaway-log.spec.js';

let server: ThrowawayLog;

beforeAll(async () => {
  server = await startThrowawayLog();
});

afterAll(async () => {
  await server.close();
});

describeEventStore('PostgresEventStore', async () => {
  const { owner, roleOwning } = await server.another();
  const { pool } = await roleOwning('order', 'stock', 'customer');
  return {
    store: new PostgresEventStore(pool, sampleRegistry),
    sealAll: async () => {
      await owner.query('SELECT event_store.seal_next(1000)');
    },
  };
});
