import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findNatsServer } from './nats-binary.js';
import { assertPortFree, onPort, portInUse } from './ports.js';
import { EndedEarly, startServer, type Log, type ServerProcess } from './server-process.js';

/** A login on the bus and the subjects that it may use; without lists it may use all. */
export interface NatsUser {
  readonly user: string;
  readonly password: string;
  readonly publish?: readonly string[];
  readonly subscribe?: readonly string[];
}

export interface NatsOptions {
  /** Streams and the configuration file live here; made when missing, kept on stop. */
  readonly dataDir: string;
  /** Default: any free port. */
  readonly port?: number;
  /** Port of the monitoring pages; none by default. */
  readonly monitoringPort?: number;
  /** Who may log in; nobody named: everybody on this machine may, without a password. */
  readonly users?: readonly NatsUser[];
  /** Program to run. Default: see {@link findNatsServer}. */
  readonly binary?: string;
  readonly log?: Log;
}

export interface NatsServer extends ServerProcess {
  /** `nats://127.0.0.1:<port>`, without a login. */
  readonly url: string;
  readonly port: number;
}

/** Starts a NATS server with JetStream. @throws LocalServerError */
export async function startNats(options: NatsOptions): Promise<NatsServer> {
  const binary = options.binary ?? (await findNatsServer(options.log));
  return onPort(options.port, (port) => startOn(port, binary, options));
}

async function startOn(port: number, binary: string, options: NatsOptions): Promise<NatsServer> {
  await assertPortFree(port, 'NATS');
  await mkdir(options.dataDir, { recursive: true });
  const file = join(options.dataDir, 'nats.conf');
  await writeFile(file, configuration(port, options), { mode: 0o600 });
  const server = await startServer({
    name: 'NATS',
    file: binary,
    args: ['--config', file],
    readyLine: /Server is ready/,
    stopSignal: 'SIGTERM',
    log: options.log,
  }).catch((error: unknown) => {
    throw error instanceof EndedEarly && /address already in use/.test(error.output) ? portInUse(port, 'NATS') : error;
  });
  return { ...server, url: `nats://127.0.0.1:${port}`, port };
}

/** The server's configuration language takes JSON as it is. */
function configuration(port: number, { dataDir, monitoringPort, users = [] }: NatsOptions): string {
  return JSON.stringify(
    {
      listen: `127.0.0.1:${port}`,
      ...(monitoringPort === undefined ? {} : { http: `127.0.0.1:${monitoringPort}` }),
      max_payload: 8 * 1024 * 1024,
      jetstream: {
        store_dir: join(dataDir, 'streams'),
        max_memory_store: 256 * 1024 ** 2,
        max_file_store: 8 * 1024 ** 3,
      },
      ...(users.length === 0 ? {} : { authorization: { users: users.map(login) } }),
    },
    null,
    2,
  );
}

function login({ user, password, publish, subscribe }: NatsUser): object {
  const permissions = {
    ...(publish === undefined ? {} : { publish }),
    ...(subscribe === undefined ? {} : { subscribe }),
  };
  return { user, password, ...(Object.keys(permissions).length === 0 ? {} : { permissions }) };
}
