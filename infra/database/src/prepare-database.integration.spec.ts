import { randomBytes } from 'node:crypto';
import type { ServiceName } from '@m3/contracts';
import { localKeyProvider, secretStores, type SecretPurpose } from '@m3/secrets';
import { useTestDatabase } from '@m3/testing';
import pg from 'pg';
import { prepareDatabase, roleOf } from './index.js';

const database = useTestDatabase({
  name: 'database',
  prepare: async (url) => {
    await prepareDatabase(url, () => 'secret');
  },
});
const services: readonly ServiceName[] = [
  'targets',
  'gates',
  'deployer',
  'backups',
  'approvals',
  'notifier',
  'gateway',
];
const refs = new Map<SecretPurpose, string>();
const keys = localKeyProvider(randomBytes(32).toString('base64'));
const owner = 'tgt_1';

beforeAll(async () => {
  await as('targets', async (pool) => {
    const { target_database, external_gate } = secretStores(pool, keys);
    refs.set('target_database', await target_database.put(owner, 'postgresql://deploy:canary@db.example.com/m3'));
    refs.set('external_gate', await external_gate.put(owner, 'whsec_canary'));
  });
});

/** Does something with the database role of a service, and no more rights. */
async function as<Result>(service: ServiceName, work: (pool: pg.Pool) => Promise<Result>): Promise<Result> {
  const url = new URL(database.url);
  url.username = roleOf(service);
  url.password = 'secret';
  const pool = new pg.Pool({ connectionString: url.href, max: 2 });
  try {
    return await work(pool);
  } finally {
    await pool.end();
  }
}

/** What a role opens of a purpose; or that it is refused. */
const opened = (service: ServiceName, purpose: SecretPurpose) =>
  as(service, (pool) =>
    secretStores(pool, keys)
      [purpose].get(refs.get(purpose) ?? '', owner)
      .then(() => 'opened', messageOf),
  );
const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
const refused = expect.stringContaining('permission denied') as unknown;

describe('the database role of a service', () => {
  it.each<[ServiceName, readonly SecretPurpose[]]>([
    ['targets', ['target_database', 'external_gate']],
    ['gates', ['target_database', 'external_gate']],
    ['deployer', ['target_database']],
    ['backups', ['target_database']],
    ['approvals', []],
    ['notifier', []],
    ['gateway', []],
  ])('opens the secrets that it needs, and no others: %s', async (service, purposes) => {
    for (const purpose of ['target_database', 'external_gate'] as const)
      expect([purpose, await opened(service, purpose)]).toEqual([
        purpose,
        purposes.includes(purpose) ? 'opened' : refused,
      ]);
  });

  it('finds no secret that it was not told of: none reads the table, or one that is of another target', async () => {
    for (const service of services) {
      const attempts = ['select * from secrets.secret', 'select sealed from secrets.secret', 'table secrets.secret'];
      const answers = await as(service, (pool) =>
        Promise.all(attempts.map((attempt) => pool.query(attempt).then(() => 'read', messageOf))),
      );
      expect([service, answers]).toEqual([service, attempts.map(() => refused)]);
    }
    const { rows } = await as('gates', (pool) =>
      pool.query('select * from secrets.open_target_database($1, $2)', [refs.get('target_database'), 'tgt_2']),
    );
    expect(rows).toEqual([]);
  });

  it('seals and changes nothing of a secret, but for the service that owns targets, which changes its key alone', async () => {
    const insert = `insert into secrets.secret (ref, owner_id, purpose, key_id, wrapped_key, sealed)
      select 'sec_forged', 'tgt_1', 'target_database', 'k', '\\x01', '\\x02'`;
    for (const service of services) {
      const changes = [
        `update secrets.secret set purpose = 'external_gate'`,
        `update secrets.secret set owner_id = 'tgt_2'`,
        'delete from secrets.secret',
        ...(service === 'targets' ? [] : [insert, `update secrets.secret set key_id = 'k'`]),
      ];
      const answers = await as(service, (pool) =>
        Promise.all(changes.map((change) => pool.query(change).then(() => 'done', messageOf))),
      );
      expect([service, answers]).toEqual([service, changes.map(() => refused)]);
    }
  });
});
