import { reviewIdOf, type PublishEvent } from '@m3/contracts';
import { hasStatus, subjectOf, type InStatus, type PublishState } from './publish.state.js';

/** From here on the target is changed, or may be. */
const touching = [
  'deploying',
  'deployed',
  'shifting',
  'watching',
  'returning',
  'activating',
  'active',
  'verifying',
  'verified',
  'notifying',
  'asking',
  'restoring',
  'verifying_restored',
] as const;

/**
 * An emergency that changed its target, or may have, is reviewed whatever came of it: what was skipped and what failed
 * is worth as much as what went well. One that ended before it touched the target leaves nothing to review.
 */
export function reviewOf(before: PublishState, { request }: InStatus<'ended'>): readonly PublishEvent[] {
  const { publish_id, trigger, target, requested_by, reason } = request;
  if (trigger !== 'emergency' || target.post_deploy_review !== true || !hasStatus(before, touching)) return [];
  const review_id = reviewIdOf(publish_id);
  return [
    { type: 'ReviewRequested', data: { review_id, subject: subjectOf(request), requested_by, justification: reason } },
  ];
}
