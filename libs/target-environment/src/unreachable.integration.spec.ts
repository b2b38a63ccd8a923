import { freePort } from '@m3/local-servers';
import { eventually } from '@m3/testing';
import { inspect } from 'node:util';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { TargetUnreachableError } from './errors.js';
import { release, useTargets } from './fixtures/releases.fixture.spec.js';
import { TargetEnvironments } from './target-environments.js';
import { useScriptedGateway } from './fixtures/scripted-gateway.fixture.spec.js';

const gateway = useScriptedGateway();
const freshTarget = useTargets({ gatewayUrl: () => gateway.url });

/** The failure of an operation on a database at another address than the test's own. */
async function databaseFailure(change: (url: URL) => void, schema?: string): Promise<TargetUnreachableError> {
  const made = await freshTarget();
  const url = new URL(made.databaseUrl);
  change(url);
  const target = made.environments.open({
    gatewayUrl: gateway.url,
    databaseUrl: url.href,
    schema: schema ?? made.schema,
  });
  const failure: unknown = await target
    .deploy(release('v1.0.0', 1), { timeoutMs: 2_000 })
    .catch((error: unknown) => error);
  if (!(failure instanceof TargetUnreachableError)) throw failure;
  expect(failure.what).toBe('database');
  expect(inspect(failure)).not.toMatch(/canary/);
  return failure;
}

