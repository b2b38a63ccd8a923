import { isFinalPublishStatus, type PublishWhy, type StartDelay } from '@m3/contracts';
import { assertNever } from '@m3/decider';
import { blockText, waitingStatus } from '@m3/policies';
import type { PublishRow, Step, Waiting } from '../projections/publish-row.js';
import { moversOf } from './start-movers.js';
import { trafficReason } from './traffic-why.js';

/** Which service does a step. */
const doers: Readonly<Record<Step, string>> = {
  validating: 'gates',
  gating: 'gates',
  awaiting_approval: 'approvals',
  backing_up: 'backups',
  deploying: 'deployer',
  activating: 'deployer',
  verifying: 'deployer',
  notifying: 'notifier',
  rolling_back: 'backups',
  checking_backup: 'backups',
  stopping_routing: 'deployer',
  restoring_backup: 'backups',
};

type Reason = Omit<PublishWhy, 'publish_id' | 'status'>;

/** What a publish waits for, since when, and who or what can move it. */
export function publishWhy(publish: PublishRow, now: Date): PublishWhy {
  const { publish_id, status, waiting } = publish;
  const reason = reasonOf(publish, waiting, now);
  // What is being undone is not cancelled any more.
  if (isFinalPublishStatus(status) || status === 'rolling_back') return { publish_id, status, ...reason };
  const cancel = {
    who: 'an operator (admin or maintainer)',
    how: `m3-publish cancel ${publish_id} --reason …`,
  };
  return { publish_id, status, ...reason, can_be_moved_by: [...reason.can_be_moved_by, cancel] };
}

function approverText({ rule }: Extract<Waiting, { for: 'approval' }>): string {
  if (rule === undefined || rule.approvers.length === 0) return 'an approver';
  return `${rule.quorum} of ${rule.approvers.join(', ')}`;
}

function reasonOf(publish: PublishRow, waiting: Waiting, now: Date): Reason {
  switch (waiting.for) {
    case 'nothing':
      return {
        ...untimed,
        waits_for: 'nothing',
        explanation: endedText(publish),
        since: publish.ended_at,
        can_be_moved_by: [],
      };
    case 'deployer':
      return stepReason('It waits for the deployer to ask for its next step.', waiting.since, null, 'deployer');
    case 'step': {
      const { step, since, deadline_at } = waiting;
      const text = `It waits for the step "${step.replaceAll('_', ' ')}" to end; past its deadline it is failed as timed out.`;
      return stepReason(text, since, deadline_at, doers[step]);
    }
    case 'target': {
      const { step, since, deadline_at } = waiting;
      const text = `What came of the step "${step.replaceAll('_', ' ')}" is not known: ${publish.target_name} is asked. Without an answer it is undone.`;
      return { ...stepReason(text, since, deadline_at, 'deployer'), waits_for: 'target' };
    }
    case 'approval':
      return {
        ...untimed,
        waits_for: 'approval',
        explanation: 'It waits for people to approve it.',
        since: waiting.since,
        deadline_at: waiting.deadline_at,
        can_be_moved_by: [{ who: approverText(waiting), how: `m3-publish approve ${waiting.approval_id}` }],
      };
    case 'start':
      return startReason(publish, waiting, now);
    case 'override': {
      const { gates, roles, since, deadline_at } = waiting;
      const how = gates.map((gate) => `m3-publish gate override ${publish.publish_id} ${gate} --reason …`).join('; ');
      return {
        ...untimed,
        waits_for: 'override',
        explanation: `Quality gates did not pass (${gates.join(', ')}). They may be overridden; past the deadline it fails.`,
        since,
        deadline_at,
        can_be_moved_by: [{ who: `someone with one of the roles ${roles.join(', ')}`, how }],
      };
    }
    case 'traffic':
      return trafficReason(publish, waiting);
    case 'traffic_return': {
      const { back_to, since, deadline_at } = waiting;
      const text = `New executions go back to ${back_to}; then the target is put back to its backup, whatever comes of it.`;
      return stepReason(text, since, deadline_at, 'deployer');
    }
    case 'slot':
      return {
        ...untimed,
        waits_for: 'slot',
        explanation: `It waits for its turn on ${publish.target_name}: ${waiting.ahead.length} publish(es) are ahead.`,
        since: waiting.since,
        can_be_moved_by: waiting.ahead.map((id) => ({
          who: `the end of publish ${id}`,
          how: `GET /publishes/${id}/why`,
        })),
      };
    default:
      return assertNever(waiting);
  }
}

/** Most of what a publish waits for says neither a deadline nor a time at which it goes on. */
const untimed = { deadline_at: null, resume_at: null, blocks: [] };

/** What has come to its own end since the publish looked last does not hold it up any more, though it waits for the rest. */
function startReason(publish: PublishRow, { since, resume_at, blocks: recorded }: StartDelay, now: Date): Reason {
  const blocks = recorded.filter(({ until }) => until === null || Date.parse(until) > now.getTime());
  const text = blocks.map((block) => blockText(block)).join('; ') || 'it looks again in a moment';
  const bySelf = resume_at === null ? '' : ` It goes on by itself at ${resume_at}.`;
  return {
    ...untimed,
    waits_for: whatFor[waitingStatus(blocks.length > 0 ? blocks : recorded)],
    explanation: `It may not start yet: ${text}.${bySelf}`,
    ...{ since, resume_at, blocks },
    can_be_moved_by: blocks.flatMap((block) => moversOf(block, publish)),
  };
}

const whatFor = {
  waiting_for_window: 'window',
  waiting_for_release: 'release',
  waiting_for_promotion: 'promotion',
} as const;

function stepReason(explanation: string, since: string, deadline_at: string | null, service: string): Reason {
  const how = `it goes on by itself; if it does not, see whether ${service} runs`;
  return {
    ...untimed,
    waits_for: 'step',
    explanation,
    since,
    deadline_at,
    can_be_moved_by: [{ who: `the service ${service}`, how }],
  };
}

function endedText({ status, outcome_reason }: PublishRow): string {
  const text = `It waits for nothing: it has ended as ${status.replaceAll('_', ' ')}.`;
  return outcome_reason === null ? text : `${text} ${outcome_reason}`;
}
