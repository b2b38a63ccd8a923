import { randomBytes } from 'node:crypto';
import { createTestDatabase } from '@m3/testing';
import type { Pool } from 'pg';
import { createPool } from './create-pool.js';
import { migrateEventStore } from './event-store-migrations.js';
import { provisionRole, type ServiceRole } from './provision-role.js';

export interface ServiceLogin {
  readonly role: string;
  readonly password: string;
  readonly url: string;
  readonly pool: Pool;
}

/** A database that holds nothing but an empty log. */
export interface ThrowawayLog {
  /** Of the owner, who is a superuser. */
  readonly url: string;
  readonly owner: Pool;
  /** A new service role that owns these categories. */
  roleOwning(...categories: string[]): Promise<ServiceLogin>;
  /** Closes the pools and removes the database. */
  drop(): Promise<void>;
}

const template = {
  name: 'event-store',
  prepare: async (url: string): Promise<void> => {
    const pool = createPool({ connectionString: url, applicationName: 'spec' });
    await migrateEventStore(pool);
    await pool.end();
  },
};

export async function createThrowawayLog(): Promise<ThrowawayLog> {
  const database = await createTestDatabase(template);
  const pools: Pool[] = [];
  const open = (connectionString: string): Pool => {
    const pool = createPool({ connectionString, applicationName: 'spec', max: 20 });
    pools.push(pool);
    return pool;
  };
  const owner = open(database.url);
  return {
    url: database.url,
    owner,
    roleOwning: async (...categories) => {
      const login = await makeRole(owner, database.url, { categories });
      return { ...login, pool: open(login.url) };
    },
    drop: async () => {
      await Promise.all(pools.map((pool) => pool.end()));
      await database.drop();
    },
  };
}

/** Roles belong to the whole server, so each gets a name of its own. */
export async function makeRole(
  owner: Pool,
  url: string,
  options: Pick<ServiceRole, 'categories' | 'grants'>,
): Promise<Omit<ServiceLogin, 'pool'>> {
  const role = `service_${randomBytes(6).toString('hex')}`;
  const password = `a 'secret' of \\ ${role}`;
  await provisionRole(owner, { role, password, ...options });
  const login = new URL(url);
  login.username = role;
  login.password = encodeURIComponent(password);
  return { role, password, url: login.href };
}
