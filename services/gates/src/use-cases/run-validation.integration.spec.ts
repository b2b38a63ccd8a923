import { createServer as createHttpServer } from 'node:http';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { bundleDigest, type Bundle } from '@m3/artifacts';
import {
  EventRegistry,
  eventCatalogue,
  newId,
  type CheckResult,
  type EventData,
  type PublishSubject,
} from '@m3/contracts';
import { MemoryEventStore } from '@m3/event-store';
import { freePort } from '@m3/local-servers';
import { EffectLease, MemorySessionLocks } from '@m3/messaging';
import { ObjectStorage } from '@m3/object-storage';
import { startSandboxGateway, type SandboxGateway } from '@m3/sandbox';
import { TargetEnvironments, type TargetConnection } from '@m3/target-environment';
import { createTestBucket, createTestDatabase, type TestBucket, type TestDatabase } from '@m3/testing';
import pg from 'pg';
import { StorageProbe } from '../adapters/s3/storage-probe.js';
import { RunValidation } from './run-validation.js';

const token = 'mas_test';
const at = '2026-03-19T14:23:45.000Z';
const clock = () => new Date(at);
const environments = new TargetEnvironments({ allow: ['127.0.0.0/8'] });
let database: TestDatabase;
let gateway: SandboxGateway;
let bucket: TestBucket;
let objects: ObjectStorage;
let pool: pg.Pool;

beforeAll(async () => {
  database = await createTestDatabase();
  pool = new pg.Pool({ connectionString: database.url, max: 2 });
  await environments.initialise({ databaseUrl: database.url, schema: 'production' });
  gateway = await startSandboxGateway({ databaseUrl: database.url, token, marieVersion: '3.0.20' });
  bucket = await createTestBucket();
  objects = new ObjectStorage(bucket);
});
afterEach(() => gateway.faults.clear());
afterAll(async () => {
  await Promise.all([environments.close(), gateway.close(), objects.close(), pool.end()]);
  await database.drop();
});

const bundle = (version: string): Bundle => ({
  workflows: [],
  agents: [{ name: 'reviewer', system_message: `You review ${version}.` }],
  processors: [],
  tests: [],
});

interface Wanted {
  readonly connection?: Partial<TargetConnection>;
  readonly request?: Partial<EventData<'ValidationRequested'>>;
  readonly version?: string;
  readonly bucketName?: string;
  readonly storage?: ObjectStorage;
}

function validation({ connection = {}, bucketName = bucket.bucket, storage = objects }: Wanted = {}) {
  const store = new MemoryEventStore(new EventRegistry(eventCatalogue));
  const settings = { gatewayUrl: gateway.url, gatewayToken: token, databaseUrl: database.url, schema: 'production' };
  const run = new RunValidation({
    store,
    targets: { open: async () => environments.open({ ...settings, ...connection }) },
    storage: new StorageProbe(storage, bucketName, clock),
    lease: new EffectLease(new MemorySessionLocks()),
    clock,
  });
  return { store, run };
}

function subjectOf(version: string): PublishSubject {
  const address = {
    gateway_url: gateway.url,
    schema: 'production',
    database: { host: '127.0.0.1', port: 5432, name: 'm3' },
    secret_ref: newId('secret'),
  };
  return {
    publish_id: newId('publish'),
    project: 'invoice-pipeline',
    version,
    bundle_digest: bundleDigest(bundle(version)),
    target_id: newId('target'),
    target_name: 'Production',
    environment: 'production',
    address,
  };
}

/** What surrounds an event in the log. */
function asRecorded() {
  const actor = { kind: 'service', id: 'deployer' } as const;
  const metadata = { actor, correlationId: 'test', causationId: null, occurredAt: at };
  const place = { position: 1, seq: 1, stream: 'publish-1', streamVersion: 1, category: 'publish', schemaVersion: 1 };
  return { metadata, ...place, eventId: 'e1', recordedAt: at };
}

const requestFor = ({ version = 'v1.1.0', request }: Wanted): EventData<'ValidationRequested'> => ({
  subject: subjectOf(version),
  gate_run_id: newId('gateRun'),
  ...{ allow_older: false, deadline_at: at },
  ...request,
});

/** Validates a publish and answers what was recorded, once. */
async function recorded({ store, run }: ReturnType<typeof validation>, data: EventData<'ValidationRequested'>) {
  const event = { type: 'ValidationRequested', data, ...asRecorded() } as const;
  await run.validate(event);
  await run.validate(event);
  const events = await store.readStream(`gaterun-${data.gate_run_id}`);
  expect(events).toHaveLength(1);
  return events[0]?.data as EventData<'ValidationCompleted'>;
}

