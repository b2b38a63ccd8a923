import { canonicalDigest, type PublishEvent } from '@m3/contracts';
import { accept, reject, type Decision, type Refusal } from '@m3/decider';
import { judgeStart, notOverridable, type Judgement } from '@m3/policies';
import { hasStatus, subjectOf, type InStatus, type PublishRequest, type PublishState } from './publish.state.js';
import type { StartRules } from './start-rules.js';

/** Whether a publish may start, judged at the moment of the start by the rules that are in force then (spec section 9). */

const startable = ['ready', 'waiting_to_start', 'awaiting_slot'] as const;
export type Startable = InStatus<(typeof startable)[number]>;

/** Whether nothing but the rules for starts and a slot is missing. */
export function isStartable(state: PublishState): state is Startable {
  return hasStatus(state, startable);
}

export function judge(state: Startable, rules: StartRules, now: string): Judgement {
  const { request, overridden } = state;
  return judgeStart({ ...rules, publish: request, overridden }, now);
}

/** What was asked for with the publish itself: to start despite windows and freezes, if the roles of back then allow it. */
export function overriddenByRequest(state: Startable, { blocks }: Judgement): readonly PublishEvent[] {
  const { override, requested_by } = state.request;
  if (override === undefined || blocks.length === 0 || notOverridable(blocks, override.roles).length > 0) return [];
  return [overridden(state.request, { by: requested_by, reason: override.reason }, blocks)];
}

/** The delay, unless it is the same as before. */
export function delayed(state: Startable, judged: Judgement, rules: StartRules): readonly PublishEvent[] {
  const { blocks, earliestStart: resume_at } = judged;
  const before = state.status === 'waiting_to_start' ? [state.blocks, state.resume_at] : null;
  if (before && canonicalDigest(before) === canonicalDigest([blocks, resume_at])) return [];
  const data = { subject: subjectOf(state.request), blocks: [...blocks], resume_at, judged_by: rules.judgedBy };
  return [{ type: 'StartDelayed', data }];
}

/** Why there is nothing to override in a publish that does not wait for its start. */
export function notWaiting(state: PublishState): Decision<PublishEvent, Refusal> {
  if (state.status === 'absent') return reject('publish_not_found', 'there is no such publish', 'publish_id');
  if (state.status === 'ended') return reject('publish_ended', `the publish has ended: ${state.outcome}`);
  const detail = `the publish does not wait for a window or for the end of a freeze (${state.status})`;
  return reject('nothing_to_override', detail);
}

export interface OverrideStart {
  readonly by: string;
  readonly roles: readonly string[];
  readonly reason: string;
}

/** Lets a waiting publish start despite windows and freezes: everything that holds it up has to allow it. */
export function overrideStart(
  wish: OverrideStart,
  state: Startable,
  judged: Judgement,
): Decision<PublishEvent, Refusal> {
  const { blocks } = judged;
  if (blocks.length === 0) return reject('nothing_to_override', 'no window and no freeze holds this publish up');
  const [refusing] = notOverridable(blocks, wish.roles);
  if (refusing === undefined) return accept(overridden(state.request, wish, blocks));
  if (refusing.kind === 'window' || refusing.kind === 'freeze') {
    const what = refusing.kind === 'window' ? 'the windows of the target' : `the freeze "${refusing.reason}"`;
    return reject('not_allowed', `overriding ${what} needs one of the roles ${refusing.unblocked_by.join(', ')}`);
  }
  const detail = `only windows and freezes can be overridden; this publish waits for: ${refusing.kind}`;
  return reject('not_overridable', detail);
}

function overridden(
  { publish_id, target }: PublishRequest,
  { by, reason }: Pick<OverrideStart, 'by' | 'reason'>,
  blocks: Judgement['blocks'],
): PublishEvent {
  const data = { publish_id, target_id: target.target_id, by, reason };
  return { type: 'StartOverridden', data: { ...data, blocks: [...blocks] } };
}
