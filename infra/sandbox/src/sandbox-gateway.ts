import type { AddressInfo } from 'node:net';
import type { Server } from 'node:http';
import pg from 'pg';
import { Executions } from './executions/executions.js';
import { Faults, type FaultSettings } from './faults.js';
import { faultEndpoints } from './http/fault-endpoints.js';
import { invokeEndpoint } from './http/invoke-endpoint.js';
import { marieEndpoints } from './http/marie-endpoints.js';
import { plannerEndpoints } from './http/planner-endpoints.js';
import { publishEndpoints } from './http/publish-endpoints.js';
import { Router } from './http/router.js';
import { createGatewayServer } from './http/server.js';
import { PlannerRegistry } from './planner-registry.js';
import { JobList } from './scheduler/job-list.js';
import { createSchedulerTables } from './scheduler/scheduler-tables.js';
import { TargetReleases } from './target/target-releases.js';
import { VersionChooser } from './target/version-chooser.js';

export interface SandboxGatewayOptions {
  /** 0 (default): any free port. */
  readonly port?: number;
  /** Default: loopback only. */
  readonly host?: string;
  readonly databaseUrl: string;
  /** Asked for on `/api/v1/invoke` and the extension. Absent: `/api/v1/invoke` takes any token, the extension none. */
  readonly token?: string;
  /** What `/status` tells; default 3.0.20. */
  readonly marieVersion?: string;
  readonly faults?: FaultSettings;
  /** How long `close` waits for executions under way; default 2,000. */
  readonly graceMs?: number;
  /** Gets one line at a time about what went wrong inside. */
  readonly log?: (line: string) => void;
}

export interface SandboxGateway {
  /** `http://127.0.0.1:<port>`, without a slash at the end. */
  readonly url: string;
  readonly faults: Pick<Faults, 'current' | 'set' | 'clear'>;
  /** Takes no more requests, lets executions end within the grace time, and leaves the others `active`. */
  close(): Promise<void>;
}

/** Starts a gateway. Its scheduler tables are made if they are not there. Rejects when port or database cannot be used. */
export async function startSandboxGateway(options: SandboxGatewayOptions): Promise<SandboxGateway> {
  const { databaseUrl, marieVersion = '3.0.20', token, log = () => undefined } = options;
  const pool = createPool(databaseUrl, log);
  try {
    await createSchedulerTables(pool);
    const registry = new PlannerRegistry();
    const faults = new Faults(() => registry.clear());
    faults.set(options.faults ?? {});
    const executions = new Executions(pool, faults, ({ dagId }) => log(`execution ${dagId} stays active: not written`));
    const { slots } = executions;
    const router = new Router([
      ...marieEndpoints({ marieVersion, faults, slots, jobs: new JobList(pool) }),
      ...plannerEndpoints(registry, faults),
      invokeEndpoint({ executions, registry, token }),
      ...publishEndpoints({ executions, releases: new TargetReleases(pool), chooser: new VersionChooser(), token }),
      ...faultEndpoints(faults),
    ]);
    const closing = new AbortController();
    const server = createGatewayServer(router, faults, closing.signal);
    const { port } = await listen(server, options.port ?? 0, options.host ?? '127.0.0.1');
    const close = async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      closing.abort();
      await executions.close(options.graceMs ?? 2_000);
      server.closeAllConnections();
      await closed;
      await pool.end();
    };
    return { url: `http://127.0.0.1:${port}`, faults, close };
  } catch (error) {
    await pool.end();
    throw error;
  }
}

/**
 * Every statement looks rows up by key, so plans that read whole tables are ruled out: one made while the tables were
 * small would be kept and be slow later. Without them the first plan serves every set of values. These rows are
 * bookkeeping of a sandbox: losing the last moments in a power cut is fine, waiting for the disk on each run is not.
 */
const SETTINGS = {
  ...{ enable_seqscan: 'off', enable_hashjoin: 'off', enable_mergejoin: 'off', plan_cache_mode: 'force_generic_plan' },
  synchronous_commit: 'off',
};

function createPool(databaseUrl: string, log: (line: string) => void): pg.Pool {
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    max: 3,
    connectionTimeoutMillis: 5_000,
    application_name: 'sandbox-gateway',
    options: Object.entries(SETTINGS)
      .map(([name, value]) => `-c ${name}=${value}`)
      .join(' '),
  });
  pool.on('error', () => log('a database connection was lost'));
  // A connection may also break while somebody has it in hand, between two queries: without a listener that ends the process.
  pool.on('connect', (client) => void client.on('error', () => undefined));
  return pool;
}

function listen(server: Server, port: number, host: string): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      const address = server.address();
      if (typeof address === 'object' && address !== null) resolve(address);
    });
  });
}
