import { Option } from '@commander-js/extra-typings';
import { ApprovalList, type ApprovalSummary } from '@m3/contracts';
import { allPages } from '../api/all-pages.js';
import type { Cli } from '../cli.js';
import type { Program } from '../root-command.js';
import { examples } from './examples.js';
import { positiveInteger } from './option-values.js';

/** `approvals`: what waits for a decision. */
export function registerApprovals(parent: Program, cli: Cli): void {
  parent
    .command('approvals')
    .description('list approvals: those that wait for a decision, or others')
    .addOption(
      new Option('-s, --status <status>', 'which ones')
        .choices(['open', 'granted', 'rejected', 'closed', 'void'] as const)
        .default('open' as const),
    )
    .option('-n, --limit <count>', 'how many at most', positiveInteger, 50)
    .addHelpText('after', examples('approvals', 'approvals --status rejected --json'))
    .action(async ({ status, limit }) => {
      const items = await allPages(limit, (page) => cli.api.get('approvals', ApprovalList, { status, ...page }));
      cli.output.result({ items }, () => printApprovals(cli, items, `no ${status} approvals`));
    });
}

function printApprovals({ output }: Cli, approvals: readonly ApprovalSummary[], empty: string): void {
  const headings = ['Opened', 'Project', 'Version', 'Target', 'Votes', 'Approvers', 'Asked by', 'Until', 'Publish'];
  const rows = approvals.map((approval) => [
    output.time(approval.opened_at),
    approval.project,
    approval.version,
    approval.target_name,
    `${approval.approvals_given}/${approval.approvals_needed}`,
    approval.rule.approvers.length === 0 ? 'anyone with the role' : approval.rule.approvers.join(', '),
    approval.requested_by,
    output.time(approval.expires_at),
    approval.publish_id,
  ]);
  output.table(headings, rows, empty);
}
