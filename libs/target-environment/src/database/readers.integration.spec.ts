import { eventually } from '@m3/testing';
import { release, useTargets } from '../fixtures/releases.fixture.spec.js';

const freshTarget = useTargets();

describe('a reader of the target database', () => {
  it('never sees half a version while releases come, go live and are killed', async () => {
    const made = await freshTarget();
    let reading = true;
    let reads = 0;
    const seen = new Set<string>();
    const torn: unknown[] = [];
    const reader = async () => {
      while (reading) {
        const snapshot = await made.target.snapshot();
        reads += 1;
        const { active_release: active, releases, workflows, agents, processors, routes } = snapshot;
        if (active !== null) seen.add(active.version);
        const whole = active === null ? 0 : 1;
        const counts = [releases.length, workflows.length, agents.length, processors.length, routes.length];
        const mixed = [...workflows, ...agents, ...processors].some(({ version }) => version !== active?.version);
        if (mixed || JSON.stringify(counts) !== JSON.stringify([whole, 3 * whole, whole, whole, whole]))
          torn.push(snapshot);
        const { rows } = await made.sql.query<{ count: number }>(
          `select count(*)::int as count from "${made.schema}".workflow_definition group by version having count(*) <> 3`,
        );
        torn.push(...rows);
      }
    };
    const killer = async () => {
      while (reading) {
        await made.sql.query(
          `select pg_terminate_backend(pid) from pg_stat_activity
           where datname = current_database() and application_name = 'm3-publish' and query like '%publish_deploy%' and state = 'active'
           and random() < 0.5`,
        );
      }
    };
    const readers = [reader().catch((error: unknown) => torn.push(error)), killer()];
    let active: string | null = null;
    for (let fence = 1; fence <= 40; fence++) {
      const version = `v1.${fence}.0`;
      await eventually(
        'deployed in spite of kills',
        async () => (await made.target.deploy(release(version, fence))).outcome,
      );
      await made.target.activate({ version, expectedVersion: active, fence });
      active = version;
    }
    reading = false;
    await Promise.all(readers);
    expect(torn).toEqual([]);
    expect(reads).toBeGreaterThan(10);
    expect(seen.size).toBeGreaterThan(3);
  });
});
