import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { createDatabase, findNatsServer, startNats, startPostgres, startS3 } from '@m3/local-servers';
import type { NatsServer, PostgresServer, S3Server } from '@m3/local-servers';
import { LocalServer } from './local-server.js';
import { beginLogFile } from './log-file.js';

/** How backups and large bundles are stored. */
export interface S3Settings {
  readonly endpoint: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** The bucket for backups. */
  readonly bucket: string;
}

/** A server of the stack. `local` is there when the stack started it. */
export interface PostgresOfStack {
  /** The product's database, with a role that may create schemas, roles and databases. */
  readonly adminUrl: string;
  readonly local?: LocalServer<PostgresServer>;
}
export interface NatsOfStack {
  readonly url: string;
  readonly local?: LocalServer<NatsServer>;
}
export interface S3OfStack extends S3Settings {
  readonly local?: LocalServer<S3Server>;
}

export interface ServerPlace {
  readonly home: string;
  readonly port: number | undefined;
  readonly durability: 'safe' | 'throw_away';
  /** Told what it takes to get a server that is not on this machine. */
  readonly says: (line: string) => void;
}

const DATABASE = 'm3_publish';
const BACKUP_BUCKET = 'm3-backups';
/** For bundles that are too large to travel on the bus. */
const BUNDLE_BUCKET = 'm3-bundles';

/** PostgreSQL in the home folder, with the product's own database. @throws LocalServerError */
export async function embeddedPostgres({ home, port, durability }: ServerPlace): Promise<Required<PostgresOfStack>> {
  const dataDir = join(home, 'postgres');
  const log = await logTo(home, 'postgres');
  const start = (at: number | undefined) => startPostgres({ dataDir, durability, log, ...onPort(at) });
  const local = await LocalServer.start(dataDir, start, port);
  return { adminUrl: await createDatabase(local.current.url, DATABASE), local };
}

/** NATS with JetStream in the home folder. @throws LocalServerError */
export async function embeddedNats({ home, port, says }: ServerPlace): Promise<Required<NatsOfStack>> {
  const dataDir = join(home, 'nats');
  const log = await logTo(home, 'nats');
  const binary = await findNatsServer(says);
  const local = await LocalServer.start(dataDir, (at) => startNats({ dataDir, binary, log, ...onPort(at) }), port);
  return { url: local.current.url, local };
}

/** An S3 server on the home folder. @throws LocalServerError */
export async function embeddedS3({ home, port }: ServerPlace): Promise<Required<S3OfStack>> {
  const dir = join(home, 's3');
  const log = await logTo(home, 's3');
  const buckets = [BACKUP_BUCKET, BUNDLE_BUCKET];
  const local = await LocalServer.start(dir, (at) => startS3({ dir, buckets, log, ...onPort(at) }), port);
  const { endpoint, region, accessKeyId, secretAccessKey } = local.current;
  return { endpoint, region, accessKeyId, secretAccessKey, bucket: BACKUP_BUCKET, local };
}

function onPort(port: number | undefined): { readonly port?: number } {
  return port === undefined ? {} : { port };
}

/** Servers say little; what they say is kept beside the logs of the services. */
async function logTo(home: string, server: string): Promise<(line: string) => void> {
  const file = join(home, 'logs', `${server}.log`);
  await beginLogFile(file);
  return (line) => appendFileSync(file, `${line}\n`);
}
