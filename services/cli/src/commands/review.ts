import { Option } from '@commander-js/extra-typings';
import { ReviewCloseAccepted, ReviewList, ReviewStatus, ReviewView } from '@m3/contracts';
import { allPages } from '../api/all-pages.js';
import { apiPath } from '../api/api-client.js';
import type { Cli } from '../cli.js';
import type { Output } from '../output/output.js';
import { type CommandGroup, commandGroup, type Program } from '../root-command.js';
import { examples } from './examples.js';
import { positiveInteger } from './option-values.js';

const statuses = ReviewStatus.anyOf.map((status) => status.const);

/** `review list|show|close`: what is learnt from emergencies. */
export function registerReview(parent: Program, cli: Cli): void {
  const group = commandGroup(parent, 'review', 'what is learnt from emergencies: list, show and close their reviews');
  registerList(group, cli);
  registerClose(group, cli);
  group
    .command('show')
    .description('show the review of an emergency publish')
    .argument('<review-id>')
    .addHelpText('after', examples('review show rev_0196…'))
    .action(async (id) => {
      const review = await cli.api.get(apiPath('reviews', id), ReviewView);
      cli.output.result(review, () => printReview(cli.output, review));
    });
}

function registerList(group: CommandGroup, cli: Cli): void {
  group
    .command('list')
    .description('list reviews, newest first; an open one holds up the next emergency on its target')
    .addOption(new Option('-s, --status <status>', 'which ones').choices(statuses))
    .option('-n, --limit <count>', 'how many at most', positiveInteger, 50)
    .addHelpText('after', examples('review list', 'review list --status open'))
    .action(async ({ status, limit }) => {
      const items = await allPages(limit, (page) => cli.api.get('reviews', ReviewList, { status, ...page }));
      cli.output.result({ items }, () => {
        const rows = items.map((review) => [
          cli.output.time(review.opened_at),
          review.status,
          review.project,
          review.version,
          review.target_name,
          review.requested_by,
          review.closed_by ?? '',
          review.review_id,
        ]);
        const headings = ['Opened', 'Status', 'Project', 'Version', 'Target', 'Asked by', 'Closed by', 'Review'];
        cli.output.table(headings, rows, 'no reviews');
      });
    });
}

function registerClose(group: CommandGroup, cli: Cli): void {
  group
    .command('close')
    .description('close a review; never by whoever asked for the emergency')
    .argument('<review-id>')
    .requiredOption('--findings <text>', 'what was found; kept in the log')
    .option('--follow-up <text...>', 'what is to be done')
    .addHelpText(
      'after',
      examples('review close rev_0196… --findings "nobody was paged" --follow-up "page on a full queue"'),
    )
    .action(async (id, { findings, followUp = [] }) => {
      const options = { body: { findings, follow_ups: followUp }, idempotencyKey: cli.idempotencyKey };
      const reply = await cli.api.post(apiPath('reviews', id, 'close'), ReviewCloseAccepted, options);
      cli.output.result(reply, () => cli.output.line(`${reply.review_id}: closed`));
    });
}

function printReview(output: Output, review: ReviewView): void {
  const closed = review.closed_at === null ? '' : ` ${output.time(review.closed_at)} by ${review.closed_by ?? ''}`;
  output.line(`EMERGENCY ${review.project} ${review.version} → ${review.target_name}`, 'strong');
  output.fields([
    ['Review', review.review_id],
    ['Publish', review.publish_id],
    ['Status', `${review.status}${closed}`],
    ['Asked by', review.requested_by],
    ['Why', review.justification ?? 'not said'],
    ...(review.findings === null ? [] : [['Findings', review.findings] as const]),
    ...review.follow_ups.map((text) => ['Follow-up', text] as const),
  ]);
}
