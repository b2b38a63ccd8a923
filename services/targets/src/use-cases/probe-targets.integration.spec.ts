import { EventRegistry, eventCatalogue, type TargetProbe } from '@m3/contracts';
import { prepareDatabase } from '@m3/database';
import { PostgresEventStore, Sealer, type AppendContext } from '@m3/event-store';
import { localKeyProvider, secretStores } from '@m3/secrets';
import { createTestDatabase, eventually, type TestDatabase } from '@m3/testing';
import pg from 'pg';
import { HealthTable } from '../adapters/postgres/health-table.js';
import { ApplyTargets } from './apply-targets.js';
import { ChangeTargets } from './change-targets.js';
import { CheckDocuments } from './check-documents.js';
import { ProbeTargets } from './probe-targets.js';
import { TargetRegistry } from './target-registry.js';

const key = localKeyProvider(Buffer.alloc(32, 7).toString('base64'));
const context: AppendContext = {
  actor: { kind: 'user', id: 'ann' },
  ...{ correlationId: 'test', causationId: null, occurredAt: '2026-03-19T14:00:00.000Z' },
};
let database: TestDatabase;
let pool: pg.Pool;
let sealer: Sealer;
/** The clock of all replicas. */
let now = Date.parse('2026-03-19T14:00:00Z');
/** Names of targets that do not answer. */
const down = new Set<string>();
const probed: string[] = [];
const errors: unknown[] = [];

beforeAll(async () => {
  database = await createTestDatabase({
    name: 'targets',
    prepare: async (url) => {
      await prepareDatabase(url, () => 'secret');
    },
  });
  pool = new pg.Pool({ connectionString: database.url, max: 20 });
  sealer = new Sealer({ connectionString: database.url });
  sealer.start();
  const { applying, store, registry } = replica();
  const names = Array.from({ length: 40 }, (_, n) => `Target ${n}`);
  await applying.apply({ documents: names.map(document), dryRun: false }, context);
  await eventually('all targets are sealed', async () => {
    await store.lastSeq();
    return (await new TargetRegistry(store).all()).length === (await registry.all()).length;
  });
});
beforeEach(() => {
  down.clear();
  probed.length = 0;
});
afterEach(() => expect(errors).toEqual([]));
afterAll(async () => {
  await sealer.stop();
  await pool.end();
  await database.drop();
});

const document = (name: string) => ({
  ...{ name, environment: 'production', type: 'auto_deploy', gateway_id: 'g1' },
  ...{ gateway_url: 'https://gateway.example.com', schema: 'production', health_check_interval_seconds: 30 },
  database_url: 'postgresql://deploy:first@db.example.com:5432/m3',
});

function replica() {
  const store = new PostgresEventStore(pool, new EventRegistry(eventCatalogue));
  const registry = new TargetRegistry(store);
  const targets = new ChangeTargets(store, registry);
  const gateways = { canRouteByVersion: () => Promise.resolve(false) };
  const documents = new CheckDocuments(gateways, (names) => registry.promotions(names));
  const applying = new ApplyTargets({ store, secrets: secretStores(pool, key), registry, targets, documents });
  const probes = new ProbeTargets({
    ...{ store, registry },
    table: new HealthTable(pool),
    probe: async ({ target_id }, at) => {
      const name = (await registry.get(target_id))?.document.name ?? '';
      probed.push(name);
      return probeOf(!down.has(name), at);
    },
    clock: () => new Date(now),
    onError: (error) => void errors.push(error),
  });
  return { store, registry, targets, applying, probes };
}

function probeOf(healthy: boolean, at: Date): TargetProbe {
  const fault = { what: 'gateway', code: 'timeout', message: 'The gateway did not answer.' } as const;
  const gateway_latency_ms = healthy ? 4 : null;
  const found = { healthy, gateway_latency_ms, database_latency_ms: 2 };
  return { at: at.toISOString(), ...found, faults: healthy ? [] : [fault] };
}

async function target(name: string) {
  const found = await replica().registry.byName(name);
  if (found === null) throw new Error(`${name} is not there`);
  const { store } = replica();
  const told = async () =>
    (await store.readStream(`target-health.${found.target_id}`)).map(
      ({ data }) => Reflect.get(data, 'health') as string,
    );
  return { id: found.target_id, told };
}

it('probes are spread over the interval, and each target has one, however many replicas there are', async () => {
  const replicas = [replica(), replica(), replica()];
  const round = () => Promise.all(replicas.map(({ probes }) => probes.tick()));
  await round();
  expect(probed.length).toBeLessThan(40);
  now += 30_000;
  await round();
  expect([...new Set(probed)]).toHaveLength(40);
  expect(probed).toHaveLength(40);
  now += 29_000;
  await round();
  now += 1_000;
  await round();
  for (const name of new Set(probed)) expect(probed.filter((each) => each === name)).toHaveLength(2);
});

it('a target that fails twice in a row is unhealthy, and healthy when it answers again: each is told once', async () => {
  const { id, told } = await target('Target 7');
  const { probes } = replica();
  down.add('Target 7');
  await probes.probeNow(id);
  expect(await told()).toEqual([]);
  for (let n = 0; n < 3; n += 1) await replica().probes.probeNow(id);
  expect(await told()).toEqual(['unhealthy']);
  expect(await probes.health(id)).toMatchObject({
    status: 'unhealthy',
    interval_seconds: 30,
    probes: expect.arrayContaining([expect.objectContaining({ healthy: false, gateway_latency_ms: null })]) as unknown,
  });
  down.clear();
  for (let n = 0; n < 2; n += 1) await replica().probes.probeNow(id);
  expect(await told()).toEqual(['unhealthy', 'healthy']);
});

it('a change of health that was not told, because the process died, is told with the next probe', async () => {
  const { id, told } = await target('Target 8');
  const table = new HealthTable(pool);
  for (let n = 0; n < 2; n += 1) await table.record(id, probeOf(false, new Date(now)));
  expect(await told()).toEqual([]);
  down.add('Target 8');
  await replica().probes.probeNow(id);
  expect(await told()).toEqual(['unhealthy']);
});

it('the last hundred probes of a target are kept', async () => {
  const { id } = await target('Target 9');
  const table = new HealthTable(pool);
  for (let n = 0; n < 105; n += 1) await table.record(id, probeOf(true, new Date(now + n)));
  const kept = await table.read(id);
  expect(kept?.probes).toHaveLength(100);
  expect(kept?.probes[0]?.at).toBe(new Date(now + 104).toISOString());
});

it('a disabled target is not probed by itself, and is again when it is enabled', async () => {
  const { id } = await target('Target 10');
  const { targets, probes } = replica();
  await targets.handle(id, { type: 'disable' }, context);
  now += 120_000;
  await probes.tick();
  expect(probed).not.toContain('Target 10');
  expect(await probes.health(id)).toMatchObject({ next_probe_at: null });
  await targets.handle(id, { type: 'enable' }, context);
  await probes.tick();
  now += 30_000;
  await probes.tick();
  expect(probed).toContain('Target 10');
});

it('a target that is not there has no health', async () => {
  const nobody = 'tgt_01930d8c-0000-7000-8000-00000000dead';
  expect(await replica().probes.probeNow(nobody)).toBeNull();
  expect(await replica().probes.health(nobody)).toBeNull();
});
