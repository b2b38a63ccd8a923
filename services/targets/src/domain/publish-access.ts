import type { Caller } from '@m3/contracts';
import { reject } from '@m3/decider';
import type { Target } from './target.js';

/** Whether a caller may publish to a target at all (spec section 5); null: yes. */
export function publishRefusal({ document, enabled }: Target, { roles }: Caller, reason: string | null) {
  if (!enabled) return reject('target_disabled', `${document.name} is disabled; enable it first`, 'target_id');
  const { access = {}, emergency } = document;
  const allowed =
    (document.type === 'emergency' ? emergency?.allowed_roles : access.allowed_roles) ?? access.allowed_roles;
  if (allowed && !roles.some((role) => allowed.includes(role))) {
    return reject('not_allowed', `publishing to ${document.name} needs one of the roles ${allowed.join(', ')}`);
  }
  if (document.type === 'emergency' && emergency?.require_justification !== false && !reason) {
    return reject('justification_required', 'an emergency publish needs a reason', 'reason');
  }
  return null;
}
