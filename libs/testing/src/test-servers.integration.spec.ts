import pg from 'pg';
import {
  createTestBucket,
  createTestDatabase,
  startTestNats,
  startTestPostgres,
  useTestDatabase,
  useTestNats,
  type DatabaseTemplate,
} from './index.js';

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

describe('a test database', () => {
  let preparations = 0;
  const template: DatabaseTemplate = {
    name: 'testing_spec',
    prepare: async (url) => {
      preparations += 1;
      await ask(url, 'CREATE TABLE note AS SELECT 1 AS id');
    },
  };
  const database = useTestDatabase(template);

  it('is a copy of its template, which is prepared once', async () => {
    const others = await Promise.all([createTestDatabase(template), createTestDatabase(template)]);

    for (const { url } of [database, ...others]) expect(await ask(url, 'SELECT id FROM note')).toBe(1);
    expect(preparations).toBe(1);
    await Promise.all(others.map((other) => other.drop()));
  });

  it('shares nothing with others', async () => {
    const other = await createTestDatabase(template);
    await ask(database.url, 'DELETE FROM note');

    expect(await ask(other.url, 'SELECT count(*)::int FROM note')).toBe(1);
    await other.drop();
  });

  it('can be empty', async () => {
    const empty = await createTestDatabase();

    expect(await ask(empty.url, `SELECT to_regclass('note')`)).toBeNull();
    await empty.drop();
  });

  it('fails the test that leaves a connection open, and goes nevertheless', async () => {
    const leaky = await createTestDatabase();
    const client = new pg.Client({ connectionString: leaky.url, application_name: 'forgotten' });
    const ended = new Promise((resolve) => client.on('error', resolve));
    await client.connect();

    await expect(leaky.drop()).rejects.toThrow('The test left connections open:\nforgotten (idle)');
    await ended;
    await expect(ask(leaky.url, 'SELECT 1')).rejects.toThrow(/does not exist/);
  });
});

describe('test servers', () => {
  const nats = useTestNats();

  it('are each test’s own, where it asks for its own', async () => {
    const [bus, store] = await Promise.all([startTestNats(), startTestPostgres()]);

    expect(bus.url).not.toBe(nats.url);
    await Promise.all([bus.kill(), store.kill()]);
    await expect(ask(store.url, 'SELECT 1')).rejects.toThrow(/ECONNREFUSED|ECONNRESET/);
  });

  it('include a fresh bucket', async () => {
    const [one, two] = await Promise.all([createTestBucket(), createTestBucket()]);
    await fetch(`${one.endpoint}/${one.bucket}/key`, { method: 'PUT', body: 'mine' });

    expect((await fetch(`${one.endpoint}/${one.bucket}/key`)).status).toBe(200);
    expect((await fetch(`${two.endpoint}/${two.bucket}/key`)).status).toBe(404);
  });
});
