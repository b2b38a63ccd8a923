import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDatabase, startPostgres } from '@m3/local-servers';
import type { Pool } from 'pg';
import { createPool } from './create-pool.js';
import { migrateEventStore } from './event-store-migrations.js';
import { provisionRole } from './provision-role.js';

export interface ThrowawayLog {
  /** The owner's (superuser's) connection to a database that has the event store. */
  readonly url: string;
  readonly owner: Pool;
  /** A pool of a new service role that owns these categories. */
  roleOwning(...categories: string[]): Promise<{ readonly role: string; readonly url: string; readonly pool: Pool }>;
  /** An empty log on the same server. */
  another(): Promise<ThrowawayLog>;
  /** Closes every pool and the server. */
  close(): Promise<void>;
}

let made = 0;

/** PostgreSQL with an empty log, for one test file. */
export async function startThrowawayLog(): Promise<ThrowawayLog> {
  const dataDir = await mkdtemp(join(tmpdir(), 'event-store-spec-'));
  const server = await startPostgres({ dataDir, durability: 'throw_away' });
  const pools: Pool[] = [];
  const open = (connectionString: string, max = 8): Pool => {
    const pool = createPool({ connectionString, applicationName: 'spec', max });
    pools.push(pool);
    return pool;
  };
  const close = async (): Promise<void> => {
    await Promise.all(pools.map((pool) => pool.end()));
    await server.stop();
    await rm(dataDir, { recursive: true, force: true });
  };
  const empty = async (): Promise<ThrowawayLog> => {
    const url = await createDatabase(server.url, `log_${++made}`);
    const owner = open(url, 20);
    await migrateEventStore(owner);
    return {
      url,
      owner,
      roleOwning: (...categories) => newRole({ url, owner, open }, categories),
      another: empty,
      close,
    };
  };
  return empty();
}

async function newRole(
  { url, owner, open }: { url: string; owner: Pool; open: (url: string) => Pool },
  categories: readonly string[],
): Promise<{ role: string; url: string; pool: Pool }> {
  const role = `service_${++made}`;
  await provisionRole(owner, { role, password: `secret of ${role}`, categories });
  const login = new URL(url);
  login.username = role;
  login.password = encodeURIComponent(`secret of ${role}`);
  return { role, url: login.href, pool: open(login.href) };
}
