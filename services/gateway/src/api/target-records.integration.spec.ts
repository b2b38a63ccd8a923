import { readFile } from 'node:fs/promises';
import { prepareDatabase } from '@m3/database';
import { TargetAsOf, TargetChanges, TargetDetail, TargetList, type DomainEventType } from '@m3/contracts';
import { flawOf } from '../http/validation.js';
import { useGateway } from '../testing/gateway-under-test.js';
import { idOf, told } from '../testing/stories.js';

const use = useGateway({
  name: 'gateway',
  prepare: async (url) => {
    await prepareDatabase(url, () => 'secret');
  },
});
const target = idOf('target', 1);
const path = `/api/v1/targets/${target}`;
const minute = (n: number): string => `2026-03-19T14:${String(n).padStart(2, '0')}:00.000Z`;

/** Something that happened to the target at a minute, by somebody. */
async function happened(n: number, by: string, type: DomainEventType, fields: object = {}): Promise<void> {
  const { stream, data } = told(1, type, fields);
  const written = type === 'TargetHealthChanged' ? `target-health.${target}` : stream;
  const expectedVersion = (await use().store.readStream(written)).length;
  await use().store.append([{ stream: written, expectedVersion, events: [{ type, data }] }], {
    actor: { kind: 'user', id: by },
    ...{ correlationId: 'c', causationId: null, occurredAt: minute(n) },
  });
}

/** What a publish of a story made of the target at a minute. */
async function runs(n: number, story: number, type: DomainEventType, fields: object): Promise<void> {
  const { stream, data } = told(story, type, { ...fields, target_id: target });
  const expectedVersion = (await use().store.readStream(stream)).length;
  await use().store.append([{ stream, expectedVersion, events: [{ type, data }] }], {
    actor: { kind: 'service', id: 'deployer' },
    ...{ correlationId: 'c', causationId: null, occurredAt: minute(n) },
  });
}

const document = (changes: object) => {
  const { data } = told(1, 'TargetCreated');
  return { document: { ...(Reflect.get(data, 'document') as object), ...changes } };
};

beforeAll(async () => {
  await happened(1, 'ann', 'TargetCreated');
  await happened(2, 'bob', 'TargetChanged', document({ deployment: { timeout_seconds: 900 } }));
  await happened(3, 'carol', 'TargetHeld', { reason: 'load test' });
  await happened(4, 'targets', 'TargetHealthChanged', { health: 'unhealthy', reason: 'no answer' });
  await happened(5, 'carol', 'TargetReleased', { reason: 'done' });
  await runs(6, 2, 'VersionActivated', { version: 'v1.0.0', previous_version: null });
  await runs(7, 3, 'VersionActivated', { version: 'v1.1.0', previous_version: 'v1.0.0' });
  await runs(8, 3, 'PublishRolledBack', { restored_version: 'v1.0.0' });
  await runs(9, 4, 'VersionActivated', { version: 'v1.2.0', previous_version: 'v1.0.0' });
  // It had a share of the traffic only.
  await runs(10, 5, 'PublishRolledBack', { restored_version: 'v1.2.0' });
  await use().projected();
});

