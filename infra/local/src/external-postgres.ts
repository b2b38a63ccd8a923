import pg from 'pg';
import { errorCode } from './error-code.js';
import { StartSettingError } from './start-options.js';

/** Makes sure that the server answers, and that the role may do what is needed. @throws StartSettingError in plain words, without the URL */
export async function ensurePostgres(adminUrl: string): Promise<void> {
  const client = new pg.Client({
    connectionString: adminUrl,
    connectionTimeoutMillis: 5_000,
    application_name: 'm3-local',
  });
  try {
    await client.connect();
    const { rows } = await client.query<{ able: boolean }>(
      'SELECT rolsuper OR (rolcreaterole AND rolcreatedb) AS able FROM pg_catalog.pg_roles WHERE rolname = CURRENT_USER',
    );
    if (rows[0]?.able !== true)
      throw new StartSettingError('The role of DATABASE_URL has to be one that may create roles and databases.');
  } catch (error) {
    if (error instanceof StartSettingError) throw error;
    throw new StartSettingError(`PostgreSQL cannot be used (${reasonOf(error)}). Look at DATABASE_URL.`);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Several addresses of one name fail with one error that has a code and no message of its own. */
function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : '';
  return message || errorCode(error) || 'no reason given';
}
