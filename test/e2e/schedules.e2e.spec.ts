import { rm } from 'node:fs/promises';
import { OccurrenceList, PublishDetail, ScheduleView, TargetDetail, type TargetDocument } from '@m3/contracts';
import { temporaryFolder } from '@m3/local-servers';
import { minutesAfter, nextOccurrence } from '@m3/policies';
import { eventually } from '@m3/testing';
import { MovedClock } from './moved-clock.fixture.spec.js';
import { useProduct } from './product.fixture.spec.js';

/** Scheduled targets over the real bus. The clock of the service that owns them is moved; nothing waits for a time to come. */

let folder = '';
const clock = () => new MovedClock(folder);
beforeAll(async () => {
  folder = await temporaryFolder('m3-clock');
});
afterAll(() => rm(folder, { recursive: true, force: true }));
const use = useProduct({
  schemas: ['latest', 'pinned'],
  serviceEnv: () => ({ targets: clock().settings }),
});

const timezone = 'America/New_York';
const begun = new Date().toISOString();
/** Comes every day, and not just now: whoever is slow does not meet it by accident. */
const cron: string = ['0 2 * * *', '0 14 * * *'].find((each) => nextTime(each, begun) > minutesAfter(begun, 60)) ?? '';

function nextTime(fields: string, time: string): string {
  const next = nextOccurrence({ cron: fields, timezone }, time);
  if (next === null) throw new Error('the schedule has no next time');
  return next;
}

/** The nth time of the schedule after another time. */
function after(time: string, n: number): string {
  const next = nextTime(cron, time);
  return n === 1 ? next : after(next, n - 1);
}

const scheduled = (schema: string, schedule: Partial<TargetDocument['schedule']>): TargetDocument =>
  use().document(schema, { name: `Every day ${schema}`, type: 'scheduled', schedule: { cron, timezone, ...schedule } });

/** What came of the times of a target so far, newest first, once there are as many records. */
async function occurrences(target: string, count: number): Promise<OccurrenceList['items']> {
  const path = `targets/${encodeURIComponent(target)}/occurrences`;
  return (await use().shows(path, OccurrenceList, ({ items }) => items.length >= count)).items;
}

describe('scheduled targets', () => {
  const [latest, pinned] = ['Every day latest', 'Every day pinned'];

  it('are published to when their time comes: the newest eligible version, and the pinned one', async () => {
    const product = use();
    await product.apply(
      scheduled('latest', { deploy_latest_version: true, announce_minutes_before: 30 }),
      scheduled('pinned', { version: 'v1.0.0' }),
    );
    for (const version of ['v1.0.0', 'v1.1.0', 'v1.2.0-rc.1']) await product.tag({ version });
    await eventually('all versions are there', async () => (await product.log.ofType('VersionTagged')).length === 3);
    const due = after(begun, 1);
    const { next } = await product.shows(`targets/${encodeURIComponent(latest)}/schedule`, ScheduleView);
    expect(next.map(({ at }) => at)).toEqual(Array.from({ length: 10 }, (_, n) => after(begun, n + 1)));

    await clock().set(minutesAfter(due, -20));
    const announced = await eventually('the announcement', () => product.log.ofType('PublishAnnounced'), {
      until: (events) => events.length > 0,
    });
    expect(announced).toMatchObject([{ data: { target_name: latest, expected_at: due, version: 'v1.1.0' } }]);
    expect(await product.log.ofType('PublishTriggered')).toEqual([]);

    await clock().set(due);
    for (const [target, version] of [
      [latest, 'v1.1.0'],
      [pinned, 'v1.0.0'],
    ] as const) {
      const [occurrence] = await occurrences(target, 1);
      expect(occurrence).toMatchObject({ occurrence_at: due, outcome: 'published', version });
      const id = occurrence?.publish_id ?? '';
      await product.log.endsAs(id, 'PublishSucceeded');
      const detail = await product.shows(`publishes/${id}`, PublishDetail, ({ status }) => status === 'succeeded');
      expect(detail).toMatchObject({ trigger: 'schedule', requested_by: 'schedule', version });
      const path = `targets/${encodeURIComponent(target)}`;
      await product.shows(path, TargetDetail, ({ active }) => active?.version === version);
    }
    expect(product.webhook.received.map(({ payload }) => payload)).toContainEqual(
      expect.objectContaining({ type: 'publish.planned' }),
    );
  });

  it('that have nothing new are not published to, and that is on record', async () => {
    const product = use();
    const due = after(begun, 2);
    await clock().set(due);
    expect((await occurrences(latest, 2))[0]).toMatchObject({
      ...{ occurrence_at: due, outcome: 'nothing_new', version: 'v1.1.0', publish_id: null },
      reason: 'v1.1.0 is active',
    });
    expect((await occurrences(pinned, 2))[0]).toMatchObject({ occurrence_at: due, outcome: 'nothing_new' });
    expect(await product.log.ofType('PublishTriggered')).toHaveLength(2);
  });

  it('make up for their latest time alone, once, when the service was away for days', async () => {
    const product = use();
    await product.stack.services.targets.kill();
    const due = after(begun, 6);
    await clock().set(minutesAfter(due, 20));
    await product.stack.services.targets.restart();
    const [made, missed] = await occurrences(latest, 4);
    expect(missed).toMatchObject({
      outcome: 'missed',
      occurrence_at: after(begun, 3),
      until: after(begun, 5),
      count: 3,
    });
    expect(made).toMatchObject({ occurrence_at: due, outcome: 'nothing_new' });

    await product.tag({ version: 'v1.3.0' });
    await eventually('the tag is taken', async () => (await product.log.ofType('VersionTagged')).length === 4);
    await clock().set(after(begun, 7));
    const [occurrence] = await occurrences(latest, 5);
    expect(occurrence).toMatchObject({ occurrence_at: after(begun, 7), outcome: 'published', version: 'v1.3.0' });
    await product.log.endsAs(occurrence?.publish_id ?? '', 'PublishSucceeded');
    expect((await occurrences(pinned, 5))[0]).toMatchObject({ outcome: 'nothing_new', version: 'v1.0.0' });
    expect(await product.log.ofType('PublishTriggered')).toHaveLength(3);
  });
});
