import { PublishDetail, type ApprovalSummary, type CheckResult } from '@m3/contracts';
import { apiPath } from '../api/api-client.js';
import type { Cli } from '../cli.js';
import { findingLine } from '../output/findings.js';
import { printGates } from '../output/gates.js';
import type { Output } from '../output/output.js';
import { duration } from '../output/text.js';
import { shareText } from '../output/traffic.js';
import type { Program } from '../root-command.js';
import { elapsed, inWords, startText, stepMarks, stepNames, titleOf } from '../watch/steps.js';
import { examples } from './examples.js';

/** `show PUBLISH_ID`: everything about one publish, as it stands. */
export function registerShow(parent: Program, cli: Cli): void {
  parent
    .command('show')
    .description('show one publish: its steps, checks, approval, backup and outcome')
    .argument('<publish-id>')
    .addHelpText('after', examples('show pub_0196…', 'show pub_0196… --json'))
    .action(async (id) => {
      const publish = await cli.api.get(apiPath('publishes', id), PublishDetail);
      cli.output.result(publish, () => printPublish(cli.output, publish));
    });
}

function printPublish(output: Output, publish: PublishDetail): void {
  output.line(titleOf(publish), 'strong');
  output.fields(facts(output, publish));
  output.line('');
  for (const step of publish.steps) {
    const time = elapsed(step, Date.now());
    const detail = [time === null ? '' : duration(time), step.detail ?? ''].filter((part) => part !== '').join('  ');
    output.line(`${stepMarks[step.status]} ${stepNames[step.step].padEnd(24)} ${detail}`.trimEnd());
  }
  printChecks(output, publish);
}

function facts(output: Output, publish: PublishDetail): (readonly [string, string])[] {
  const took = publish.duration_ms === null ? '' : ` after ${duration(publish.duration_ms)}`;
  return [
    ['Publish', publish.publish_id],
    ['Status', `${output.isTerminal ? inWords(publish.status) : publish.status}${took}`],
    ['Requested', `${output.time(publish.requested_at)} by ${publish.requested_by} (${publish.trigger})`],
    ['Tagged by', publish.tagged_by],
    ...optional('Reason', publish.reason),
    ...optional('Before', publish.previous_version),
    ['Bundle', publish.bundle_digest],
    ...approvalFacts(output, publish),
    ...(publish.backup === null ? [] : [['Backup', publish.backup.name ?? publish.backup.backup_id] as const]),
    ...startFacts(output, publish),
    ...trafficFacts(output, publish),
    ...outcomeFacts(publish),
  ];
}

function startFacts(output: Output, publish: PublishDetail): (readonly [string, string])[] {
  const overrides = publish.overrides.map(({ by, at, reason }) => `${reason} (${by}, ${output.time(at)})`);
  return [...optional('Waits', startText(publish)), ...overrides.map((text) => ['Override', text] as const)];
}

function trafficFacts(output: Output, { traffic }: PublishDetail): (readonly [string, string])[] {
  if (traffic === null) return [];
  const { strategy, from_version, state, watch_until, judged } = traffic;
  const until = watch_until === null ? '' : ` until ${output.time(watch_until)}`;
  const share = state === 'done' ? 'all' : `${shareText(traffic)}, the rest to ${from_version}`;
  return [
    ['Traffic', `${strategy}: ${share}; ${state}${until}`],
    ...optional('Judged', judged && `share ${judged.step} ${judged.outcome}: ${judged.reason}`),
  ];
}

function outcomeFacts({ failure, outcome_reason: reason }: PublishDetail): (readonly [string, string])[] {
  if (failure === null) return optional('Outcome', reason);
  const byHand = failure.manual_steps.map((step) => ['By hand', step] as const);
  return [['Outcome', failure.reason], ...optional('Not known', failure.unknown), ...byHand];
}

function approvalFacts(
  output: Output,
  { approval, void_approvals, approval_proof }: PublishDetail,
): (readonly [string, string])[] {
  const all = [...(approval === null ? [] : [approval]), ...void_approvals];
  return [...all.flatMap((each) => oneApproval(output, each)), ...proofFacts(approval_proof)];
}

function oneApproval(output: Output, approval: ApprovalSummary): (readonly [string, string])[] {
  const { status, approvals_given: given, approvals_needed: needed, outcome_reason: reason } = approval;
  const why = status === 'void' && reason !== null ? `: ${reason}` : '';
  return [
    ['Approval', `${status}, ${given} of ${needed}${why}`],
    ...approval.votes.map((vote) => ['Vote', voteText(output, vote)] as const),
    ...approval.comments.map(({ by, comment, at }) => ['Comment', `${by} at ${output.time(at)}: ${comment}`] as const),
  ];
}

function proofFacts(proof: PublishDetail['approval_proof']): (readonly [string, string])[] {
  if (proof === null) return [];
  const { approved_digest: approved, deployed_digest: deployed, equal } = proof;
  if (equal === null) return [['Approved', approved]];
  return [['Proof', equal ? `deployed as approved (${approved})` : `approved ${approved}, deployed ${deployed ?? ''}`]];
}

function voteText(output: Output, vote: ApprovalSummary['votes'][number]): string {
  const comment = vote.comment === null ? '' : `: ${vote.comment}`;
  const when = vote.relative === null ? '' : ` (${vote.relative})`;
  const taken = vote.withdrawn_at === null ? '' : `, withdrawn at ${output.time(vote.withdrawn_at)}`;
  return `${vote.decision} by ${vote.by} at ${output.time(vote.at)}${when}${taken}${comment}`;
}

function optional(name: string, value: string | null): (readonly [string, string])[] {
  return value === null ? [] : [[name, value]];
}

function printChecks(output: Output, { validation, gates, verification }: PublishDetail): void {
  if (gates !== null) {
    output.line('');
    printGates(output, gates);
  }
  for (const round of [validation, verification]) printTroubles(output, round?.checks ?? []);
}

function printTroubles(output: Output, checks: readonly CheckResult[]): void {
  for (const { name, outcome, message, findings } of checks.filter((check) => check.outcome !== 'passed')) {
    output.line(`${name}: ${outcome}: ${message}`, 'bad');
    for (const finding of findings) output.line(`  ${findingLine(finding)}`);
  }
}
