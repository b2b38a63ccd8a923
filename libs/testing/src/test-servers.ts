import {
  startNats,
  startPostgres,
  temporaryFolder,
  type NatsOptions,
  type NatsServer,
  type PostgresOptions,
  type PostgresServer,
} from '@m3/local-servers';

/** A NATS server of the test's own, to be stopped or killed by it. `dataDir` given: the streams in it are used again. */
export async function startTestNats(options: Partial<NatsOptions> = {}): Promise<NatsServer> {
  return startNats({ ...options, dataDir: options.dataDir ?? (await temporaryFolder('m3-nats')) });
}

/** A PostgreSQL server of the test's own, to be stopped or killed by it; slower to have than a database of the run's server. */
export async function startTestPostgres(options: Partial<PostgresOptions> = {}): Promise<PostgresServer> {
  const dataDir = options.dataDir ?? (await temporaryFolder('m3-postgres'));
  return startPostgres({ durability: 'throw_away', ...options, dataDir });
}

/** A NATS server for all tests of the file or `describe` block, which nobody else uses: streams and consumers may have any name. */
export function useTestNats(options: Partial<NatsOptions> = {}): Pick<NatsServer, 'url' | 'port'> {
  let server: NatsServer | undefined;
  beforeAll(async () => {
    server = await startTestNats(options);
  });
  afterAll(async () => {
    await server?.stop();
  });
  const started = () => {
    if (server === undefined) throw new Error('The server is there in tests and hooks, not while tests are declared.');
    return server;
  };
  return {
    get url() {
      return started().url;
    },
    get port() {
      return started().port;
    },
  };
}
