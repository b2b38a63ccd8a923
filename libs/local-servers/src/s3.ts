import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { assertPortFree, onPort, portInUse } from './ports.js';
import { EndedEarly, startServer, type Log, type ServerProcess } from './server-process.js';

export interface S3Options {
  /** Objects live here, one folder a bucket; made when missing, kept on stop. */
  readonly dir: string;
  /** Default: any free port. */
  readonly port?: number;
  /** Buckets to make when they do not exist. */
  readonly buckets?: readonly string[];
  readonly log?: Log;
}

export interface S3Server extends ServerProcess {
  /** `http://127.0.0.1:<port>`, for path-style addressing. */
  readonly endpoint: string;
  readonly port: number;
  readonly region: 'us-east-1';
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Makes a bucket; one that exists is left as it is. */
  createBucket(name: string): Promise<void>;
}

/** The one key pair. Not secret: the server listens on this machine only, and takes requests that are not signed. */
const KEY = { id: 'S3RVER', secret: 'S3RVER' };

/** Starts an S3 server for sandbox and tests. @throws LocalServerError */
export function startS3(options: S3Options): Promise<S3Server> {
  return onPort(options.port, (port) => startOn(port, options));
}

async function startOn(port: number, { dir, buckets = [], log }: S3Options): Promise<S3Server> {
  await assertPortFree(port, 'the S3 server');
  await mkdir(dir, { recursive: true });
  const script = fileURLToPath(new URL('../processes/s3.mjs', import.meta.url));
  const { NODE_OPTIONS: _, ...env } = process.env;
  const server = await startServer({
    name: 'The S3 server',
    file: process.execPath,
    args: [script, JSON.stringify({ dir, port, buckets, key: KEY })],
    env,
    readyLine: /^listening$/,
    stopSignal: 'SIGTERM',
    log,
  }).catch((error: unknown) => {
    throw error instanceof EndedEarly && error.output.includes('EADDRINUSE') ? portInUse(port, 'the S3 server') : error;
  });
  return {
    ...server,
    endpoint: `http://127.0.0.1:${port}`,
    port,
    region: 'us-east-1',
    accessKeyId: KEY.id,
    secretAccessKey: KEY.secret,
    createBucket: async (name) => {
      await mkdir(join(dir, name), { recursive: true });
    },
  };
}
