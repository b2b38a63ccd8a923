import { ApprovalList, FreezeAccepted, FreezeList, PublishDetail, PublishesAccepted, PublishWhy } from '@m3/contracts';
import { eventually } from '@m3/testing';
import { Ajv } from 'ajv';
import ajvFormats from 'ajv-formats';
import { useProduct } from './product.fixture.spec.js';

const use = useProduct({ schemas: ['frozen', 'asking'] });
const ajv = ajvFormats.default(new Ajv({ strict: false }));
const versions = { triggers: { version_pattern: 'v*.*.*', branch: 'main' } };

async function declare(target: string, override_roles: readonly string[] = ['admin']): Promise<string> {
  const period = { from: '2020-01-01T00:00:00Z', to: null };
  const body = { scope: { kind: 'target', target }, period, reason: 'end of quarter', override_roles };
  const { json, text } = await use().call('freezes', { body });
  if (!ajv.validate<FreezeAccepted>(FreezeAccepted, json)) throw new Error(text);
  return json.freeze_id;
}

async function request(version: string, target: string, more: object = {}): Promise<string> {
  const body = { project: 'invoice-pipeline', version, targets: [target], ...more };
  const { json, text } = await use().call('publishes', { body });
  const [asked] = ajv.validate<PublishesAccepted>(PublishesAccepted, json) ? json.publishes : [];
  if (asked?.outcome !== 'requested') throw new Error(text);
  return asked.publish_id;
}

describe('a frozen target', () => {
  it('is published to when the freeze is lifted, with the newest version, and everybody sees why not before', async () => {
    const product = use();
    const { log } = product;
    await product.apply(product.document('frozen', { name: 'Frozen', ...versions }));
    const freeze = await declare('Frozen');
    await product.tag({ version: 'v1.0.0' });
    const [older = ''] = await log.triggered('v1.0.0');
    await log.reaches(older, 'StartDelayed');

    expect(
      await product.shows(`publishes/${older}/why`, PublishWhy, (why) => why.waits_for === 'window'),
    ).toMatchObject({
      status: 'waiting_for_window',
      blocks: [{ kind: 'freeze', reason: 'end of quarter', until: null, unblocked_by: ['admin'] }],
      resume_at: null,
    });
    expect(await log.slots()).toEqual({ holders: [], waiting: [] });
    await product.tag({ version: 'v1.1.0' });
    const [newer = ''] = await log.triggered('v1.1.0');
    expect(await log.endsAs(older, 'PublishSuperseded')).toMatchObject({ data: { by: newer } });

    await product.call(`freezes/${freeze}/lift`, { body: { reason: 'the books are closed' } });
    await log.endsAs(newer, 'PublishSucceeded');
    const { items } = await product.shows('freezes', FreezeList, (list) => list.items[0]?.status === 'lifted');
    expect(items).toMatchObject([{ freeze_id: freeze, lifted: { by: 'ann', reason: 'the books are closed' } }]);
  });

  it('can be published to by whoever may override it, with the reason in the log', async () => {
    const product = use();
    const freeze = await declare('Frozen');
    const id = await request('v1.1.0', 'Frozen');
    await product.log.reaches(id, 'StartDelayed');
    const body = { reason: 'fix of the outage' };
    const refused = await product.call(`publishes/${id}/override`, { body, as: 'eve', roles: ['maintainer'] });
    expect(refused).toMatchObject({ status: 403, json: { code: 'not_allowed' } });
    expect(await product.call(`publishes/${id}/override`, { body, as: 'zoe' })).toMatchObject({ status: 202 });
    await product.log.endsAs(id, 'PublishSucceeded');

    const detail = await product.shows(`publishes/${id}`, PublishDetail, ({ status }) => status === 'succeeded');
    expect(detail.overrides).toMatchObject([{ by: 'zoe', reason: 'fix of the outage' }]);
    const again = await request('v1.1.0', 'Frozen', { override_reason: 'still the outage' });
    await product.log.endsAs(again, 'PublishSucceeded');
    await product.call(`freezes/${freeze}/lift`, { body });
  });
});

describe('a held target', () => {
  it('is published to by itself when it is released', async () => {
    const product = use();
    await product.call('targets/Frozen/hold', { body: { reason: 'audit' } });
    await product.tag({ version: 'v1.2.0' });
    const [id = ''] = await product.log.triggered('v1.2.0');
    await product.log.reaches(id, 'StartDelayed');
    expect(await product.shows(`publishes/${id}/why`, PublishWhy, (why) => why.waits_for === 'release')).toMatchObject({
      explanation: expect.stringContaining('the target is held: audit') as unknown,
    });
    await product.call('targets/Frozen/release', { body: { reason: 'seen' } });
    await product.log.endsAs(id, 'PublishSucceeded');
  });
});

describe('two publishes that wait for approval', () => {
  it('are one: the newer takes the place of the older, whose approval is closed', async () => {
    const product = use();
    const approvals = { approvals: { min_approvals: 1 } };
    const document = { name: 'Asking', type: 'manual_approval' as const, ...approvals };
    await product.apply(product.document('asking', document));
    const older = await request('v1.0.0', 'Asking');
    await product.log.reaches(older, 'ApprovalOpened');
    const newer = await request('v1.1.0', 'Asking');

    expect(await product.log.endsAs(older, 'PublishSuperseded')).toMatchObject({ data: { by: newer } });
    const list = await product.shows(
      'approvals',
      ApprovalList,
      ({ items }) => items.length === 2 && items[1]?.status === 'closed',
    );
    expect(list.items).toMatchObject([
      { publish_id: newer, status: 'open' },
      { publish_id: older, status: 'closed' },
    ]);
    const approval = list.items[0]?.approval_id ?? '';
    await product.call(`approvals/${approval}/approve`, { as: 'bob', roles: ['approver'], body: {} });
    await product.log.endsAs(newer, 'PublishSucceeded');
    await eventually('nobody is left', async () => (await product.log.slots()).holders.length === 0);
  });
});
