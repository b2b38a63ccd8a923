import { escapeIdentifier, escapeLiteral, type Pool, type PoolClient } from 'pg';
import { scramVerifier } from './scram-verifier.js';

export interface ServiceRole {
  readonly role: string;
  /** Printable ASCII. */
  readonly password: string;
  /** The stream categories that the role may append to: exactly these from now on. */
  readonly categories: readonly string[];
  /** Further privileges, as they stand between GRANT and TO: `ALL ON SCHEMA targets`. Trusted text, never user input. */
  readonly grants?: readonly string[];
}

const NAME = /^[a-z_][a-z0-9_]{0,62}$/;

const EVENT_STORE_GRANTS = [
  'USAGE ON SCHEMA event_store',
  'SELECT ON event_store.event, event_store.seal, event_store.restoration, event_store.category_owner',
  'EXECUTE ON FUNCTION event_store.append_batch, event_store.seal_next, event_store.seal_status',
];

/**
 * Makes a service's database role, or brings it to what is asked: it may read the log and append to its categories, and has
 * no right to write a table of the event store. Needs a role that may create roles and owns the event store.
 */
export async function provisionRole(pool: Pool, service: ServiceRole): Promise<void> {
  if (!NAME.test(service.role)) throw new TypeError(`"${service.role}" is no role name`);
  const verifier = await scramVerifier(service.password);
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    await client.query(`SELECT pg_advisory_xact_lock(hashtextextended('roles', 7302))`);
    await ensureRole(client, service.role, verifier);
    await grantAll(client, service);
    await ownCategories(client, service);
    await client.query('COMMIT');
    client.release();
  } catch (error) {
    client.release(true);
    throw error;
  }
}

async function ensureRole(client: PoolClient, role: string, verifier: string): Promise<void> {
  const { rowCount } = await client.query('SELECT FROM pg_catalog.pg_roles WHERE rolname = $1', [role]);
  const verb = rowCount === 0 ? 'CREATE' : 'ALTER';
  await client.query(`${verb} ROLE ${escapeIdentifier(role)} LOGIN PASSWORD ${escapeLiteral(verifier)}`);
}

async function grantAll(client: PoolClient, { role, grants = [] }: ServiceRole): Promise<void> {
  for (const grant of [...EVENT_STORE_GRANTS, ...grants]) {
    await client.query(`GRANT ${grant} TO ${escapeIdentifier(role)}`);
  }
}

async function ownCategories(client: PoolClient, { role, categories }: ServiceRole): Promise<void> {
  await client.query('DELETE FROM event_store.category_owner WHERE role = $1 AND category <> ALL ($2)', [
    role,
    categories,
  ]);
  await client.query(
    `INSERT INTO event_store.category_owner (role, category) SELECT $1, unnest($2::text[]) ON CONFLICT DO NOTHING`,
    [role, categories],
  );
}
