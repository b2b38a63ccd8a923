import { createDatabase } from '@m3/local-servers';
import { initialiseTarget } from '@m3/target-environment';
import pg from 'pg';

export interface TargetDatabase {
  /** Name of the database, and of the role that owns it. */
  readonly name: string;
  readonly password: string;
  /** One for each target. */
  readonly schemas: readonly string[];
}

/**
 * Makes a database for targets, with a role of its own and the tables of each schema; what exists is kept.
 * Returns its URL with that role.
 */
export async function prepareTargetDatabase(adminUrl: string, database: TargetDatabase): Promise<string> {
  await createDatabase(adminUrl, database.name);
  await giveToOwnRole(adminUrl, database);
  const url = new URL(adminUrl);
  url.pathname = `/${database.name}`;
  url.username = database.name;
  url.password = database.password;
  const pool = new pg.Pool({ connectionString: url.href, max: 1, application_name: 'm3-prepare-target' });
  try {
    for (const schema of database.schemas) await initialiseTarget(pool, schema);
  } finally {
    await pool.end();
  }
  return url.href;
}

async function giveToOwnRole(adminUrl: string, { name, password }: TargetDatabase): Promise<void> {
  const client = new pg.Client({ connectionString: adminUrl, application_name: 'm3-prepare-target' });
  await client.connect();
  try {
    const role = client.escapeIdentifier(name);
    const { rowCount } = await client.query('SELECT FROM pg_catalog.pg_roles WHERE rolname = $1', [name]);
    const verb = rowCount === 0 ? 'CREATE' : 'ALTER';
    await client.query(`${verb} ROLE ${role} LOGIN PASSWORD ${client.escapeLiteral(password)}`);
    // An administrator who is no superuser may give a database only to a role that he is a member of.
    await client.query(`GRANT ${role} TO CURRENT_USER`);
    await client.query(`ALTER DATABASE ${role} OWNER TO ${role}`);
  } finally {
    await client.end();
  }
}
