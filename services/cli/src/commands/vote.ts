import { PublishDetail, VoteAccepted } from '@m3/contracts';
import { apiPath } from '../api/api-client.js';
import type { Cli } from '../cli.js';
import { CliError } from '../cli-error.js';
import { exitCodes } from '../exit-codes.js';
import type { Program } from '../root-command.js';
import { inWords } from '../watch/steps.js';
import { examples } from './examples.js';

/** `approve`, `reject`, `withdraw` and `comment`, by approval id or publish id. */
export function registerVotes(parent: Program, cli: Cli): void {
  parent
    .command('approve')
    .description('approve a publish that waits for it')
    .argument('<id>', 'publish id or approval id; `m3-publish approvals` lists them')
    .option('--comment <text>', 'kept with the vote')
    .addHelpText('after', examples('approve pub_0196…', 'approve apr_0196… --comment "looks right"'))
    .action(async (id, { comment }) => vote(cli, id, 'approve', comment));
  parent
    .command('reject')
    .description('reject a publish that waits for approval; one rejection ends it')
    .argument('<id>', 'publish id or approval id')
    .requiredOption('--comment <text>', 'why; shown to everybody')
    .addHelpText('after', examples('reject pub_0196… --comment "not before the audit"'))
    .action(async (id, { comment }) => vote(cli, id, 'reject', comment));
  parent
    .command('withdraw')
    .description('take your vote back while the approval waits')
    .argument('<id>', 'publish id or approval id')
    .addHelpText('after', examples('withdraw pub_0196…'))
    .action(async (id) => vote(cli, id, 'withdraw', undefined));
  parent
    .command('comment')
    .description('say something about a publish that waits for approval, without voting')
    .argument('<id>', 'publish id or approval id')
    .requiredOption('--comment <text>', 'shown to everybody')
    .addHelpText('after', examples('comment pub_0196… --comment "who is on call tonight?"'))
    .action(async (id, { comment }) => vote(cli, id, 'comments', comment));
}

const done = {
  approve: 'approved by you',
  reject: 'rejected by you',
  withdraw: 'your vote is withdrawn',
  comments: 'said',
} as const;

async function vote(cli: Cli, id: string, decision: keyof typeof done, comment: string | undefined): Promise<void> {
  const { api, output } = cli;
  const approvalId = id.startsWith('pub_') ? await approvalOf(cli, id) : id;
  const body = comment === undefined ? {} : { comment };
  const options = { body, idempotencyKey: cli.idempotencyKey };
  const reply = await api.post(apiPath('approvals', approvalId, decision), VoteAccepted, options);
  output.result(reply, () => {
    const state = reply.status === 'open' ? 'still open: more approvals are needed' : inWords(reply.status);
    output.line(`${reply.approval_id}: ${done[decision]}; the approval is ${state}`);
  });
}

async function approvalOf({ api }: Cli, publishId: string): Promise<string> {
  const { approval, status } = await api.get(apiPath('publishes', publishId), PublishDetail);
  if (approval !== null) return approval.approval_id;
  throw new CliError('no_approval', `${publishId} asks for no approval (it is ${inWords(status)})`, {
    remedy: `m3-publish why ${publishId}`,
    exitCode: exitCodes.failed,
  });
}
