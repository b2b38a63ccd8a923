import { freePort } from '@m3/local-servers';
import { startSandboxGateway, type SandboxGateway } from '@m3/sandbox';
import { CannotOpenError } from '@m3/secrets';
import { TargetEnvironments } from '@m3/target-environment';
import { createTestDatabase, type TestDatabase } from '@m3/testing';
import { probeWith } from './probe-target.js';

const now = new Date('2026-03-19T14:23:45.000Z');
let database: TestDatabase;
let gateway: SandboxGateway;
let environments: TargetEnvironments;

beforeAll(async () => {
  database = await createTestDatabase();
  gateway = await startSandboxGateway({ databaseUrl: database.url });
  environments = new TargetEnvironments({ allow: ['127.0.0.0/8'] });
  await environments.initialise({ databaseUrl: database.url, schema: 'ready' });
});
afterAll(async () => {
  await environments.close();
  await gateway.close();
  await database.drop();
});

interface Where {
  readonly gatewayUrl?: string;
  readonly databaseUrl?: string;
  readonly schema?: string;
}

/** Probes a target that is all well, but for what the test says. */
function probe(where: Where = {}, through: TargetEnvironments = environments) {
  const connection = { gatewayUrl: gateway.url, databaseUrl: database.url, schema: 'ready', ...where };
  const access = { open: () => Promise.resolve(through.open(connection)) };
  return probeWith(access)(target, now);
}

const target = {
  target_id: 'tgt_01930d8c-0000-7000-8000-000000000001',
  address: {
    ...{ gateway_url: '', schema: '', database: { host: '', port: 1, name: '' } },
    secret_ref: 'sec_01930d8c-0000-7000-8000-000000000001',
  },
};

describe('a probe', () => {
  it('finds a sound target healthy, with the latency of both', async () => {
    expect(await probe()).toEqual({
      ...{ at: now.toISOString(), healthy: true, faults: [] },
      gateway_latency_ms: expect.any(Number) as unknown,
      database_latency_ms: expect.any(Number) as unknown,
    });
  });

  it('says what fails, gateway and database each for itself', async () => {
    const away = `http://127.0.0.1:${await freePort()}`;
    expect(await probe({ gatewayUrl: away })).toMatchObject({
      ...{ healthy: false, gateway_latency_ms: null, database_latency_ms: expect.any(Number) as unknown },
      faults: [{ what: 'gateway', code: 'connection_refused' }],
    });
    expect(await probe({ gatewayUrl: away, databaseUrl: `postgresql://a:b@${new URL(away).host}/m3` })).toMatchObject({
      faults: [{ what: 'gateway' }, { what: 'database', code: 'connection_refused' }],
    });
    expect(await probe({ schema: 'nowhere' })).toMatchObject({ faults: [{ code: 'schema_missing' }] });
  });

  it('goes to no address that is not allowed', async () => {
    const strict = new TargetEnvironments();
    expect(await probe({}, strict)).toMatchObject({
      faults: [
        { what: 'gateway', code: 'address_refused' },
        { what: 'database', code: 'address_refused' },
      ],
    });
    await strict.close();
  });

  it('says so when the secret cannot be opened', async () => {
    const access = { open: () => Promise.reject(new CannotOpenError('there is no secret')) };
    expect(await probeWith(access)(target, now)).toMatchObject({
      healthy: false,
      faults: [{ what: 'database', code: 'secret_cannot_be_opened' }],
    });
  });
});
