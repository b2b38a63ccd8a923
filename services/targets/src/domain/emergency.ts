import { publishEndings, type EmergencyEvent, type EventData } from '@m3/contracts';
import { reject } from '@m3/decider';
import type { RequestPublish } from './version.js';

/** Emergencies on one target come one after the other: the next one follows on what was learnt from the last. */

type Declared = EventData<'EmergencyDeclared'>;

/** What has happened in the streams of the last emergency's publish and of its review. */
export interface Aftermath {
  readonly publish: ReadonlySet<string>;
  readonly review: ReadonlySet<string>;
}

/** Null: nothing is left to be learnt from the last emergency. That stays so: what has ended or was closed does not change. */
export function reviewRefusal(last: Declared, { publish, review }: Aftermath) {
  if (!last.review || review.has('ReviewClosed')) return null;
  const { publish_id, target_name, version, by } = last;
  const which = `the last emergency publish to ${target_name} (${version} by ${by}, ${publish_id})`;
  if (!publishEndings.some((type) => publish.has(type))) return reject('review_open', `${which} has not ended yet`);
  if (!publish.has('ReviewRequested')) return null;
  return reject(
    'review_open',
    `${which} was not reviewed yet; somebody other than ${by} has to close its review first`,
  );
}

export function declaring(request: RequestPublish, project: string, version: string): EmergencyEvent {
  const { publishId: publish_id, target, requestedBy: by, reason: justification } = request;
  const { target_id, name: target_name, environment } = target;
  const review = target.post_deploy_review === true;
  return {
    type: 'EmergencyDeclared',
    data: { publish_id, target_id, target_name, environment, project, version, by, justification, review },
  };
}
