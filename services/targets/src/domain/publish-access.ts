import type { Caller, StoredTargetDocument } from '@m3/contracts';
import { reject } from '@m3/decider';
import type { Target } from './target.js';

/** Whether a caller may publish to a target at all (spec section 5); null: yes. */
export function publishRefusal({ document, enabled }: Target, caller: Caller, reason: string | null) {
  if (!enabled) return reject('target_disabled', `${document.name} is disabled; enable it first`, 'target_id');
  const allowed = allowedRoles(document);
  if (allowed && !caller.roles.some((role) => allowed.includes(role))) {
    return reject('not_allowed', `publishing to ${document.name} needs one of the roles ${allowed.join(', ')}`);
  }
  return needsJustification(document) && reason === null
    ? reject('justification_required', 'an emergency publish needs a reason', 'reason')
    : null;
}

function allowedRoles({ type, access, emergency }: StoredTargetDocument): readonly string[] | undefined {
  return (type === 'emergency' ? emergency?.allowed_roles : undefined) ?? access?.allowed_roles;
}

function needsJustification({ type, emergency }: StoredTargetDocument): boolean {
  return type === 'emergency' && emergency?.require_justification !== false;
}

/** People tag in their own name, because whoever tagged a version cannot approve it; services tag for others. null: fine. */
export function taggerRefusal(taggedBy: string, { id, roles }: Caller) {
  if (taggedBy === id || roles.includes('service')) return null;
  return reject('not_allowed', `you are signed in as ${id}: tag in that name`, 'tagged_by');
}
