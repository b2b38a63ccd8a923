import { CliError } from '../cli-error.js';
import type { Cli } from '../cli.js';
import { exitCodes } from '../exit-codes.js';
import { faultOf } from '../fault.js';
import type { CommandGroup } from '../root-command.js';
import { examples } from './examples.js';

/** `target init`: makes the tables and functions that a target's schema needs. */
export function registerTargetInit(group: CommandGroup, cli: Cli): void {
  group
    .command('init')
    .description("make (or bring up to date) the tables and functions of a target's schema; keeps all data")
    .option('--database-url <url>', 'target database; better kept in M3_TARGET_DATABASE_URL')
    .requiredOption('--schema <schema>', 'schema in that database')
    .addHelpText(
      'after',
      examples('target init --database-url postgresql://publisher@db.example.com/m3studio --schema production'),
    )
    .action(async ({ databaseUrl, schema }) => {
      const { host, database } = await initialise(
        databaseUrl ?? cli.surroundings.env['M3_TARGET_DATABASE_URL'],
        schema,
      );
      const document = { database: { host, name: database }, schema, outcome: 'initialised' };
      cli.output.result(document, () => cli.output.line(`schema ${schema} of ${database} on ${host} is ready`));
    });
}

async function initialise(given: string | undefined, schema: string): Promise<{ host: string; database: string }> {
  const url = checkedUrl(given);
  const [{ initialiseTarget, InvalidSchemaNameError }, { default: pg }] = await Promise.all([
    import('@m3/target-environment'),
    import('pg'),
  ]);
  const pool = new pg.Pool({ connectionString: url.href, max: 1, connectionTimeoutMillis: 10_000 });
  // A connection that breaks while idle is reported by the next query.
  pool.on('error', () => undefined);
  try {
    await initialiseTarget(pool, schema);
  } catch (error) {
    if (error instanceof InvalidSchemaNameError)
      throw new CliError('schema_invalid', error.message, { field: 'schema' });
    throw databaseError(url, error);
  } finally {
    await pool.end();
  }
  return { host: url.host, database: decodeURIComponent(url.pathname.slice(1)) };
}

/** The message never repeats the URL: it holds a password. */
function checkedUrl(text: string | undefined): URL {
  const url = text !== undefined && URL.canParse(text) ? new URL(text) : null;
  if (url !== null && ['postgres:', 'postgresql:'].includes(url.protocol) && url.pathname.length > 1) return url;
  const problem = text === undefined ? 'no target database was given' : 'the target database URL is not valid';
  throw new CliError('database_url_invalid', problem, {
    field: 'database-url',
    remedy: 'give --database-url or M3_TARGET_DATABASE_URL in the form postgresql://user:password@host:5432/database',
  });
}

function databaseError(url: URL, error: unknown): CliError {
  const { code, message } = faultOf(error);
  // Several addresses of one host that all fail come as one error without a message of its own.
  const reason = message || code || 'no reason given';
  // PostgreSQL's own codes have five characters; everything else comes from the network.
  return /^[0-9A-Z]{5}$/.test(code)
    ? new CliError('target_init_refused', `the database at ${url.host} refused: ${reason}`, {
        remedy: 'check the user, its right to create in that schema, and the name of the database',
        exitCode: exitCodes.failed,
      })
    : new CliError('database_unreachable', `the database at ${url.host} does not answer: ${reason}`, {
        remedy: 'check host and port, and that the database accepts connections from here',
        exitCode: exitCodes.unknown,
      });
}
