import type { EventData, PublishEvent } from '@m3/contracts';
import { after, askSeconds } from './deadlines.js';
import { cancelled, failed } from './publish.checks.js';
import type { Moment, TargetAnswer } from './publish.inputs.js';
import { subjectOf, type Doubtful, type Failure, type InStatus } from './publish.state.js';
import { restored, rollbackFailed, undo } from './publish.undo.js';

/**
 * Before it is decided about a step whose outcome nobody knows, the target is asked what is true. If it answers, the step
 * is asked for once more while there is time (steps change nothing the second time), or is undone for what is known.
 * Only what the target does not say either is unknown, and undone whatever it was.
 */

type Truth = NonNullable<TargetAnswer['found']>;
type Doubt = InStatus<'asking'>;
type Fenced = InStatus<'deploying' | 'shifting' | 'returning' | 'activating'>;
type Step = Exclude<Doubt['about'], { status: 'restoring' }>;

const stepOf = { deploying: 'deploying', activating: 'activating', restoring: 'rolling_back' } as const;

/** Asks the target about a step that failed, or that hangs. */
export function ask(state: Doubtful, failure: Omit<Failure, 'step'>, moment: Moment): readonly PublishEvent[] {
  const { request, fence } = state;
  const { code, reason, timed_out, unknown } = failure;
  const step = stepOf[state.status];
  const deadline_at = after(moment.now, askSeconds);
  const data = { subject: subjectOf(request), step, fence, code, reason, timed_out, unknown, deadline_at };
  return [{ type: 'TargetStateRequested', data }];
}

/** A step that failed: what is surely not there is undone at once, for anything else the target is asked, once. */
export function afterFailure(
  state: Step,
  { code, reason, unknown }: Pick<Failure, 'code' | 'reason' | 'unknown'>,
  moment: Moment,
): readonly PublishEvent[] {
  const why = { code, reason, unknown, timed_out: false };
  if (code === 'fenced') return [takenOver(state, reason)];
  return unknown === null || state.asked
    ? undo(state, { ...why, step: state.status }, moment)
    : ask(state, why, moment);
}

/**
 * Somebody newer has taken the target over, by hand or for another publish, and decides what is on it. Nothing of this
 * publish is active, so there is nothing to undo; the target would refuse that as well.
 */
export function takenOver({ request, status, cancel, asked }: Fenced, reason: string): PublishEvent {
  if (cancel !== null) return cancelled(request, cancel);
  const step = status === 'deploying' ? 'deploying' : 'activating';
  const unknown = asked && status === 'activating' ? 'whether the version had been active for a moment' : null;
  return failed(request, { step, code: 'fenced', reason: reason.slice(0, 2000), unknown });
}

/** A restore that failed may have happened all the same. */
export function afterFailedRestore(
  state: InStatus<'restoring'>,
  { backup_id, code, reason }: EventData<'BackupRestoreFailed'>,
  moment: Moment,
): readonly PublishEvent[] {
  if (backup_id !== state.backup_id) return [];
  return ask(state, { code, reason, timed_out: false, unknown: 'whether the target was put back' }, moment);
}

/** An answer about another step came too late to be of use. */
export function afterAnswer(state: Doubt, answer: TargetAnswer, moment: Moment): readonly PublishEvent[] {
  const { publish_id, target } = state.request;
  if (answer.step !== state.failure.step) return [];
  const told: PublishEvent = {
    type: 'TargetStateFound',
    data: { publish_id, target_id: target.target_id, ...answer },
  };
  return [told, ...settle(state, answer, moment)];
}

/** The target does not say: what was not known stays so. */
export function withoutAnswer(state: Doubt, moment: Moment): readonly PublishEvent[] {
  const reason = `the target did not say what is true by ${state.deadline_at}`;
  return afterAnswer(state, { step: state.failure.step, found: null, reason }, moment);
}

function settle({ about, failure }: Doubt, { found, reason }: TargetAnswer, moment: Moment): readonly PublishEvent[] {
  const why: Failure = {
    ...failure,
    reason: `${failure.reason}; ${reason}`.slice(0, 2000),
    unknown: found === null ? failure.unknown : null,
  };
  if (about.status === 'restoring') {
    if (found !== null && isSettled(about, found)) return restored(about, found.active_version, moment);
    return [rollbackFailed(about.request, why.code, why.reason, about.backup_id)];
  }
  return found === null ? undo(about, why, moment) : settleStep(about, why, found, moment);
}

/** It was put back (nothing else writes under the fence of a restore), or belongs to somebody newer and never served this. */
function isSettled({ fence, was_active, request }: InStatus<'restoring'>, found: Truth): boolean {
  return found.fence === fence || (found.fence > fence && !was_active && found.active_version !== request.version);
}

function settleStep(about: Step, why: Failure, found: Truth, moment: Moment): readonly PublishEvent[] {
  if (!why.timed_out && goesOn(about, found, moment)) return [again(about)];
  if (!serves(about, found))
    return found.fence > about.fence ? [takenOver(about, why.reason)] : undo(about, why, moment);
  const { expected_version: previous_version } = about;
  return [activatedMeanwhile(about), ...undo({ ...about, status: 'active', previous_version }, why, moment)];
}

/** Whether asking for the step once more may bring it to its end. */
function goesOn({ cancel, deadline_at, fence }: Step, found: Truth, { now }: Moment): boolean {
  const reachable = found.gateway === 'answers' && found.fence <= fence && found.release !== 'other_contents';
  return cancel === null && reachable && Date.parse(deadline_at) > Date.parse(now);
}

/** Whether the version became active by this publish. */
function serves({ status, request, fence }: Step, { active_version, active_fence }: Truth): boolean {
  return status === 'activating' && active_version === request.version && active_fence === fence;
}

function again({ status, request, fence, backup_id, expected_version, deadline_at }: Step): PublishEvent {
  const asked = { subject: subjectOf(request), fence, expected_version, deadline_at };
  return status === 'deploying'
    ? { type: 'DeploymentRequested', data: { ...asked, backup_id } }
    : { type: 'ActivationRequested', data: asked };
}

/** What the target says, for the log: readers saw the version. */
function activatedMeanwhile({ request, fence, expected_version }: Step): PublishEvent {
  const { publish_id, project, version, target } = request;
  const { target_id } = target;
  return {
    type: 'VersionActivated',
    data: {
      ...{ publish_id, target_id, project, version, fence, previous_version: expected_version },
      ...{ draining: [], duration_ms: 0, log: [] },
    },
  };
}