describe('a database', () => {
  it('with another password', async () => {
    const failure = await databaseFailure((url) => (url.password = 'canary'));
    expect(failure).toMatchObject({ code: 'password_wrong', retryable: false });
    expect(failure.message).toMatch(/^The database test_\w+ on 127\.0\.0\.1:\d+ refused the password/);
  });

  it.each<[string, (url: URL) => void, string]>([
    ['without the user', (url) => (url.username = 'nobody_canary'), 'password_wrong'],
    ['that does not exist', (url) => (url.pathname = '/nowhere'), 'database_missing'],
    ['that does not speak TLS', (url) => (url.search = 'sslmode=require'), 'tls'],
    ['on a host that has no address', (url) => (url.hostname = 'no-such-host.invalid'), 'host_not_found'],
  ])('%s', async (_what, change, code) => {
    expect(await databaseFailure(change)).toMatchObject({ code });
  });

  it('where nothing listens', async () => {
    const port = await freePort();
    expect(await databaseFailure((url) => (url.port = String(port)))).toMatchObject({
      code: 'connection_refused',
      retryable: true,
    });
  });

  it('that accepts and says nothing', async () => {
    const sockets: Socket[] = [];
    const mute: Server = createServer((socket) => sockets.push(socket));
    await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve));
    const address: AddressInfo | string | null = mute.address();
    const port = address !== null && typeof address === 'object' ? address.port : 0;
    const made = await freshTarget();
    const url = new URL(made.databaseUrl);
    url.port = String(port);
    const target = made.environments.open({ gatewayUrl: gateway.url, databaseUrl: url.href, schema: 'production' });
    await expect(target.checkDatabase({ timeoutMs: 80 })).rejects.toMatchObject({ code: 'timeout' });
    sockets.forEach((socket) => socket.destroy());
    await new Promise((resolve) => mute.close(resolve));
  });

  it.each([
    '127.0.0.1',
    '127.1',
    '0x7f.1',
    '2130706433',
    '[::1]',
    '[::ffff:127.0.0.1]',
    'localhost',
    '169.254.169.254',
    '10.0.0.7',
  ])('on %s, which is not allow-listed, without connecting', async (host) => {
    let connections = 0;
    const server: Server = createServer((socket) => {
      connections += 1;
      socket.destroy();
    });
    await new Promise<void>((resolve) => server.listen(0, resolve));
    const address: AddressInfo | string | null = server.address();
    const port = address !== null && typeof address === 'object' ? address.port : 0;
    const strict = new TargetEnvironments();
    const databaseUrl = `postgresql://deploy:canary@${host}:${port}/m3studio`;
    const target = strict.open({ gatewayUrl: gateway.url, databaseUrl, schema: 'production' });
    await expect(target.checkDatabase()).rejects.toMatchObject({
      ...{ what: 'database', code: 'address_refused', retryable: false },
      message: expect.stringMatching(/^The database m3studio on .* is at an address that is not allowed/) as unknown,
    });
    expect(connections).toBe(0);
    await strict.close();
    await new Promise((resolve) => server.close(resolve));
  });

  it('on a host that is allow-listed by its name', async () => {
    const made = await freshTarget();
    const named = new TargetEnvironments({ allow: ['localhost'] });
    const url = new URL(made.databaseUrl);
    url.hostname = 'localhost';
    const target = named.open({ gatewayUrl: gateway.url, databaseUrl: url.href, schema: made.schema });
    expect(await target.checkDatabase()).toMatchObject({ initialised: true });
    await named.close();
  });

  it('without the schema', async () => {
    expect(await databaseFailure(() => undefined, 'never_made')).toMatchObject({
      code: 'schema_missing',
      retryable: false,
    });
    const { environments, databaseUrl } = await freshTarget();
    const target = environments.open({ gatewayUrl: gateway.url, databaseUrl, schema: 'never_made' });
    await expect(target.snapshot()).rejects.toMatchObject({ code: 'schema_missing' });
    expect(await target.checkDatabase()).toMatchObject({ schema_present: false, initialised: false });
  });

  it('with the schema, but not initialised', async () => {
    const { environments, databaseUrl, sql } = await freshTarget();
    await sql.query('create schema bare');
    const target = environments.open({ gatewayUrl: gateway.url, databaseUrl, schema: 'bare' });
    await expect(target.snapshot()).rejects.toMatchObject({ code: 'schema_not_initialised' });
    await expect(target.deploy(release('v1.0.0', 1))).rejects.toMatchObject({ code: 'schema_not_initialised' });
    expect(await target.checkDatabase()).toMatchObject({ schema_present: true, initialised: false });
  });

  it('whose user may log in, and no more', async () => {
    const { environments, databaseUrl, sql, schema } = await freshTarget();
    const role = `guest_${schema}_${process.pid}`;
    await sql.query(`create role ${role} login password 'canary'`);
    const url = new URL(databaseUrl);
    url.username = role;
    url.password = 'canary';
    const target = environments.open({ gatewayUrl: gateway.url, databaseUrl: url.href, schema });
    await expect(target.snapshot()).rejects.toMatchObject({ code: 'permission_denied', retryable: false });
    await sql.query(`drop role ${role}`);
  });

  it('whose connections were all cut while at rest, is reached again', async () => {
    const { target, sql } = await freshTarget();
    await target.checkDatabase();
    await sql.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name = 'm3-publish'`,
    );
    const reached = () => target.checkDatabase().then(({ initialised }) => initialised);
    expect(await eventually('it is reached again', reached)).toBe(true);
  });
});

describe('a gateway', () => {
  it('where nothing listens, or at a refused address', async () => {
    const { environments, databaseUrl, schema } = await freshTarget();
    const at = (gatewayUrl: string) =>
      environments.open({ gatewayUrl, databaseUrl, schema, gatewayToken: 'canary' }).checkGateway();
    await expect(at(`http://127.0.0.1:${await freePort()}`)).rejects.toMatchObject({
      what: 'gateway',
      code: 'connection_refused',
    });
    await expect(at('http://169.254.169.254')).rejects.toMatchObject({ code: 'address_refused', retryable: false });
    await expect(at('http://0xa9fea9fe')).rejects.toMatchObject({ code: 'address_refused' });
    await expect(at('http://user:canary@127.0.0.1')).rejects.toMatchObject({ code: 'invalid_url' });
    await expect(at('http://user:canary@127.0.0.1')).rejects.not.toThrow(/canary/);
  });

  it('that redirects', async () => {
    const { target } = await freshTarget();
    gateway.answers(() => [307, {}]);
    await expect(target.checkGateway()).rejects.toMatchObject({ code: 'redirect_refused' });
  });

  it('that does not answer in time', async () => {
    const { target } = await freshTarget();
    gateway.answers(() => new Promise(() => undefined));
    await expect(target.checkGateway({ timeoutMs: 50 })).rejects.toMatchObject({
      what: 'gateway',
      code: 'timeout',
      retryable: true,
    });
  });
});
