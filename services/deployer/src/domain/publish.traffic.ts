import type { EventData, PublishEvent, TargetSnapshot, TrafficPlan } from '@m3/contracts';
import { after, trafficReturnSeconds, trafficGraceSeconds } from './deadlines.js';
import { takenOver } from './publish.asking.js';
import type { Moment, PublishInput, TrafficReturnResult } from './publish.inputs.js';
import { subjectOf, type Failure, type InStatus, type PublishRequest } from './publish.state.js';
import { cancelledIn, undo } from './publish.undo.js';
import { outranking } from './slot.js';
import { judgeTraffic, type Verdict } from './traffic.judge.js';

/**
 * Strategies (spec section 11): new executions are brought to a version share by share, each share is watched, and what
 * does not do well gets none any more. The version before stays the active one until all shares went well.
 */

type Share = TrafficPlan['steps'][number];

/** Whatever the target says of backups: what is watched has to be taken back with nobody there. */
export function needsBackup({ require_backup, traffic }: Pick<TargetSnapshot, 'require_backup' | 'traffic'>): boolean {
  return require_backup || traffic !== undefined;
}

/** The shares before the version becomes the active one; none: it gets all executions at once. */
export function sharesOf({ target, version }: PublishRequest, active: string | null): readonly Share[] {
  return target.traffic === undefined ? [] : sharesIn(target.traffic, version, active);
}

/** Those of a plan, for a version that would take the place of the active one. */
export function sharesIn({ steps }: TrafficPlan, version: string, active: string | null): readonly Share[] {
  // With nothing active, or this version already, there is nothing to split.
  if (active === null || active === version) return [];
  // Activation itself brings all executions: a last share that nobody watches would do the same.
  return steps.filter(({ weight, pause_seconds }) => weight < 100 || pause_seconds > 0);
}

/** What is known when a share ends well: how many did, and from when the deployment has how long. */
interface Brought {
  readonly request: PublishRequest;
  readonly expected_version: string | null;
  /** Of what was done last. */
  readonly fence: number;
  readonly deadline_at: string;
  readonly done: number;
}

/** The next share of the traffic, or all of it and the pointer. */
export function bring({ request, expected_version, fence, deadline_at, done }: Brought): PublishEvent {
  const subject = subjectOf(request);
  const shares = sharesOf(request, expected_version);
  const share = shares[done];
  if (share === undefined || expected_version === null) {
    // Without shares nothing was done under a fence of its own.
    const above = shares.length === 0 ? fence : outranking(fence);
    return { type: 'ActivationRequested', data: { subject, fence: above, expected_version, deadline_at } };
  }
  return {
    type: 'TrafficShiftRequested',
    data: {
      ...{ subject, fence: outranking(fence), step: done + 1, weight: share.weight, steps: shares.length },
      ...{ from_version: expected_version, deadline_at },
    },
  };
}

export function afterShift(
  state: InStatus<'shifting'>,
  { step: tried, result }: Extract<PublishInput, { type: 'TrafficShiftTried' }>,
  moment: Moment,
): readonly PublishEvent[] {
  const { request, fence, step, cancel } = state;
  if (tried !== step) return [];
  if (result.outcome === 'failed') return afterFailedShift(state, result, moment);
  const { now } = moment;
  const { traffic, target_id } = request.target;
  const shares = sharesOf(request, state.from_version);
  const share = shares[step - 1];
  if (!traffic || !share) throw new Error(`${request.publish_id} has no share ${step}`);
  const watch_until = after(now, share.pause_seconds);
  const { counted, duration_ms, log } = result;
  const shifted: EventData<'TrafficShifted'> = {
    ...{ publish_id: request.publish_id, target_id, version: request.version, from_version: state.from_version, fence },
    ...{ step, weight: share.weight, steps: shares.length, counted, shifted_at: now, watch_until },
    deadline_at: after(watch_until, traffic.extend_seconds + trafficGraceSeconds),
    ...{ duration_ms, log },
  };
  const events: PublishEvent[] = [{ type: 'TrafficShifted', data: shifted }];
  if (cancel) events.push(giveBack({ ...state, served: true }, cancelledIn('activating', cancel), moment));
  return events;
}

