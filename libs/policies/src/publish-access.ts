import type { Caller, StoredTargetDocument } from '@m3/contracts';
import { reject, type Refusal } from '@m3/decider';
import type { Target } from './target-state.js';

/** What a publish is asked with. */
export interface PublishAsked {
  readonly caller: Caller;
  readonly reason: string | null;
}

export type PublishAccessCode = 'target_disabled' | 'not_allowed' | 'justification_required';

/** Every reason why a caller may not publish to a target at all (spec section 5); none: they may. */
export function publishRefusals(
  { document, enabled }: Target,
  asked: PublishAsked,
): readonly Refusal<PublishAccessCode>[] {
  return [
    ...(enabled ? [] : [disabled(document)]),
    ...(mayPublish(document, asked.caller) ? [] : [notAllowed(document)]),
    ...(needsJustification(document) && saysLittle(asked.reason) ? [justificationRequired] : []),
  ];
}

/** Why a caller may not roll a target back; null: they may. One that is disabled can be: what is broken has to be put right. */
export function rollbackAccessRefusal({ document }: Target, caller: Caller): Refusal<'not_allowed'> | null {
  return mayPublish(document, caller) ? null : notAllowed(document);
}

const disabled = ({ name }: StoredTargetDocument): Refusal<'target_disabled'> => ({
  code: 'target_disabled',
  detail: `${name} is disabled; enable it first`,
  field: 'target_id',
});

const notAllowed = (document: StoredTargetDocument): Refusal<'not_allowed'> => ({
  code: 'not_allowed',
  detail: `publishing to ${document.name} needs one of the roles ${(allowedRoles(document) ?? []).join(', ')}`,
});

/** Shorter ones say nothing to whoever reviews the emergency. */
const leastJustification = 10;
const saysLittle = (reason: string | null): boolean => (reason ?? '').trim().length < leastJustification;

const justificationRequired: Refusal<'justification_required'> = {
  code: 'justification_required',
  detail: `an emergency publish needs a reason of at least ${leastJustification} characters`,
  field: 'reason',
};

function mayPublish(document: StoredTargetDocument, { roles }: Caller): boolean {
  const allowed = allowedRoles(document);
  return allowed === undefined || roles.some((role) => allowed.includes(role));
}

/** Who may publish to a target. Undefined: whoever may publish at all. */
export function allowedRoles({ type, access, emergency }: StoredTargetDocument): readonly string[] | undefined {
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
