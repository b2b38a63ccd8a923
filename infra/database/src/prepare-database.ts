import { bundlesMigrations } from '@m3/bundles';
import { categoryOwners, type ServiceName } from '@m3/contracts';
import { eventStoreMigrations, migrate, provisionRole, type Migrations } from '@m3/event-store';
import { processMigrations } from '@m3/process';
import { secretsMigrations } from '@m3/secrets';
import pg from 'pg';

const beside = (path: string) => new URL(`../../../${path}`, import.meta.url);

/** Every schema of the product's own database, in an order that lets later ones refer to earlier ones. */
const schemas: readonly Migrations[] = [
  eventStoreMigrations,
  { schema: 'messaging', folder: beside('libs/messaging/migrations/') },
  processMigrations,
  secretsMigrations,
  bundlesMigrations,
  { schema: 'targets', folder: beside('services/targets/migrations/') },
  { schema: 'read', folder: beside('services/gateway/migrations/') },
];

const shared = [
  'USAGE ON SCHEMA messaging, process',
  'SELECT, INSERT, UPDATE, DELETE ON messaging.checkpoint, process.checkpoint, process.deadline',
  'SELECT, INSERT ON messaging.dead_letter_payload, messaging.processed_message',
];
/** Secrets are opened one at a time, by reference and owner, and only those for the purpose. */
const openDatabaseUrls = ['USAGE ON SCHEMA secrets', 'EXECUTE ON FUNCTION secrets.open_target_database'];
const openSigningSecrets = ['USAGE ON SCHEMA secrets', 'EXECUTE ON FUNCTION secrets.open_external_gate'];
const readBundles = ['USAGE ON SCHEMA bundles', 'SELECT ON bundles.bundle'];

/** What each service may do beside reading the log and appending to its own categories. */
const grants: Readonly<Record<ServiceName, readonly string[]>> = {
  targets: [
    ...openDatabaseUrls,
    ...openSigningSecrets,
    'INSERT ON secrets.secret',
    // A rotation wraps data keys again; the sealed values themselves stay as they are, and are not read.
    'SELECT (ref, key_id, wrapped_key), UPDATE (key_id, wrapped_key) ON secrets.secret',
    ...readBundles,
    'INSERT ON bundles.bundle',
    'USAGE ON SCHEMA targets',
    'SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA targets',
  ],
  gates: [...openDatabaseUrls, ...openSigningSecrets, ...readBundles],
  approvals: [],
  backups: openDatabaseUrls,
  deployer: [...openDatabaseUrls, ...readBundles],
  notifier: [],
  gateway: ['ALL ON SCHEMA read', 'ALL ON ALL TABLES IN SCHEMA read'],
};

export const roleOf = (service: ServiceName): string => `m3_${service}`;

/**
 * Brings the database up to date and makes a role for each service. Needs a role that may create schemas and roles; safe
 * to repeat. Returns the database URL of each service.
 */
export async function prepareDatabase(
  adminUrl: string,
  passwordOf: (service: ServiceName) => string,
): Promise<Readonly<Record<ServiceName, string>>> {
  const pool = new pg.Pool({ connectionString: adminUrl, max: 1, application_name: 'm3-prepare-database' });
  try {
    for (const migrations of schemas) await migrate(pool, migrations);
    for (const service of services) await provision(pool, service, passwordOf(service));
  } finally {
    await pool.end();
  }
  const url = (service: ServiceName) => withLogin(adminUrl, roleOf(service), passwordOf(service));
  return {
    targets: url('targets'),
    gates: url('gates'),
    approvals: url('approvals'),
    backups: url('backups'),
    deployer: url('deployer'),
    notifier: url('notifier'),
    gateway: url('gateway'),
  };
}

const services: readonly ServiceName[] = [
  'targets',
  'gates',
  'approvals',
  'backups',
  'deployer',
  'notifier',
  'gateway',
];
const concurrentlyUpdated = 'XX000';

/** Roles belong to the whole server: another database's preparation may be changing the same one. Then it is tried again. */
async function provision(pool: pg.Pool, service: ServiceName, password: string, tries = 10): Promise<void> {
  const role = {
    role: roleOf(service),
    password,
    categories: categoryOwners[service],
    grants: [...shared, ...grants[service]],
  };
  try {
    await provisionRole(pool, role);
  } catch (error) {
    const busy = error instanceof pg.DatabaseError && error.code === concurrentlyUpdated;
    if (!busy || tries === 1) throw error;
    await provision(pool, service, password, tries - 1);
  }
}

function withLogin(adminUrl: string, user: string, password: string): string {
  const url = new URL(adminUrl);
  url.username = user;
  url.password = encodeURIComponent(password);
  return url.href;
}