/** The same; a plan for the publish is told the same before, and nothing is recorded of that. */
async function validate(wanted: Wanted = {}) {
  const parts = validation(wanted);
  const data = requestFor(wanted);
  const { subject, gate_run_id: _id, deadline_at: _deadline, ...wishes } = data;
  const { version, target_id, address } = subject;
  const question = { version, target_id, address, ...wishes };
  const planned = await parts.run.preview(question);
  const completed = await recorded(parts, data);
  expect(planned.outcome).toBe(completed.outcome);
  expect(failures(planned.checks)).toEqual(failures(completed.checks));
  return completed;
}

const failures = (checks: readonly CheckResult[]) =>
  checks.flatMap(({ name, outcome, findings }) =>
    outcome === 'passed' ? [] : [{ name, outcome, codes: findings.map(({ code }) => code) }],
  );

describe('the pre-publish validation of a sound target', () => {
  it('passes all of its checks, and is recorded once', async () => {
    const { outcome, checks, active_version } = await validate({ request: { requires_marie: '>=3.0.0' } });
    expect({ outcome, active_version, failures: failures(checks) }).toEqual({
      outcome: 'passed',
      active_version: null,
      failures: [],
    });
    expect(checks.map(({ name }) => name)).toEqual([
      ...['gateway', 'database', 'compatibility', 'capacity', 'backup_storage'],
    ]);
    expect(checks.find(({ name }) => name === 'gateway')?.metrics?.['latency_ms']).toBeGreaterThan(0);
  });
});

