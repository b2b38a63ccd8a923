import { eventually } from '@m3/testing';
import { describeEventStore } from './event-store.contract.spec.js';
import { PostgresEventStore } from './postgres-event-store.js';
import { sampleRegistry } from './sample-events.spec.js';
import { createThrowawayLog, type ServiceLogin, type ThrowawayLog } from './throwaway-log.spec.js';

/** Cheaper than a database for each test. It takes the owner and the removal of the protection. */
const EMPTY_THE_LOG = `
  ALTER TABLE event_store.event DISABLE TRIGGER append_only;
  ALTER TABLE event_store.seal DISABLE TRIGGER append_only;
  TRUNCATE event_store.event, event_store.seal RESTART IDENTITY;
  ALTER TABLE event_store.event ENABLE ALWAYS TRIGGER append_only;
  ALTER TABLE event_store.seal ENABLE ALWAYS TRIGGER append_only`;

let log: ThrowawayLog;
let service: ServiceLogin;

beforeAll(async () => {
  log = await createThrowawayLog();
  service = await log.roleOwning('order', 'stock', 'customer');
});

afterAll(async () => {
  await log.drop();
});

describeEventStore('PostgresEventStore', async () => {
  await log.owner.query(EMPTY_THE_LOG);
  return { store: new PostgresEventStore(service.pool, sampleRegistry), sealAll };
});

async function sealAll(): Promise<void> {
  await eventually('everything is sealed', async () => {
    const { rows } = await log.owner.query<{ waiting: boolean }>('SELECT waiting FROM event_store.seal_next(1000)');
    return rows[0]?.waiting === false;
  });
}
