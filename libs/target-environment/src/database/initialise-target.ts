import type { Pool } from 'pg';
import { tablesDdl } from './layout.js';
import { readFunctionsDdl } from './read-functions.js';
import { restoreFunctionDdl } from './restore-function.js';
import { quoteSchema } from './schema-name.js';
import { writeFunctionsDdl } from './write-functions.js';

/** Stamped on the `release` table; a target with another stamp has to be initialised again. */
export const LAYOUT = 'm3-publish layout 1';

/**
 * Makes (or brings up to date) the tables and functions of a target schema, in one transaction. Safe to repeat and to
 * run from several processes at once. Keeps all data.
 * @throws InvalidSchemaNameError for a name outside `^[a-z_][a-z0-9_]{0,62}$`
 */
export async function initialiseTarget(pool: Pool, schema: string): Promise<void> {
  const quoted = quoteSchema(schema);
  const client = await pool.connect();
  try {
    // A multi-statement query without parameters is one implicit transaction in PostgreSQL.
    await client.query(`
select pg_advisory_xact_lock(hashtextextended('m3-publish target ${schema}', 0));
${tablesDdl(quoted)}
${readFunctionsDdl(quoted)}
${writeFunctionsDdl(quoted)}
${restoreFunctionDdl(quoted)}
comment on table ${quoted}.release is '${LAYOUT}';`);
    client.release();
  } catch (error) {
    client.release(true);
    throw error;
  }
}
