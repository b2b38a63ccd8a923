import { prepareDatabase } from '@m3/database';
import { useGateway } from '../testing/gateway-under-test.js';
import { idOf, told } from '../testing/stories.js';

const use = useGateway({
  name: 'gateway',
  prepare: async (url) => {
    await prepareDatabase(url, () => 'secret');
  },
});
const [first, second] = [1, 2];
const review_id = idOf('review', first);

beforeAll(async () => {
  await use().append(
    ...(['EmergencyDeclared', 'ReviewRequested', 'PublishSucceeded', 'ReviewOpened', 'ReviewClosed'] as const).map(
      (type) => told(first, type),
    ),
    told(second, 'EmergencyDeclared'),
    told(second, 'PublishCancelled'),
  );
  await use().projected();
});

describe('emergencies in the API', () => {
  it('are reported with who, why, what was skipped, how they ended and what was learnt', async () => {
    const { json } = await use().call('/api/v1/emergencies?from=2020-01-01T00:00:00Z');
    expect(json.items).toMatchObject([
      { outcome: 'cancelled', review: 'not_needed' },
      {
        ...{ declared_by: 'ann', justification: 'orders are lost', skipped: ['gates', 'approvals'] },
        ...{ outcome: 'succeeded', review: 'closed', review_id, reviewed_by: 'bob' },
      },
    ]);
    expect((await use().call('/api/v1/emergencies?to=2020-01-01T00:00:00Z')).json.items).toEqual([]);
  });

  it('have reviews, which are closed with findings', async () => {
    const { json } = await use().call('/api/v1/reviews?status=closed');
    expect(json.items).toMatchObject([{ review_id, closed_by: 'bob', follow_ups: ['page on a full queue'] }]);
    use().owners.answer('reviews.close', () => ({ ok: true, result: { review_id } }));
    const path = `/api/v1/reviews/${review_id}/close`;
    const closed = await use().call(path, { method: 'POST', body: { findings: 'seen' } });
    expect(closed).toMatchObject({ status: 200, json: { review_id } });
    expect(use().owners.sent.at(-1)).toMatchObject({
      name: 'reviews.close',
      payload: { findings: 'seen', follow_ups: [] },
    });
    expect((await use().call(path, { method: 'POST', body: {} })).json).toMatchObject({ code: 'invalid_body' });
  });

  it('come with callers whose roles are told to whoever counts their votes', async () => {
    await use().call('/api/v1/me', { sub: 'bob', roles: ['viewer'] });
    expect(use().owners.seen).toContainEqual({ id: 'bob', roles: ['viewer'] });
  });
});
