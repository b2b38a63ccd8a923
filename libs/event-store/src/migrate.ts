import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { escapeIdentifier, type Pool, type PoolClient } from 'pg';

export interface Migrations {
  /** Made if missing; the files run with it as their search path. */
  readonly schema: string;
  /** Holds `000001_what_it_does.sql`, `000002_…`: applied in order of name, never changed again. */
  readonly folder: string | URL;
}

/** The migration files do not fit what the database has. Nothing of the file at fault was applied. */
export class MigrationError extends Error {
  readonly code = 'migration_refused';
}

interface MigrationFile {
  readonly name: string;
  readonly sql: string;
  readonly sha256: string;
}

const SCHEMA_NAME = /^[a-z_][a-z0-9_]{0,62}$/;
const FILE_NAME = /^\d{6}_[a-z0-9_]+\.sql$/;

/**
 * Brings a schema up to date and answers the names of the files that it applied. Safe to call from many processes at once.
 * Files that the database has and the folder has not are left alone: a newer release may have run already. The server's
 * statement timeout is lifted; a `query_timeout` of the pool is not.
 * @throws MigrationError when an applied file was changed, a file comes too late in order, or a name is wrong.
 */
export async function migrate(pool: Pool, { schema, folder }: Migrations): Promise<readonly string[]> {
  if (!SCHEMA_NAME.test(schema)) throw new MigrationError(`"${schema}" is no schema name`);
  const files = await readFiles(folder);
  const client = await pool.connect();
  try {
    await client.query('SET statement_timeout = 0');
    await client.query('SELECT pg_advisory_lock(hashtextextended($1, 7302))', [schema]);
    return await applyAll(client, schema, files);
  } finally {
    // Closing the connection gives back lock and settings, whatever state it is in.
    client.release(true);
  }
}

async function readFiles(folder: string | URL): Promise<MigrationFile[]> {
  const path = folder instanceof URL ? fileURLToPath(folder) : folder;
  const names = (await readdir(path)).filter((name) => name.endsWith('.sql')).sort();
  return Promise.all(
    names.map(async (name) => {
      if (!FILE_NAME.test(name)) throw new MigrationError(`${name} must be named like 000001_what_it_does.sql`);
      const sql = await readFile(join(path, name), 'utf8');
      return { name, sql, sha256: createHash('sha256').update(sql).digest('hex') };
    }),
  );
}

async function applyAll(client: PoolClient, schema: string, files: readonly MigrationFile[]): Promise<string[]> {
  const quoted = escapeIdentifier(schema);
  await client.query(`CREATE SCHEMA IF NOT EXISTS ${quoted}`);
  await client.query(`CREATE TABLE IF NOT EXISTS ${quoted}.schema_migration (
    name text PRIMARY KEY, sha256 text NOT NULL, applied_at timestamptz NOT NULL DEFAULT clock_timestamp())`);
  const { rows } = await client.query<{ name: string; sha256: string }>(
    `SELECT name, sha256 FROM ${quoted}.schema_migration ORDER BY name`,
  );
  const pending = pendingFiles(files, new Map(rows.map((row) => [row.name, row.sha256])));
  for (const file of pending) await apply(client, quoted, file);
  return pending.map(({ name }) => name);
}

function pendingFiles(files: readonly MigrationFile[], applied: ReadonlyMap<string, string>): MigrationFile[] {
  const changed = files.find(({ name, sha256 }) => applied.has(name) && applied.get(name) !== sha256);
  if (changed)
    throw new MigrationError(`${changed.name} was changed after it had been applied: add a new file instead`);
  const pending = files.filter(({ name }) => !applied.has(name));
  const last = [...applied.keys()].at(-1) ?? '';
  const late = pending.find(({ name }) => name < last);
  if (late)
    throw new MigrationError(`${late.name} comes before ${last}, which has been applied: give it a higher number`);
  return pending;
}

async function apply(client: PoolClient, schema: string, { name, sql, sha256 }: MigrationFile): Promise<void> {
  await client.query('BEGIN');
  try {
    await client.query(`SET LOCAL search_path TO ${schema}`);
    await client.query(sql);
    await client.query(`INSERT INTO ${schema}.schema_migration (name, sha256) VALUES ($1, $2)`, [name, sha256]);
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK');
    throw new MigrationError(`${name} failed: ${error instanceof Error ? error.message : 'unknown reason'}`, {
      cause: error,
    });
  }
}