describe('the pre-publish validation fails, and shows all the same what the other checks say', () => {
  it('when the gateway fails its dry run', async () => {
    gateway.faults.set({ dry_run_failure: true });
    const { outcome, checks } = await validate();
    expect(outcome).toBe('failed');
    expect(failures(checks)).toEqual([{ name: 'gateway', outcome: 'failed', codes: ['gateway_dry_run_failed'] }]);
  });

  it('when the gateway has no free slot', async () => {
    gateway.faults.set({ capacity_exhausted: true });
    const { outcome, checks } = await validate();
    expect(outcome).toBe('failed');
    expect(failures(checks)).toEqual([{ name: 'capacity', outcome: 'failed', codes: ['no_capacity'] }]);
  });

  it('when the gateway does not listen', async () => {
    const { outcome, checks } = await validate({ connection: { gatewayUrl: `http://127.0.0.1:${await freePort()}` } });
    expect(outcome).toBe('failed');
    expect(failures(checks)).toMatchObject([
      { name: 'gateway', codes: ['gateway_connection_refused'] },
      { name: 'compatibility', codes: ['gateway_connection_refused'] },
      { name: 'capacity', codes: ['gateway_connection_refused'] },
    ]);
  });

  it('when the schema is not there', async () => {
    const { checks } = await validate({ connection: { schema: 'nowhere' } });
    expect(failures(checks)).toContainEqual({ name: 'database', outcome: 'failed', codes: ['schema_missing'] });
  });

  it('when the schema has not the tables of a target', async () => {
    await pool.query('create schema if not exists bare');
    const { checks } = await validate({ connection: { schema: 'bare' } });
    expect(failures(checks)).toContainEqual({ name: 'database', outcome: 'failed', codes: ['schema_not_initialised'] });
  });

  it('when the database refuses the login, without a word of the password', async () => {
    const url = new URL(database.url);
    url.password = 'canary-77aa';
    const run = await validate({ connection: { databaseUrl: url.href } });
    expect(failures(run.checks)).toContainEqual({
      name: 'database',
      outcome: 'failed',
      codes: ['database_password_wrong'],
    });
    expect(JSON.stringify(run)).not.toContain('canary-77aa');
  });

  it('when the gateway is too old for the version', async () => {
    const { outcome, checks } = await validate({ request: { requires_marie: '>=4.0.0' } });
    expect(outcome).toBe('failed');
    expect(failures(checks)).toEqual([{ name: 'compatibility', outcome: 'failed', codes: ['marie_version'] }]);
  });

  it('when the gateway cannot route by version, and the strategy needs that', async () => {
    const plain = await plainGateway();
    try {
      const strategic = { request: { strategy: 'canary' } } as const;
      expect(await validate(strategic)).toMatchObject({ outcome: 'passed' });
      const { outcome, checks } = await validate({ ...strategic, connection: { gatewayUrl: plain.url } });
      expect(outcome).toBe('failed');
      expect(failures(checks)).toEqual([{ name: 'compatibility', outcome: 'failed', codes: ['strategy_unsupported'] }]);
    } finally {
      await plain.close();
    }
  });

  /** The sandbox without its extension: a gateway as Marie has it. */
  async function plainGateway() {
    const server = createHttpServer((request, response) => {
      const path = request.url ?? '/';
      const isExtension = path.startsWith('/x-publish/');
      const headers = { authorization: `Bearer ${token}` };
      const answered = isExtension ? new Response('{}', { status: 404 }) : fetch(gateway.url + path, { headers });
      void Promise.resolve(answered).then(async (answer) => {
        response.writeHead(answer.status, { 'content-type': 'application/json' }).end(await answer.text());
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = address !== null && typeof address === 'object' ? address.port : 0;
    const close = async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    };
    return { url: `http://127.0.0.1:${port}`, close };
  }

  it('when the backup storage takes no writes', async () => {
    const { outcome, checks } = await validate({ bucketName: 'no-such-bucket' });
    expect(outcome).toBe('failed');
    expect(failures(checks)).toEqual([
      { name: 'backup_storage', outcome: 'failed', codes: ['backup_storage_not_writable'] },
    ]);
  });

  it('when the version is older than the active one, unless that was asked for', async () => {
    const target = environments.open({ gatewayUrl: gateway.url, databaseUrl: database.url, schema: 'production' });
    const contents = {
      project: 'invoice-pipeline',
      bundle: bundle('v1.5.0'),
      bundleDigest: bundleDigest(bundle('v1.5.0')),
    };
    await target.deploy({ ...contents, version: 'v1.5.0', fence: 10 });
    await target.activate({ version: 'v1.5.0', expectedVersion: null, fence: 10 });

    const older = await validate({ version: 'v1.4.0' });
    expect(older).toMatchObject({ outcome: 'failed', active_version: 'v1.5.0' });
    expect(failures(older.checks)).toEqual([
      { name: 'compatibility', outcome: 'failed', codes: ['older_than_active'] },
    ]);
    expect((await validate({ version: 'v1.4.0', request: { allow_older: true } })).outcome).toBe('passed');
  });
});

describe('a check that gets no answer', () => {
  const request = { deadline_at: '2026-03-19T14:24:45.000Z' };
  const version = 'v9.0.0';
  /** Without a plan before, which would have the first look. */
  const once = (wanted: Wanted) => recorded(validation(wanted), requestFor(wanted));
  const sockets = new Set<Socket>();
  const proxies: Server[] = [];
  afterEach(async () => {
    for (const socket of sockets) socket.destroy();
    await Promise.all(proxies.splice(0).map((proxy) => new Promise((resolve) => proxy.close(resolve))));
  });

  /** The same server at another address, where the first connections are lost. */
  async function unsteady(address: string, lost = 1): Promise<string> {
    const url = new URL(address);
    const behind = { host: url.hostname, port: Number(url.port) };
    let connections = 0;
    const proxy = createServer((socket) => {
      const kept = [socket, ...(++connections > lost ? [connect(behind)] : [])];
      for (const each of kept) sockets.add(each.on('error', () => undefined));
      const [client, server] = kept;
      if (client && server) client.pipe(server).pipe(client);
      else socket.destroy();
    });
    proxies.push(proxy);
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    const bound = proxy.address();
    if (typeof bound === 'object' && bound !== null) url.port = String(bound.port);
    return url.href.replace(/\/$/, '');
  }
  const afterSecondLook = (checks: readonly CheckResult[]) =>
    checks.filter(({ metrics }) => metrics?.['looks'] === 2).map(({ name, message, log }) => ({ name, message, log }));
  const lookedAgain = { message: expect.stringContaining('(at the second look)'), log: [{ level: 'warning' }, {}] };

  it.each<[string, () => Promise<Wanted>]>([
    ['gateway', async () => ({ connection: { gatewayUrl: await unsteady(gateway.url) } })],
    ['database', async () => ({ connection: { databaseUrl: await unsteady(database.url) } })],
    [
      'backup_storage',
      async () => ({ storage: new ObjectStorage({ ...bucket, endpoint: await unsteady(bucket.endpoint) }) }),
    ],
  ])('(%s) looks once more, passes, and says so', async (name, wanted) => {
    const { outcome, checks } = await once({ ...(await wanted()), request, version });
    expect({ outcome, failures: failures(checks) }).toEqual({ outcome: 'passed', failures: [] });
    expect(afterSecondLook(checks)).toMatchObject([
      { name: expect.stringMatching(`${name}|capacity`), ...lookedAgain },
    ]);
  });

  it('fails when the second look gets none either', async () => {
    const gatewayUrl = `http://127.0.0.1:${await freePort()}`;
    const { outcome, checks } = await once({ connection: { gatewayUrl }, request });
    expect(outcome).toBe('failed');
    expect(failures(checks)).toContainEqual({
      name: 'gateway',
      outcome: 'failed',
      codes: ['gateway_connection_refused'],
    });
    expect(afterSecondLook(checks)).toMatchObject([{ name: 'gateway', ...lookedAgain }, { name: 'capacity' }]);
  });

  it('does not look again when it was refused, or its step has no time left', async () => {
    const url = new URL(database.url);
    url.password = 'wrong';
    const refused = await once({ connection: { databaseUrl: url.href }, request });
    expect(afterSecondLook(refused.checks)).toEqual([]);
    const late = await once({ connection: { gatewayUrl: await unsteady(gateway.url) } });
    expect(afterSecondLook(late.checks)).toEqual([]);
    expect(late.outcome).toBe('failed');
  });
});
