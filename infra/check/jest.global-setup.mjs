/** Starts, once for a jest run, the servers that integration and end-to-end tests share, and says where they are in M3_TEST_RUN. */
import { join } from 'node:path';
import { buildIfStale } from './build-if-stale.mjs';

export default async function setUp() {
  buildIfStale('libs/local-servers');
  const { findNatsServer, startPostgres, startS3, temporaryFolder } = await import('@m3/local-servers');
  const folder = await temporaryFolder('m3-test-run');
  const [postgres, s3] = await Promise.all([
    startPostgres({ dataDir: join(folder, 'postgres'), durability: 'throw_away' }),
    startS3({ dir: join(folder, 's3') }),
    findNatsServer((line) => process.stderr.write(`${line}\n`)),
  ]);
  const { endpoint, region, accessKeyId, secretAccessKey } = s3;
  process.env.M3_TEST_RUN = JSON.stringify({
    postgresUrl: postgres.url,
    s3: { endpoint, region, accessKeyId, secretAccessKey },
  });
  globalThis.m3TestServers = [postgres, s3];
}
