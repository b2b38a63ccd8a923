import { randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:net';
import { createTestDatabase, testRun, useTestNats } from '@m3/testing';
import pg from 'pg';
import { ensureJetStream } from './external-nats.js';
import { ensurePostgres } from './external-postgres.js';
import { ensureBucket } from './external-s3.js';

describe('an S3 that runs already', () => {
  const bucket = `backups-${randomBytes(4).toString('hex')}`;

  it('gets the bucket for backups, once', async () => {
    const storage = { ...testRun().s3, bucket };

    await ensureBucket(storage);
    await ensureBucket(storage);

    expect((await fetch(`${storage.endpoint}/${bucket}`)).status).toBe(200);
  });

  it('that does not answer is told with the settings to look at, and no key', async () => {
    const storage = { ...testRun().s3, endpoint: 'http://127.0.0.1:1', bucket, secretAccessKey: 'hidden' };

    await expect(ensureBucket(storage)).rejects.toThrow(/cannot be used: it does not answer. Look at S3_ENDPOINT/);
    await expect(ensureBucket(storage)).rejects.not.toThrow(/hidden/);
  });
});

describe('a PostgreSQL that runs already', () => {
  it('is taken when its role may create roles and databases', async () => {
    await expect(ensurePostgres(testRun().postgresUrl)).resolves.toBeUndefined();
  });

  it('is refused when its role may not', async () => {
    const database = await createTestDatabase();
    const role = `weak_${randomBytes(4).toString('hex')}`;
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    await client.query(`CREATE ROLE ${role} LOGIN PASSWORD 'weak'`);
    const url = new URL(database.url);
    url.username = role;
    url.password = 'weak';

    await expect(ensurePostgres(url.href)).rejects.toThrow('has to be one that may create roles and databases');
    await client.query(`DROP ROLE ${role}`);
    await client.end();
    await database.drop();
  });

  it('that does not answer is told with the setting to look at, and no password', async () => {
    const unreachable = ensurePostgres('postgresql://me:hidden@127.0.0.1:1/m3');

    await expect(unreachable).rejects.toThrow(/cannot be used .*ECONNREFUSED.* Look at DATABASE_URL/);
    await expect(unreachable).rejects.not.toThrow(/hidden/);
  });
});

describe('a NATS that runs already', () => {
  const nats = useTestNats();
  let plain: Server | undefined;
  afterEach(() => plain?.close());

  it('is taken when it has JetStream', async () => {
    await expect(ensureJetStream(nats.url)).resolves.toBeUndefined();
  });

  it('that does not answer is told with the setting to look at', async () => {
    await expect(ensureJetStream('nats://127.0.0.1:1')).rejects.toThrow(/NATS cannot be reached .* Look at NATS_URL/);
  });

  it('without JetStream is refused', async () => {
    plain = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.write('INFO {"server_id":"x","version":"2.9.10","proto":1,"max_payload":1048576,"headers":true}\r\n');
      socket.on('data', (data) => {
        if (data.includes('PING')) socket.write('PONG\r\n');
        const reply = /PUB \$JS\.API\.INFO (\S+)/.exec(data.toString())?.[1];
        if (reply !== undefined) socket.write(`HMSG ${reply} 1 30 30\r\nNATS/1.0 503 No Responders\r\n\r\n\r\n`);
      });
    });
    const port = await new Promise<number>((resolve) => {
      plain?.listen(0, '127.0.0.1', () => {
        const address = plain?.address();
        resolve(typeof address === 'object' && address !== null ? address.port : 0);
      });
    });

    await expect(ensureJetStream(`nats://127.0.0.1:${port}`)).rejects.toThrow(
      /runs without JetStream .* Start it with -js/,
    );
  });
});
