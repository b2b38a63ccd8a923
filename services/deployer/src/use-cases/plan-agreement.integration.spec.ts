import { bundleDigest } from '@m3/artifacts';
import { TargetEnvironments } from '@m3/target-environment';
import { useTestDatabase } from '@m3/testing';
import fc from 'fast-check';
import { planAndPublish, type TargetUnderTest } from './plan-agreement.fixture.spec.js';
import { story } from './plan-stories.fixture.spec.js';

describe('a plan for a real target database', () => {
  const environments = new TargetEnvironments({ allow: ['127.0.0.0/8'] });
  // Before the database is dropped.
  afterAll(() => environments.close());
  const database = useTestDatabase();

  async function target(schema: string): Promise<TargetUnderTest> {
    const address = { databaseUrl: database.url, schema };
    await environments.initialise(address);
    const environment = environments.open({ ...address, gatewayUrl: 'http://127.0.0.1:9' });
    return {
      environment,
      put: async ({ project, version, bundle }, fence) => {
        const expected = (await environment.releaseState()).active?.version ?? null;
        const deployed = await environment.deploy({
          project,
          version,
          bundle,
          bundleDigest: bundleDigest(bundle),
          fence,
        });
        if (deployed.outcome === 'conflict' || deployed.outcome === 'fenced') return false;
        const activated = await environment.activate({ version, expectedVersion: expected, fence });
        return activated.outcome === 'activated' || activated.outcome === 'already_active';
      },
    };
  }

  it('says what the publish then does', async () => {
    let told = 0;
    await fc.assert(
      fc.asyncProperty(story, async (each) => {
        told += 1;
        await planAndPublish(each, await target(`story_${told}`));
      }),
      { seed: 20260319, numRuns: 25 },
    );
  });
});
