import { createDatabase } from '@m3/local-servers';
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { testRun } from './test-run.js';

/** A database that is prepared once in a test run and then copied: migrations and the like. */
export interface DatabaseTemplate {
  /** Unique in the repository; the name of the lib or service. */
  readonly name: string;
  /** Gets the superuser URL of an empty database. Must leave no connection open. */
  prepare(url: string): Promise<void>;
}

export interface TestDatabase {
  /** Superuser URL of the database. */
  readonly url: string;
  readonly name: string;
  /** Removes the database. @throws Error naming the connections that the test left open. */
  drop(): Promise<void>;
}

/** A fresh database of the run's PostgreSQL: empty, or a copy of the template. */
export async function createTestDatabase(template?: DatabaseTemplate): Promise<TestDatabase> {
  const { postgresUrl } = testRun();
  const source = template === undefined ? undefined : await prepared(postgresUrl, template);
  const name = `test_${randomBytes(6).toString('hex')}`;
  const url = await createDatabase(postgresUrl, name, source);
  return { url, name, drop: () => drop(postgresUrl, name) };
}

/** {@link createTestDatabase} for all tests of the file or `describe` block: `const database = useTestDatabase(…)`, then `database.url` in the tests. */
export function useTestDatabase(template?: DatabaseTemplate): Pick<TestDatabase, 'url' | 'name'> {
  let database: TestDatabase | undefined;
  beforeAll(async () => {
    database = await createTestDatabase(template);
  });
  afterAll(async () => {
    await database?.drop();
  });
  const opened = () => {
    if (database === undefined)
      throw new Error('The database is there in tests and hooks, not while tests are declared.');
    return database;
  };
  return {
    get url() {
      return opened().url;
    },
    get name() {
      return opened().name;
    },
  };
}

/** One at a time in the whole run: several templates may make the same roles, which all databases of a server share. */
const TEMPLATE_LOCK = 7_301;

async function prepared(postgresUrl: string, template: DatabaseTemplate): Promise<string> {
  const { name } = template;
  const finished = `template_${name}`;
  await withClient(postgresUrl, async (client) => {
    await client.query('SELECT pg_advisory_lock($1)', [TEMPLATE_LOCK]);
    const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [finished]);
    if (rowCount !== 0) return;
    const draft = `draft_${name}`;
    await client.query(`DROP DATABASE IF EXISTS ${client.escapeIdentifier(draft)} WITH (FORCE)`);
    await template.prepare(await createDatabase(postgresUrl, draft));
    await client.query(
      `ALTER DATABASE ${client.escapeIdentifier(draft)} RENAME TO ${client.escapeIdentifier(finished)}`,
    );
  });
  return finished;
}

async function drop(postgresUrl: string, name: string): Promise<void> {
  await withClient(postgresUrl, async (client) => {
    const database = client.escapeIdentifier(name);
    try {
      await client.query(`DROP DATABASE IF EXISTS ${database}`);
    } catch {
      const left = await client.query<{ text: string }>(
        `SELECT format('%s (%s): %s', coalesce(nullif(application_name, ''), 'unnamed'), state, left(query, 120)) AS text
           FROM pg_stat_activity WHERE datname = $1`,
        [name],
      );
      await client.query(`DROP DATABASE IF EXISTS ${database} WITH (FORCE)`);
      throw new Error(`The test left connections open:\n${left.rows.map(({ text }) => text).join('\n')}`);
    }
  });
}

async function withClient<T>(url: string, use: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}