describe('a target', () => {
  it('shows as unhealthy what does not answer, below held and inactive', async () => {
    const list = await use().call('/api/v1/targets?status=unhealthy');
    expect(flawOf(TargetList, list.json)).toBeNull();
    expect(list.json.items).toEqual([
      expect.objectContaining({
        status: 'unhealthy',
        health: { status: 'unhealthy', reason: 'no answer', since: minute(4) },
      }),
    ]);
  });

  it('has the ETag of its revision, which health leaves alone', async () => {
    const reply = await use().call(path);
    expect(flawOf(TargetDetail, reply.json)).toBeNull();
    expect(reply.json).toMatchObject({ revision: 4 });
    const etag = reply.headers.get('etag') ?? '';
    expect(etag).toMatch(/^"4-[0-9a-f]{16}"$/);
    expect((await use().call(path)).headers.get('etag')).toBe(etag);
  });

  it.each([
    ['"4-0123456789abcdef"', 4],
    ['"12"', 12],
    ['7', 7],
  ])('is changed under If-Match %s by who expects revision %i', async (header, expected_revision) => {
    const change = { target_id: target, name: 'x', outcome: 'changed', revision: 5, changes: [] };
    use().owners.answer('targets.apply', () => ({ ok: true, result: { targets: [change] } }));
    await use().call(path, { method: 'PUT', headers: { 'if-match': header }, body: document({})['document'] });
    expect(use().owners.sent.at(-1)?.payload).toMatchObject({ expected_revision });
  });

  it('is not changed under an If-Match that is none', async () => {
    for (const header of ['*', 'W/"4"', '"a", "b"', '0']) {
      const reply = await use().call(path, { method: 'PUT', headers: { 'if-match': header }, body: {} });
      expect(reply.json).toMatchObject({ status: 400, code: 'invalid_if_match' });
    }
  });

  it('is shown as it stood at a time', async () => {
    const at = async (time: string) => use().call(`${path}?at=${encodeURIComponent(time)}`);
    const held = await at(minute(3));
    expect(flawOf(TargetAsOf, held.json)).toBeNull();
    expect(held.json).toMatchObject({
      ...{ at: minute(3), revision: 3, status: 'held', changed_at: minute(3) },
      hold: { reason: 'load test', by: 'carol' },
      document: { deployment: { timeout_seconds: 900 } },
    });
    const first = await at(minute(1));
    expect(first.json).toMatchObject({ revision: 1, status: 'active', hold: null });
    expect(first.json['document']).not.toHaveProperty('deployment');
    expect((await at('2026-03-19T16:03:00+02:00')).json).toMatchObject({ at: minute(3), revision: 3 });
    expect((await at(minute(0))).json).toMatchObject({ status: 404, code: 'not_found' });
    for (const none of ['yesterday', '', '2026-02-30T00:00:00Z', '2016-12-31T23:59:60Z', '2026-03-19'])
      expect((await at(none)).json).toMatchObject({ status: 400, code: 'invalid_query', field: '/at' });
  });

  it('is shown with its health, and with what it ran then, whichever publishes and rollbacks came since', async () => {
    const at = async (time: string) => (await use().call(`${path}?at=${encodeURIComponent(time)}`)).json;
    expect(await at(minute(4))).toMatchObject({ health: { status: 'unhealthy', reason: 'no answer' }, active: null });
    expect(await at(minute(5))).toMatchObject({ status: 'unhealthy' });
    expect(await at(minute(6))).toMatchObject({ active: { version: 'v1.0.0', since: minute(6) } });
    expect(await at(minute(7))).toMatchObject({ active: { version: 'v1.1.0', previous_version: 'v1.0.0' } });
    expect(await at(minute(8))).toMatchObject({ active: { version: 'v1.0.0', since: minute(8) } });
    const now = (await use().call(path)).json;
    const last = await at(minute(10));
    expect(last).toMatchObject({ active: { version: 'v1.2.0', previous_version: 'v1.0.0', since: minute(9) } });
    expect([last['active'], last['status'], last['health']]).toEqual([now['active'], now['status'], now['health']]);
  });

  it('keeps what was projected before it was kept where activations are', async () => {
    const { pool } = use();
    const places = async () => (await pool.query('select * from read.activation order by seq')).rows as unknown[];
    const projected = await places();
    expect(projected).toHaveLength(5);
    const migration = new URL('../../migrations/000012_activations.sql', import.meta.url);
    await pool.query(
      `begin; drop table read.activation; set local search_path to read; ${await readFile(migration, 'utf8')} commit`,
    );
    expect(await places()).toEqual(projected);
  });

  it('has its changes on record: who, when, which fields; page by page', async () => {
    const all = await use().call(`${path}/changes`);
    expect(flawOf(TargetChanges, all.json)).toBeNull();
    expect(all.json.items).toMatchObject([
      { revision: 4, what: 'released', by: 'carol', at: minute(5), reason: 'done', changes: [] },
      { revision: 3, what: 'held', by: 'carol', reason: 'load test' },
      {
        revision: 2,
        ...{ what: 'changed', by: 'bob', at: minute(2) },
        changes: [{ field: 'deployment', before: null, after: { timeout_seconds: 900 } }],
      },
      { revision: 1, what: 'created', by: 'ann' },
    ]);
    const newest = await use().call(`${path}/changes?limit=3`);
    expect(newest.json).toMatchObject({ next_before: 2 });
    const oldest = await use().call(`${path}/changes?limit=3&before=2`);
    expect(oldest.json).toMatchObject({ items: [{ revision: 1 }], next_before: null });
  });
});
