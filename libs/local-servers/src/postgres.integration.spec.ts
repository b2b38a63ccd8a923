import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { isAlive } from './file-lock.js';
import { createDatabase, freePort, startPostgres, type PostgresServer } from './index.js';

let dataDir: string;
const servers: PostgresServer[] = [];

async function start(options: Partial<Parameters<typeof startPostgres>[0]> = {}): Promise<PostgresServer> {
  const server = await startPostgres({ dataDir, ...options });
  servers.push(server);
  return server;
}

async function ask(url: string, sql: string): Promise<unknown> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query({ text: sql, rowMode: 'array' });
    return rows[0]?.[0];
  } finally {
    await client.end();
  }
}

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'postgres-spec-'));
});

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop()));
  await rm(dataDir, { recursive: true, force: true });
});

describe('startPostgres', () => {
  it('serves PostgreSQL 18 that keeps every commit and ends idle transactions', async () => {
    const { url } = await start();

    expect(await ask(url, 'SHOW server_version')).toMatch(/^18\./);
    expect(await ask(url, 'SHOW fsync')).toBe('on');
    expect(await ask(url, 'SHOW synchronous_commit')).toBe('on');
    expect(await ask(url, 'SHOW max_connections')).toBe('300');
    expect(await ask(url, 'SHOW idle_in_transaction_session_timeout')).toBe('1min');
  });

  it('lets nobody in without the password', async () => {
    const { url } = await start();
    const without = new URL(url);
    without.password = 'guessed';

    await expect(ask(without.href, 'SELECT 1')).rejects.toThrow(/password authentication failed/);
  });

  it('keeps data and URL over a restart', async () => {
    const first = await start();
    await createDatabase(first.url, 'kept');
    await first.stop();
    const second = await start({ port: first.port });

    expect(second.url).toBe(first.url);
    expect(await ask(second.url, `SELECT count(*)::int FROM pg_database WHERE datname = 'kept'`)).toBe(1);
  });

  it('starts again after it was killed, and has what was committed', async () => {
    const first = await start();
    const url = await createDatabase(first.url, 'app');
    await ask(url, 'CREATE TABLE note AS SELECT 1 AS id');
    await first.kill();
    expect(await readFile(join(dataDir, 'cluster', 'postmaster.pid'), 'utf8')).toContain(String(first.pid));

    await start({ port: first.port });

    expect(await ask(url, 'SELECT id FROM note')).toBe(1);
  });

  it('stops once, however often it is asked to', async () => {
    const server = await start();
    await Promise.all([server.stop(), server.stop()]);
    await server.stop();

    expect(isAlive(server.pid)).toBe(false);
  });

  it('names the port that is in use', async () => {
    const port = await freePort();
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(port, '127.0.0.1', resolve));
    try {
      await expect(start({ port })).rejects.toMatchObject({
        code: 'port_in_use',
        message: expect.stringContaining(`Port ${port} is in use`),
      });
    } finally {
      await new Promise((resolve) => other.close(resolve));
    }
  });

  it('works in a folder that only its owner may enter, for root too', async () => {
    const closed = join(dataDir, 'closed');
    await mkdir(closed, { mode: 0o700 });
    const first = await start({ dataDir: join(closed, 'data') });
    await first.kill();
    const { url } = await start({ dataDir: join(closed, 'data') });

    expect(await ask(url, 'SELECT 1')).toBe(1);
  });

  it('gives up durability only when told to', async () => {
    const { url } = await start({ durability: 'throw_away' });

    expect(await ask(url, 'SHOW fsync')).toBe('off');
  });
});

describe('createDatabase', () => {
  it('makes a database, from a template too, and leaves one that exists alone', async () => {
    const { url } = await start({ durability: 'throw_away' });
    const original = await createDatabase(url, 'original');
    await ask(original, 'CREATE TABLE note AS SELECT 7 AS id');

    const copy = await createDatabase(url, 'copy', 'original');
    expect(await createDatabase(url, 'copy')).toBe(copy);

    expect(await ask(copy, 'SELECT id FROM note')).toBe(7);
  });
});
