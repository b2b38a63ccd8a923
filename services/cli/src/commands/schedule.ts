import { Option } from '@commander-js/extra-typings';
import { OccurrenceList, ScheduleView, type OccurrenceView, type UpcomingOccurrenceView } from '@m3/contracts';
import { cronFault, localTime, upcomingOccurrences, type CronTimes } from '@m3/policies';
import { allPages } from '../api/all-pages.js';
import { apiPath } from '../api/api-client.js';
import type { Cli } from '../cli.js';
import { CliError } from '../cli-error.js';
import type { Output } from '../output/output.js';
import { counted } from '../output/text.js';
import { commandGroup, type Program } from '../root-command.js';
import { examples } from './examples.js';
import { moment, positiveInteger, timeZone } from './option-values.js';

interface PreviewOptions {
  readonly cron?: string | undefined;
  readonly timezone?: string | undefined;
  readonly count: number;
  readonly after?: string | undefined;
  readonly yourTimezone: string;
}

/** What of a schedule is shown before it happens. */
interface Preview extends CronTimes {
  readonly next: readonly UpcomingOccurrenceView[];
}

/** `schedule preview` and `schedule history`. */
export function registerSchedule(parent: Program, cli: Cli): void {
  const group = commandGroup(parent, 'schedule', 'when scheduled targets publish, and what came of it');
  group
    .command('preview')
    .description('show the next times of a target, or of any cron, in its time zone and in yours')
    .argument('[name-or-id]', 'of a scheduled target; without it --cron is looked at, offline')
    .option('--cron <fields>', 'five fields, such as "0 2 * * 2"')
    .option('--timezone <zone>', 'IANA name, such as America/New_York')
    .option('-n, --count <count>', 'how many', positiveInteger, 10)
    .option('--after <time>', 'from this time on, ISO 8601 (default: now)', moment)
    .addOption(
      new Option('--your-timezone <zone>', 'zone of the reader')
        .argParser(timeZone)
        .default(machineZone(), 'that of the machine'),
    )
    .addHelpText(
      'after',
      examples(
        'schedule preview "Production US East"',
        'schedule preview --cron "0 2 * * 2" --timezone America/New_York',
      ),
    )
    .action(async (target, options) => preview(cli, target, options));
  group
    .command('history')
    .description('show what came of the times of a target, newest first')
    .argument('<name-or-id>')
    .option('-n, --limit <count>', 'how many at most', positiveInteger, 20)
    .addHelpText('after', examples('schedule history "Production US East"', 'schedule history nightly --json'))
    .action(async (target, { limit }) => {
      const path = apiPath('targets', target, 'occurrences');
      const items = await allPages(limit, (page) => cli.api.get(path, OccurrenceList, page));
      cli.output.result({ items }, () => printOccurrences(cli.output, items));
    });
}

async function preview(cli: Cli, target: string | undefined, options: PreviewOptions): Promise<void> {
  const shown = target === undefined ? offline(options) : await ofTarget(cli, target, options);
  cli.output.result(shown, () => printPreview(cli.output, shown, options.yourTimezone));
}

async function ofTarget({ api }: Cli, target: string, options: PreviewOptions): Promise<ScheduleView> {
  if (options.cron !== undefined || options.timezone !== undefined)
    throw new CliError('target_or_cron', 'name a target, or give --cron and --timezone, not both');
  const { count, after } = options;
  return api.get(apiPath('targets', target, 'schedule'), ScheduleView, { count, ...(after && { after }) });
}

function offline({ cron, timezone, count, after }: PreviewOptions): Preview {
  if (cron === undefined || timezone === undefined)
    throw new CliError('target_or_cron', 'name a target, or give --cron and --timezone');
  const fault = cronFault({ cron, timezone });
  if (fault) throw new CliError('invalid_schedule', fault.detail, { field: fault.field });
  return { cron, timezone, next: upcomingOccurrences({ cron, timezone }, after ?? new Date().toISOString(), count) };
}

function printPreview(output: Output, { timezone, next }: Preview, yours: string): void {
  const rows = next.map(({ at, local, clock_change_minutes }) => [
    readable(local),
    readable(localTime(at, yours)),
    clockChange(clock_change_minutes),
  ]);
  output.table([timezone, `Yours (${yours})`, 'Clocks'], rows, 'it never comes');
}

/** `2026-03-10 02:00 -04:00` */
function readable(local: string): string {
  const [, day = '', time = '', offset = ''] = /^(.{10})T(.{5}):\d\d(.*)$/.exec(local) ?? [];
  return `${day} ${time} ${offset === 'Z' ? 'UTC' : offset}`;
}

function clockChange(minutes: number): string {
  if (minutes === 0) return '';
  return `${counted(Math.abs(minutes), 'minute')} ${minutes > 0 ? 'forward' : 'back'} since the time before`;
}

function printOccurrences(output: Output, occurrences: readonly OccurrenceView[]): void {
  const rows = occurrences.map(({ occurrence_at, until, count, outcome, version, project, ...occurrence }) => [
    count === 1 ? output.time(occurrence_at) : `${output.time(occurrence_at)} to ${output.time(until)}`,
    count === 1 ? outcome : `${count} ${outcome}`,
    version === null ? '' : `${project ?? ''} ${version}`,
    occurrence.publish_id ?? '',
    occurrence.reason ?? '',
  ]);
  output.table(['Time', 'Outcome', 'Version', 'Publish', 'Reason'], rows, 'nothing yet');
}

const machineZone = (): string => new Intl.DateTimeFormat().resolvedOptions().timeZone;
