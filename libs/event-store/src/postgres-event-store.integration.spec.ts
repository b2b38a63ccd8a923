import { eventually } from '@m3/testing';
import { describeEventStore } from './event-store.contract.spec.js';
import { PostgresEventStore } from './postgres-event-store.js';
import { sampleRegistry } from './sample-events.spec.js';
import { createThrowawayLog, type ThrowawayLog } from './throwaway-log.spec.js';

let log: ThrowawayLog;

afterEach(async () => {
  await log.drop();
});

describeEventStore('PostgresEventStore', async () => {
  log = await createThrowawayLog();
  const { pool } = await log.roleOwning('order', 'stock', 'customer');
  return {
    store: new PostgresEventStore(pool, sampleRegistry),
    sealAll: async () => {
      const unsealed = `SELECT count(*)::int AS events FROM event_store.event WHERE position NOT IN (SELECT position FROM event_store.seal)`;
      await eventually('everything is sealed', async () => {
        await log.owner.query('SELECT event_store.seal_next(1000)');
        return (await log.owner.query<{ events: number }>(unsealed)).rows[0]?.events === 0;
      });
    },
  };
});
