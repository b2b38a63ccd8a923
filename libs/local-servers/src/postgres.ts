import { mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { assertPortFree, onPort, portInUse } from './ports.js';
import { clearStaleLock, openCluster, type Cluster } from './postgres-cluster.js';
import { findPostgresPrograms } from './postgres-programs.js';
import { unprivileged, type Unprivileged } from './postgres-user.js';
import { EndedEarly, startServer, type Log, type ServerProcess } from './server-process.js';

export interface PostgresOptions {
  /** The data live here; made when missing, used again when not, kept on stop. */
  readonly dataDir: string;
  /** Default: any free port. */
  readonly port?: number;
  /**
   * `safe` (default): a commit that was answered survives a power cut. `throw_away`: it does not; for data of a test run,
   * where it saves most of the time.
   */
  readonly durability?: 'safe' | 'throw_away';
  /** Further server settings, as in postgresql.conf. */
  readonly settings?: Readonly<Record<string, string>>;
  readonly log?: Log;
}

export interface PostgresServer extends ServerProcess {
  /** `postgresql://postgres:<password>@127.0.0.1:<port>/postgres`: the superuser, with the password that was made for this folder. */
  readonly url: string;
  readonly port: number;
}

const SETTINGS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '300',
  shared_buffers: '128MB',
  idle_in_transaction_session_timeout: '60s',
  timezone: 'UTC',
  log_timezone: 'UTC',
  lc_messages: 'C',
  log_checkpoints: 'off',
};
const THROW_AWAY = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' };

/** Starts PostgreSQL. @throws LocalServerError */
export async function startPostgres(options: PostgresOptions): Promise<PostgresServer> {
  const dataDir = resolve(options.dataDir);
  await mkdir(dataDir, { recursive: true });
  const as = await unprivileged(dataDir);
  const programs = await findPostgresPrograms(as.user);
  if (options.port !== undefined) await assertPortFree(options.port, 'PostgreSQL');
  const cluster = await openCluster(dataDir, programs, as);
  await clearStaleLock(cluster.folder);
  const { file, args, runAs } = command(programs.postgres, as, cluster, options);
  return onPort(options.port, async (port) => {
    const server = await start(port, { file, args, runAs, log: options.log });
    return { ...server, url: `postgresql://postgres:${cluster.password}@127.0.0.1:${port}/postgres`, port };
  });
}

/** Makes a database, as a copy of `template` when given, and answers its URL. One that exists is left as it is. */
export async function createDatabase(serverUrl: string, name: string, template?: string): Promise<string> {
  const client = new pg.Client({ connectionString: serverUrl });
  await client.connect();
  try {
    const copy = template === undefined ? '' : ` TEMPLATE ${client.escapeIdentifier(template)}`;
    await client.query(`CREATE DATABASE ${client.escapeIdentifier(name)}${copy}`).catch((error: unknown) => {
      const duplicate = error instanceof Error && 'code' in error && error.code === '42P04';
      if (!duplicate) throw error;
    });
  } finally {
    await client.end();
  }
  const url = new URL(serverUrl);
  url.pathname = `/${encodeURIComponent(name)}`;
  return url.href;
}

type Run = Pick<Parameters<typeof startServer>[0], 'file' | 'args' | 'log'> & { runAs: Unprivileged['user'] };

function command(postgres: string, as: Unprivileged, cluster: Cluster, options: PostgresOptions): Omit<Run, 'log'> {
  const settings = { ...SETTINGS, ...(options.durability === 'throw_away' ? THROW_AWAY : {}), ...options.settings };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const [file = postgres, ...args] = [...as.prefix, postgres, '-D', cluster.folder, ...flags];
  return { file, args, runAs: as.prefix.length > 0 ? undefined : as.user };
}

/** Backends of a killed server need a moment to notice; until then the new one refuses to start. */
async function start(port: number, { runAs, args, ...rest }: Run, attempt = 1): Promise<ServerProcess> {
  await assertPortFree(port, 'PostgreSQL');
  try {
    return await startServer({
      ...rest,
      ...(runAs === undefined ? {} : { runAs }),
      name: 'PostgreSQL',
      args: [...args, '-p', String(port)],
      env: { ...process.env, LC_ALL: 'C' },
      readyLine: /database system is ready to accept connections/,
      stopSignal: 'SIGINT',
    });
  } catch (error) {
    if (!(error instanceof EndedEarly)) throw error;
    if (/could not bind|Address already in use/.test(error.output)) throw portInUse(port, 'PostgreSQL');
    if (!error.output.includes('pre-existing shared memory block') || attempt > 100) throw error;
    await pause(100);
    return start(port, { runAs, args, ...rest }, attempt + 1);
  }
}
