import { newId, OccurrenceList, ScheduleView, type OccurrenceView } from '@m3/contracts';
import { at, FakeGateway, ok } from '../fake-gateway.spec.js';
import { m3Publish } from '../terminal.spec.js';

describe('schedules with m3-publish', () => {
  let gateway: FakeGateway;
  beforeEach(async () => {
    gateway = await new FakeGateway().start();
  });
  afterEach(() => gateway.stop());

  const run = (...args: readonly string[]) => m3Publish(['schedule', ...args], { url: gateway.url });
  const cron = ['--cron', '0 2 * * 2', '--timezone', 'America/New_York'];
  const march = ['--after', '2026-03-01T00:00:00Z', '--your-timezone', 'Europe/Berlin'];

  it('preview: the next times of a cron, in two zones, with changes of clocks; offline', async () => {
    const { exitCode, stdout } = await run('preview', ...cron, ...march, '--count', '2');
    expect(exitCode).toBe(0);
    expect(stdout).toBe(
      '2026-03-03 02:00 -05:00\t2026-03-03 08:00 +01:00\t\n' +
        '2026-03-10 02:00 -04:00\t2026-03-10 07:00 +01:00\t60 minutes forward since the time before\n',
    );
    expect(gateway.requests).toEqual([]);
    const ten = JSON.parse((await run('preview', ...cron, '--json')).stdout) as { next: unknown[] };
    expect(ten.next).toHaveLength(10);
  });

  it('preview: of a target', async () => {
    const local = '2026-03-03T02:00:00-05:00';
    const view = {
      ...{ target_id: newId('target'), target_name: 'nightly', version: null, announce_minutes_before: null },
      ...{ cron: '0 2 * * 2', timezone: 'America/New_York', last: [] },
      next: [{ at: '2026-03-03T07:00:00.000Z', local, clock_change_minutes: 0 }],
    };
    gateway.on('GET', 'targets/nightly/schedule', () => ok(ScheduleView, view));
    expect((await run('preview', 'nightly', ...march)).stdout).toContain('2026-03-03 08:00 +01:00');
    expect(gateway.requests[0]?.query).toEqual({ count: '10', after: '2026-03-01T00:00:00.000Z' });
  });

  it.each([
    [['preview'], 'name a target, or give --cron and --timezone'],
    [['preview', 'nightly', '--cron', '0 2 * * 2'], 'not both'],
    [['preview', '--cron', '0 0 30 2 *', '--timezone', 'UTC'], 'never comes'],
    [['preview', '--cron', '0 2 * * 2', '--timezone', 'Mars/Olympus'], 'Mars/Olympus is no time zone'],
    [['preview', ...cron, '--after', 'soon'], 'it has to be a time'],
    [['preview', ...cron, '--after', '2026-02-30T00:00:00Z'], 'it has to be a time'],
    [['preview', ...cron, '--your-timezone', 'Mars/Olympus'], 'it has to be an IANA time zone'],
  ])('wrong usage is said: %j', async (args, message) => {
    const { exitCode, stderr } = await run(...args);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(message);
  });

  it('history: what came of each time', async () => {
    const occurrence: OccurrenceView = {
      ...{ target_id: newId('target'), cron: '0 2 * * 2', timezone: 'UTC', occurrence_at: at, until: at, count: 1 },
      ...{ outcome: 'nothing_new', reason: 'v1.3.0 is active', project: 'invoice-pipeline', version: 'v1.3.0' },
      ...{ publish_id: null, recorded_at: at },
    };
    const missed = { ...occurrence, outcome: 'missed' as const, count: 2, reason: null, project: null, version: null };
    gateway.on('GET', 'targets/nightly/occurrences', () =>
      ok(OccurrenceList, { items: [occurrence, missed], next_cursor: null }),
    );
    const { stdout } = await run('history', 'nightly');
    expect(stdout.split('\n')).toEqual([
      `${at}\tnothing_new\tinvoice-pipeline v1.3.0\t\tv1.3.0 is active`,
      `${at} to ${at}\t2 missed\t\t\t`,
      '',
    ]);
  });
});
