import { eventually } from '@m3/testing';
import pg from 'pg';
import { createPool } from './create-pool.js';
import { provisionRole } from './provision-role.js';
import { createThrowawayLog, makeRole, type ThrowawayLog } from './throwaway-log.spec.js';

let log: ThrowawayLog;

beforeAll(async () => {
  log = await createThrowawayLog();
});

afterAll(async () => {
  await log.drop();
});

describe('a pool', () => {
  const setting = async (pool: pg.Pool, name: string): Promise<unknown> =>
    (await pool.query<{ value: string }>('SELECT current_setting($1) AS value', [name])).rows[0]?.value;

  it('limits statements and idle transactions, and says whose it is', async () => {
    const pool = createPool({ connectionString: log.url, applicationName: 'gates', statementTimeoutMs: 1_500 });

    expect(await setting(pool, 'application_name')).toBe('gates');
    expect(await setting(pool, 'statement_timeout')).toBe('1500ms');
    expect(await setting(pool, 'idle_in_transaction_session_timeout')).toBe('5s');
    expect(await setting(pool, 'TimeZone')).toBe('UTC');
    await pool.end();
  });

  it('survives the loss of an idle connection', async () => {
    const lost: Error[] = [];
    const pool = createPool({
      connectionString: log.url,
      applicationName: 'lost',
      onError: (error) => lost.push(error),
    });
    await pool.query('SELECT 1');

    await log.owner.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'lost'`);

    await eventually('the pool has noticed', () => lost.length > 0);
    expect((await pool.query('SELECT 1')).rowCount).toBe(1);
    await pool.end();
  });

  it('survives the loss of a connection that somebody has in hand, between two queries', async () => {
    const pool = createPool({ connectionString: log.url, applicationName: 'in_hand' });
    const client = await pool.connect();
    const broken = new Promise((resolve) => client.once('end', resolve));

    await log.owner.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'in_hand'`);

    await broken;
    await expect(client.query('SELECT 1')).rejects.toThrow();
    client.release(true);
    expect((await pool.query('SELECT 1')).rowCount).toBe(1);
    await pool.end();
  });
});

describe('provisioning a role', () => {
  const login = async (url: string): Promise<string> => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    const { rows } = await client.query<{ who: string }>('SELECT session_user AS who');
    await client.end();
    return rows[0]?.who ?? '';
  };

  it('makes one that can log in, and can be done again by many at once', async () => {
    const { role, url } = await makeRole(log.owner, log.url, { categories: ['order'] });
    expect(await login(url)).toBe(role);

    const changed = new URL(url);
    changed.password = 'changed';
    const service = { role, password: 'changed', categories: ['order', 'stock'] };
    await Promise.all(Array.from({ length: 5 }, () => provisionRole(log.owner, service)));

    expect(await login(changed.href)).toBe(role);
    await expect(login(url)).rejects.toThrow('password authentication failed');
    const { rows } = await log.owner.query(
      'SELECT category FROM event_store.category_owner WHERE role = $1 ORDER BY category',
      [role],
    );
    expect(rows).toEqual([{ category: 'order' }, { category: 'stock' }]);
  });

  it('gives the privileges asked for, and no others', async () => {
    await log.owner.query('CREATE SCHEMA IF NOT EXISTS gates; CREATE TABLE IF NOT EXISTS gates.run (id int)');
    const { url } = await makeRole(log.owner, log.url, {
      categories: [],
      grants: ['USAGE ON SCHEMA gates', 'SELECT ON ALL TABLES IN SCHEMA gates'],
    });
    const client = new pg.Client({ connectionString: url });
    await client.connect();

    expect((await client.query('SELECT * FROM gates.run')).rowCount).toBe(0);
    await expect(client.query('DELETE FROM gates.run')).rejects.toThrow('permission denied');
    await client.end();
  });

  it('never sends the password to the server, where it could be logged', async () => {
    const seen: string[] = [];
    const pool = createPool({ connectionString: log.url, applicationName: 'spy', max: 1 });
    pool.on('connect', (client) => {
      const query = client.query.bind(client);
      Object.assign(client, {
        query: (text: unknown, ...rest: []) => {
          seen.push(JSON.stringify([text, ...rest]));
          return query(text as string, ...rest);
        },
      });
    });

    await provisionRole(pool, { role: 'service_spied', password: 'very-secret', categories: [] });

    expect(seen.join()).toContain('SCRAM-SHA-256$');
    expect(seen.join()).not.toContain('very-secret');
    await pool.end();
  });

  it.each([
    ['a role name that would need quoting', { role: 'x"; DROP TABLE y; --', password: 'p', categories: [] }],
    ['an empty password', { role: 'x', password: '', categories: [] }],
    ['a password beyond ASCII', { role: 'x', password: 'pässword', categories: [] }],
  ])('refuses %s', async (_, service) => {
    await expect(provisionRole(log.owner, service)).rejects.toBeInstanceOf(TypeError);
  });

  it('refuses a category that is none, and leaves nothing behind', async () => {
    const role = 'service_refused';

    await expect(provisionRole(log.owner, { role, password: 'p', categories: ['Not one'] })).rejects.toThrow();
    expect((await log.owner.query('SELECT FROM pg_roles WHERE rolname = $1', [role])).rowCount).toBe(0);
  });
});
