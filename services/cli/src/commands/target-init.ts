import { CliError } from '../cli-error.js';
import type { Cli } from '../cli.js';
import { exitCodes } from '../exit-codes.js';
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
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null;
  // PostgreSQL's own codes have five characters; everything else comes from the network.
  const answered = code !== null && /^[0-9A-Z]{5}$/.test(code);
  const reason = error instanceof Error && error.message !== '' ? error.message : (code ?? 'no reason given');
  return new CliError(
    'target_init_failed',
    `the database at ${url.host} ${answered ? 'refused' : 'does not answer'}: ${reason}`,
    {
      remedy: answered
        ? 'check the user, its right to create in that schema, and the name of the database'
        : 'check host and port, and that the database accepts connections from here',
      exitCode: answered ? exitCodes.failed : exitCodes.unknown,
    },
  );
}
