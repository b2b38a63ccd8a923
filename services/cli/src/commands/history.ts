import { PublishList, PublishStatus, type PublishSummary } from '@m3/contracts';
import { Option } from '@commander-js/extra-typings';
import { allPages } from '../api/all-pages.js';
import type { Cli } from '../cli.js';
import type { Output } from '../output/output.js';
import { duration } from '../output/text.js';
import type { Program } from '../root-command.js';
import { inWords } from '../watch/steps.js';
import { examples } from './examples.js';
import { positiveInteger } from './option-values.js';

const statuses = PublishStatus.anyOf.map((status) => status.const);

interface Options {
  readonly target?: string | undefined;
  readonly status?: string | undefined;
  readonly project?: string | undefined;
  readonly version?: string | undefined;
  readonly overdue?: 'true' | undefined;
  readonly limit: number;
  readonly all?: true | undefined;
}

/** `history`: publishes, newest first. */
export function registerHistory(parent: Program, cli: Cli): void {
  parent
    .command('history')
    .description('list publishes, newest first')
    .option('-t, --target <name-or-id>', 'of one target')
    .addOption(new Option('-s, --status <status>', 'with one status').choices(statuses))
    .option('-p, --project <project>', 'of one project')
    .option('--of-version <version>', 'of one version')
    .option('--overdue', 'only those that are past a deadline')
    .option('-n, --limit <count>', 'how many at most', positiveInteger, 20)
    .option('--all', 'all of them, page after page')
    .addHelpText(
      'after',
      examples(
        'history',
        'history --target staging --status failed',
        'history --project invoice-pipeline --all --json',
      ),
    )
    .action(async ({ ofVersion, overdue, ...options }) =>
      history(cli, { ...options, version: ofVersion, overdue: overdue && 'true' }),
    );
}

async function history({ api, output }: Cli, { limit, all, ...filters }: Options): Promise<void> {
  const publishes = await allPages(all === true ? Infinity : limit, (page) =>
    api.get('publishes', PublishList, { ...filters, ...page }),
  );
  output.result({ items: publishes }, () => {
    const headings = ['Requested', 'Project', 'Version', 'Target', 'Status', 'Took', 'By', 'Publish'];
    const rows = publishes.map((publish) => [
      output.time(publish.requested_at),
      publish.project,
      publish.version,
      publish.target_name,
      statusText(output, publish),
      publish.duration_ms === null ? '' : duration(publish.duration_ms),
      byText(publish),
      publish.publish_id,
    ]);
    output.table(headings, rows, 'no publishes');
  });
}

function byText({ trigger, requested_by }: PublishSummary): string {
  if (trigger === 'emergency') return `${requested_by} (EMERGENCY)`;
  return trigger === 'manual' ? requested_by : `${requested_by} (${trigger})`;
}

/** The status, and of one that waits for its start when that is expected, or since when it is overdue. */
function statusText(output: Output, { status, start_delay, overdue_since }: PublishSummary): string {
  if (!output.isTerminal) return status;
  if (overdue_since !== null) return `${inWords(status)}, overdue since ${output.time(overdue_since)}`;
  const until = start_delay?.resume_at ?? null;
  return until === null ? inWords(status) : `${inWords(status)} until ${output.time(until)}`;
}
