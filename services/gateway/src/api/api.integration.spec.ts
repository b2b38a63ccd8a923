import { prepareDatabase } from '@m3/database';
import {
  ApprovalList,
  BackupList,
  BackupView,
  DeadLetterList,
  finalPublishStatuses,
  NotificationList,
  OccurrenceList,
  PublishDetail,
  PublishEvents,
  PublishList,
  PublishLogs,
  PublishWhy,
  ScheduleView,
  TargetDetail,
  TargetList,
  VersionDetail,
  VersionList,
} from '@m3/contracts';
import type { TSchema } from '@sinclair/typebox';
import { flawOf } from '../http/validation.js';
import { useGateway } from '../testing/gateway-under-test.js';
import { idOf, publishUpTo, told } from '../testing/stories.js';

const use = useGateway({
  name: 'gateway',
  prepare: async (url) => {
    await prepareDatabase(url, () => 'secret');
  },
});
const done = 1;
const waiting = 2;
const publish = idOf('publish', done);
const waitingPublish = idOf('publish', waiting);
const staging = {
  name: 'Staging EU',
  environment: 'staging',
  type: 'manual_approval',
  gateway_id: 'gateway-eu',
  gateway_url: 'https://staging.example.com',
  schema: 'staging',
};

beforeAll(async () => {
  await use().append(
    told(done, 'TargetCreated'),
    told(waiting, 'TargetCreated', { document: staging }),
    told(done, 'VersionTagged'),
    ...publishUpTo(done, 'succeeded'),
    ...publishUpTo(waiting, 'approvalAsked'),
    told(3, 'DeadLetterRecorded'),
  );
  await use().projected();
});

async function read(path: string, schema: TSchema): Promise<Record<string, unknown>> {
  const { status, json, text } = await use().call(`/api/v1${path}`, { roles: ['viewer'] });
  expect({ status, text }).toMatchObject({ status: 200 });
  expect(flawOf(schema, json)).toBeNull();
  return json;
}

function seqsOf(ndjson: string): number[] {
  return ndjson
    .trimEnd()
    .split('\n')
    .map((line) => (JSON.parse(line) as { seq: number }).seq);
}

