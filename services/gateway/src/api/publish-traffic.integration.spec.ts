import { prepareDatabase } from '@m3/database';
import { PublishDetail, PublishLogs, PublishWhy } from '@m3/contracts';
import { flawOf } from '../http/validation.js';
import { useGateway } from '../testing/gateway-under-test.js';
import { idOf, publishUpTo, told } from '../testing/stories.js';
import { badlyShared, share, untilTraffic } from '../testing/traffic-stories.js';

const use = useGateway({
  name: 'gateway',
  prepare: async (url) => {
    await prepareDatabase(url, () => 'secret');
  },
});

const [watched, bad, plain] = [1, 2, 3];
const of = async (story: number, part = '') =>
  (await use().call(`/api/v1/publishes/${idOf('publish', story)}${part}`)).json;

beforeAll(async () => {
  await use().append(told(watched, 'TargetCreated'), ...untilTraffic(watched), ...share(watched, 1));
  await use().append(...badlyShared(bad), told(bad, 'BackupRestored'), told(bad, 'PublishRolledBack'));
  await use().append(...publishUpTo(plain, 'activated'));
  await use().projected();
});

describe('a publish whose version has a share of the traffic', () => {
  it('shows the share in its detail, and null where there are none', async () => {
    const detail = await of(watched);
    expect(flawOf(PublishDetail, detail)).toBeNull();
    expect(detail).toMatchObject({
      status: 'activating',
      traffic: { strategy: 'canary', step: 1, steps: 2, weight: 10, state: 'watching', judged: null },
    });
    expect(await of(plain)).toMatchObject({ traffic: null });
  });

  it('says why it waits', async () => {
    const why = await of(watched, '/why');
    expect(flawOf(PublishWhy, why)).toBeNull();
    expect(why).toMatchObject({ waits_for: 'traffic', resume_at: '2026-03-19T14:25:00.000Z' });
  });

  it('has ended as rolled back where the version did badly, with what its share came to', async () => {
    const detail = await of(bad);
    expect(flawOf(PublishDetail, detail)).toBeNull();
    expect(detail).toMatchObject({
      ...{ status: 'rolled_back', failure: { step: 'activating', code: 'error_rate' } },
      traffic: { state: 'returned', judged: { step: 1, outcome: 'failed' } },
    });
    const logs = await of(bad, '/logs');
    expect(flawOf(PublishLogs, logs)).toBeNull();
    expect(JSON.stringify(logs)).toContain('Traffic goes back to v1.2.0');
  });
});
