import { ApprovalList, DeadLetterList, MeReply, TargetList } from '@m3/contracts';
import { allPages } from '../api/all-pages.js';
import type { Cli } from '../cli.js';
import { counted } from '../output/text.js';
import type { Program } from '../root-command.js';
import { examples } from './examples.js';
import { printTargets } from './target-list.js';

/** `status`: who you are, how the targets stand, what waits for people. */
export function registerStatus(parent: Program, cli: Cli): void {
  parent
    .command('status')
    .description('show who you are, how the targets stand, and what waits for people')
    .addHelpText('after', examples('status', 'status --json'))
    .action(async () => status(cli));
}

async function status({ api, output }: Cli): Promise<void> {
  const me = await api.get('me', MeReply);
  const [targets, approvals, letters] = await Promise.all([
    allPages(Infinity, (page) => api.get('targets', TargetList, page)),
    allPages(1000, (page) => api.get('approvals', ApprovalList, { status: 'open', ...page })),
    allPages(1000, (page) => api.get('dead-letters', DeadLetterList, { status: 'open', ...page })),
  ]);
  const document = { url: api.settings.url, me, targets, open_approvals: approvals, open_dead_letters: letters };
  output.result(document, () => {
    const signedIn = `${me.id} (${me.roles.join(', ')})`;
    const waiting = `${counted(approvals.length, 'approval')}, ${counted(letters.length, 'dead letter')}`;
    output.fields([
      ['Gateway', api.settings.url],
      ['Signed in', signedIn],
      ['Waiting', waiting],
    ]);
    output.line('');
    printTargets(output, targets);
  });
}
