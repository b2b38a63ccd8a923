import { eventually } from '@m3/testing';
import { release, useTargets, type TestTarget } from '../fixtures/releases.fixture.spec.js';
import type { Activation } from './activate-release.js';
import type { Snapshot } from './snapshot.js';

const freshTarget = useTargets();

/** A sample bundle has three workflows, one agent and one processor, all of the version that is active. */
function isWhole({ active_release: active, releases, routes, workflows, agents, processors }: Snapshot): boolean {
  const lists = [releases, routes, agents, processors];
  if (active === null) return [...lists, workflows].every(({ length }) => length === 0);
  const ofActive = [...lists, workflows].flat().every(({ version }) => version === active.version);
  return ofActive && workflows.length === 3 && lists.every(({ length }) => length === 1);
}

/** Ends a connection in the midst of its work (or, by a hair, just after it). */
async function killDeployment({ sql }: TestTarget): Promise<number> {
  const { rowCount } = await sql.query(
    `select pg_terminate_backend(pid) from pg_stat_activity
     where datname = current_database() and state = 'active' and query like '%.publish_deploy(%' and pid <> pg_backend_pid()`,
  );
  return rowCount ?? 0;
}

/** Makes the last part of each deployment take a while, so that kills and reads fall into its middle. */
async function slowDown({ sql, schema }: TestTarget): Promise<void> {
  await sql.query(`
    create function "${schema}".dawdle() returns trigger language plpgsql as 'begin perform pg_sleep(0.01); return new; end';
    create trigger dawdle before insert on "${schema}".processor_definition for each row execute function "${schema}".dawdle()`);
}

async function partialReleases({ sql, schema }: TestTarget): Promise<number> {
  const { rowCount } = await sql.query(
    `select from "${schema}".release left join "${schema}".workflow_definition using (version)
     group by release.version having count(*) <> 3`,
  );
  return rowCount ?? 0;
}

it('nobody ever sees half a version while releases come, go live and are killed', async () => {
  const made = await freshTarget();
  const { target } = made;
  await slowDown(made);
  const seen = new Set<string | undefined>();
  const torn: unknown[] = [];
  let [reading, killed] = [true, 0];
  const whileReading = async (work: () => Promise<unknown>, enough = () => false) => {
    while (reading && !enough()) await work();
  };
  const watching = [
    whileReading(async () => {
      const snapshot = await eventually('read', () => target.snapshot());
      seen.add(snapshot.active_release?.version);
      if (!isWhole(snapshot)) torn.push(snapshot);
    }),
    whileReading(async () => {
      const partial = await partialReleases(made);
      if (partial > 0) torn.push(partial);
    }),
    whileReading(
      async () => (killed += await killDeployment(made)),
      () => killed >= 20,
    ),
  ];
  try {
    let active: string | null = null;
    for (let fence = 1; fence <= 60; fence++) {
      const wanted: Activation = { version: `v1.${fence}.0`, expectedVersion: active, fence };
      await eventually('deployed', () => target.deploy(release(wanted.version, fence)));
      await eventually('activated', () => target.activate(wanted));
      active = wanted.version;
    }
    expect((await target.releaseState()).active?.version).toBe('v1.60.0');
  } finally {
    reading = false;
    await Promise.all(watching);
  }
  expect(torn).toEqual([]);
  expect(seen.size).toBeGreaterThan(3);
  expect(killed).toBeGreaterThan(0);
});