/** Nothing was shifted for sure: what is there is undone at once. Else the traffic is taken back first. */
function afterFailedShift(
  state: InStatus<'shifting'>,
  { code, reason, unknown }: Pick<Failure, 'code' | 'reason' | 'unknown'>,
  moment: Moment,
): readonly PublishEvent[] {
  if (code === 'fenced') return [takenOver(state, reason)];
  const failure: Failure = { step: 'activating', code, reason, unknown, timed_out: false };
  const untouched = unknown === null && !state.served;
  return untouched ? undo(state, failure, moment) : [giveBack(state, failure, moment)];
}

/** Looked at again and again until there is something to say. A look at an earlier share says nothing about this one. */
export function afterLook(
  state: InStatus<'watching'>,
  { step, measured }: Extract<PublishInput, { type: 'TrafficMeasured' }>,
  moment: Moment,
): readonly PublishEvent[] {
  const { request, shifted_at, expected_version, fence } = state;
  const { traffic, target_id } = request.target;
  if (step !== state.step || !traffic) return [];
  if (wasSetBack(shifted_at, moment.now)) return [again(state)];
  const verdict = judgeTraffic(traffic, measured, state, moment.now);
  if (verdict.outcome === 'watch') return [];
  const { weight } = state;
  const judged: EventData<'TrafficJudged'> = {
    ...{ publish_id: request.publish_id, target_id, step, weight, measured },
    ...{ outcome: verdict.outcome, reason: verdict.reason },
  };
  const events: PublishEvent[] = [{ type: 'TrafficJudged', data: judged }];
  if (verdict.outcome === 'failed') events.push(giveBack(state, faultOf(verdict), moment));
  if (verdict.outcome === 'passed') {
    // Watching uses none of the deployment's time.
    const watched = (Date.parse(moment.now) - Date.parse(shifted_at)) / 1000;
    const deadline_at = after(state.deployment_deadline_at, watched);
    events.push(bring({ request, expected_version, fence, deadline_at, done: step }));
  }
  return events;
}

/** More than what clocks of one installation differ by. */
const skewMs = 60_000;

/** Whether the clock that said when the share was brought was ahead, and was put right since. */
function wasSetBack(shifted_at: string, now: string): boolean {
  return Date.parse(now) < Date.parse(shifted_at) - skewMs;
}

/** The share once more: from when it is watched is not known. */
function again({ request, expected_version, fence, deployment_deadline_at, step }: InStatus<'watching'>): PublishEvent {
  return bring({ request, expected_version, fence, deadline_at: deployment_deadline_at, done: step - 1 });
}

function faultOf({ code, reason }: Extract<Verdict, { outcome: 'failed' }>): Failure {
  return { step: 'activating', code, reason, timed_out: false, unknown: null };
}

/** Lets no new executions begin on the version any more, before it is taken back from the target. */
export function giveBack(
  state: Pick<InStatus<'shifting' | 'watching'>, 'request' | 'fence' | 'from_version' | 'served'>,
  { code, reason, timed_out, unknown }: Failure,
  { now }: Moment,
): PublishEvent {
  return {
    type: 'TrafficReturnRequested',
    data: {
      ...{ subject: subjectOf(state.request), fence: outranking(state.fence), back_to: state.from_version },
      served: state.served || unknown !== null,
      ...{ code, reason: reason.slice(0, 2000), timed_out, unknown },
      deadline_at: after(now, trafficReturnSeconds),
    },
  };
}

/** The restore sets the routes as well: it follows whatever came of this. */
export function afterReturn(
  state: InStatus<'returning'>,
  result: TrafficReturnResult,
  moment: Moment,
): readonly PublishEvent[] {
  const { request, failure } = state;
  if (result.outcome === 'fenced') return [takenOver(state, result.reason)];
  const returned: EventData<'TrafficReturned'> = {
    ...{ publish_id: request.publish_id, target_id: request.target.target_id },
    ...result,
  };
  return [{ type: 'TrafficReturned', data: returned }, ...undo(state, failure, moment)];
}