describe('reading', () => {
  it('targets: active version, latest publish, status; no database URL', async () => {
    const list = await read('/targets', TargetList);
    expect(list['items']).toEqual([
      expect.objectContaining({ name: 'Staging EU', active: null, status: 'active' }),
      expect.objectContaining({
        name: 'Production US East',
        active: expect.objectContaining({ version: 'v1.3.0', publish_id: publish }),
        latest_publish: expect.objectContaining({ publish_id: publish, status: 'succeeded' }),
      }),
    ]);
    const byName = await read('/targets/Production%20US%20East', TargetDetail);
    expect(byName).toEqual(await read(`/targets/${idOf('target', done)}`, TargetDetail));
    expect(byName['database']).toEqual({ host: 'prod-db.example.com', port: 5432, name: 'm3studio' });
    expect((await read('/targets?environment=staging', TargetList))['items']).toHaveLength(1);
    expect((await read('/targets?status=held', TargetList))['items']).toEqual([]);
  });

  it('schedules: their next times in their zone, and what came of the last ones', async () => {
    const times = { cron: '0 2 * * 2', timezone: 'America/New_York' };
    const document = { ...staging, name: 'Nightly', type: 'scheduled', schedule: { ...times, version: 'v1.3.0' } };
    await use().append(
      told(4, 'TargetCreated', { document }),
      told(4, 'OccurrencesMissed'),
      told(4, 'ScheduleOccurred'),
    );
    await use().projected();
    const schedule = await read('/targets/Nightly/schedule?count=2&after=2026-03-01T00:00:00Z', ScheduleView);
    expect(schedule).toMatchObject({
      ...{ ...times, version: 'v1.3.0', target_name: 'Nightly' },
      next: [
        { at: '2026-03-03T07:00:00.000Z', local: '2026-03-03T02:00:00-05:00', clock_change_minutes: 0 },
        { at: '2026-03-10T06:00:00.000Z', local: '2026-03-10T02:00:00-04:00', clock_change_minutes: 60 },
      ],
      last: [
        { outcome: 'published', version: 'v1.3.0' },
        { outcome: 'missed', count: 2 },
      ],
    });
    const occurrences = await read('/targets/Nightly/occurrences?limit=1', OccurrenceList);
    expect(occurrences).toMatchObject({ items: [{ outcome: 'published' }], next_cursor: expect.any(String) });
    const other = await use().call('/api/v1/targets/Staging%20EU/schedule', { roles: ['viewer'] });
    expect(other.json).toMatchObject({ status: 409, code: 'not_scheduled' });
  });

  it('versions: where they are active', async () => {
    const active_on = [{ target_id: idOf('target', done), target_name: 'Production US East' }];
    expect((await read('/versions', VersionList))['items']).toEqual([
      expect.objectContaining({
        version: 'v1.3.0',
        active_on,
        failed_on: [],
        artifact_counts: { workflows: 1, agents: 0, processors: 0 },
      }),
    ]);
    const one = await read('/versions/invoice-pipeline/v1.3.0', VersionDetail);
    expect(one).toMatchObject({ requires_marie: '>=3.0.0', artifacts: [{ name: 'invoice-extraction' }] });
  });

  it('publishes: filters by target, status, project and version', async () => {
    const ids = async (query: string) => {
      const { items } = (await read(`/publishes?${query}`, PublishList)) as { items: { publish_id: string }[] };
      return items.map(({ publish_id }) => publish_id);
    };
    expect(await ids('')).toEqual([waitingPublish, publish]);
    expect(await ids('target=Staging%20EU')).toEqual([waitingPublish]);
    expect(await ids(`target=${idOf('target', done)}`)).toEqual([publish]);
    expect(await ids('status=succeeded')).toEqual([publish]);
    expect(await ids('project=invoice-pipeline&version=v1.3.0&status=awaiting_approval')).toEqual([waitingPublish]);
    expect(await ids('version=v9.9.9')).toEqual([]);
  });

  it('a publish in detail: steps, gates, approval, backup, notifications, links', async () => {
    const detail = await read(`/publishes/${publish}`, PublishDetail);
    expect(detail).toMatchObject({
      status: finalPublishStatuses[0],
      validation: { outcome: 'passed', checks: [{ name: 'gateway' }] },
      gates: { outcome: 'passed', checks: [{ name: 'workflow_validation' }] },
      verification: { outcome: 'passed' },
      approval: { status: 'granted', approvals_given: 1, approvals_needed: 2 },
      backup: { name: 'backup-production-20260319-142345' },
      notifications: [{ kind: 'publish.succeeded' }],
      links: { stream: `/api/v1/publishes/${publish}/stream` },
    });
    expect(detail['steps']).toHaveLength(8);
  });

  it('its log, as JSON and as lines', async () => {
    const logs = await read(`/publishes/${publish}/logs`, PublishLogs);
    expect(JSON.stringify(logs['lines'])).toContain('✓ Backup created: backup-production-20260319-142345');
    const plain = await use().call(`/api/v1/publishes/${publish}/logs`, { headers: { accept: 'text/plain' } });
    expect(plain.headers.get('content-type')).toContain('text/plain');
    expect(plain.text).toMatch(/^\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\] • Publish of invoice-pipeline v1\.3\.0/);
  });

  it('its events in the order of the log, from all streams that it went through', async () => {
    const { items } = (await read(`/publishes/${publish}/events`, PublishEvents)) as {
      items: { seq: number; category: string }[];
    };
    expect(items.map(({ seq }) => seq)).toEqual(items.map(({ seq }) => seq).sort((a, b) => a - b));
    expect(new Set(items.map(({ category }) => category))).toEqual(
      new Set(['publish', 'gaterun', 'approval', 'backup', 'notification']),
    );
  });

  it('what a publish waits for, and who can move it', async () => {
    expect(await read(`/publishes/${waitingPublish}/why`, PublishWhy)).toMatchObject({
      waits_for: 'approval',
      can_be_moved_by: [{ who: '2 of alice, bob, carol' }, { who: 'an operator (admin or maintainer)' }],
    });
    expect(await read(`/publishes/${publish}/why`, PublishWhy)).toMatchObject({
      waits_for: 'nothing',
      can_be_moved_by: [],
    });
  });

  it('approvals, backups, notifications, dead letters, me', async () => {
    expect((await read('/approvals?status=open', ApprovalList))['items']).toEqual([
      expect.objectContaining({ approval_id: idOf('approval', waiting), target_name: 'Production US East' }),
    ]);
    expect((await read('/backups?target=Production%20US%20East', BackupList))['items']).toHaveLength(1);
    expect((await read('/backups?status=deleted', BackupList))['items']).toEqual([]);
    expect((await read('/backups?status=taken&version=v1.2.0', BackupList))['items']).toHaveLength(1);
    const backup = await read('/backups/backup-production-20260319-142345', BackupView);
    expect(backup).toMatchObject({ status: 'taken', verification: null, previous_version: 'v1.1.0' });
    expect(await read(`/backups/${String(backup['backup_id'])}`, BackupView)).toEqual(backup);
    expect((await read(`/notifications?publish=${publish}`, NotificationList))['items']).toHaveLength(1);
    expect((await read('/dead-letters?status=open', DeadLetterList))['items']).toHaveLength(1);
    expect((await use().call('/api/v1/me', { sub: 'vic', roles: ['viewer'] })).json).toEqual({
      id: 'vic',
      roles: ['viewer'],
    });
  });

  it.each([
    '/targets/nowhere',
    '/backups/bkp_x',
    '/backups/verifications/ver_x',
    '/publishes/pub_x',
    '/publishes/pub_x/logs',
    '/publishes/pub_x/events',
    '/publishes/pub_x/why',
    '/publishes/pub_x/stream',
    '/versions/invoice-pipeline/v0.0.1',
    '/approvals/apr_x',
    '/dead-letters/dlq_x',
    '/publishes?target=nowhere',
  ])('%s: 404 when there is no such thing', async (path) => {
    const { status, json, headers } = await use().call(`/api/v1${path}`);
    expect({ status, code: json['code'] }).toEqual({ status: 404, code: 'not_found' });
    expect(headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
  });

  it('the log for auditors, from a place on, as NDJSON', async () => {
    const all = await use().call('/api/v1/audit/events', { roles: ['auditor'] });
    expect(all.headers.get('content-type')).toContain('application/x-ndjson');
    expect(seqsOf(all.text)).toEqual(Array.from({ length: await use().store.lastSeq() }, (_, index) => index + 1));
    const part = await use().call('/api/v1/audit/events?from=2&limit=3', { roles: ['auditor'] });
    expect(seqsOf(part.text)).toEqual([3, 4, 5]);
  });
});

describe('pages', () => {
  it('stay stable while rows are added', async () => {
    const page = async (cursor: string) => {
      const { json } = await use().call(`/api/v1/publishes?limit=2${cursor}&project=paging`);
      return json as { items: { publish_id: string }[]; next_cursor: string | null };
    };
    const requested = (story: number) => told(story, 'PublishRequested', { project: 'paging' });
    await use().append(...[11, 12, 13, 14, 15].map(requested));
    await use().projected();
    const first = await page('');
    await use().append(requested(16));
    await use().projected();
    const second = await page(`&cursor=${first.next_cursor ?? ''}`);
    const third = await page(`&cursor=${second.next_cursor ?? ''}`);
    const ids = [first, second, third].flatMap(({ items }) => items.map(({ publish_id }) => publish_id));
    expect(ids).toEqual([15, 14, 13, 12, 11].map((story) => idOf('publish', story)));
    expect(third.next_cursor).toBeNull();
    expect((await use().call('/api/v1/publishes?cursor=bm9uc2Vuc2U')).json['code']).toBe('invalid_cursor');
  });
});
