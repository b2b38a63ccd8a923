import { matchesVersionPattern, versionPatternFault } from '@m3/artifacts';
import type { FieldChange, StoredTargetDocument, TargetDocument } from '@m3/contracts';
import type { Refusal } from '@m3/decider';
import { approvalRule } from '@m3/policies';

type Fault = Refusal<'invalid_target'>;

const fault = (field: string, detail: string): Fault => ({ code: 'invalid_target', field, detail });

/** The block that belongs to each type of target; a block of another type contradicts it. */
const blockOf = { scheduled: 'schedule', emergency: 'emergency' } as const;

/** What contradicts itself, or cannot be done here, in a document of the right shape; null: nothing. */
export function targetFault(document: TargetDocument): Fault | null {
  return blockFault(document) ?? strategyFault(document) ?? triggerFault(document) ?? approvalFault(document);
}

function blockFault(document: TargetDocument): Fault | null {
  for (const [type, block] of Object.entries(blockOf)) {
    if (document[block] !== undefined && document.type !== type) {
      return fault(block, `${block} is for targets of type ${type}; this one is ${document.type}`);
    }
  }
  if (document.type === 'scheduled')
    return fault('type', 'scheduled targets are not supported yet; use auto_deploy or manual_approval');
  return null;
}

function strategyFault({ deployment_strategy = 'all_at_once', blue_green }: TargetDocument): Fault | null {
  if (deployment_strategy !== 'all_at_once') {
    return fault('deployment_strategy', `${deployment_strategy} is not supported yet; use all_at_once`);
  }
  return blue_green === undefined ? null : fault('blue_green', 'blue_green is for the deployment_strategy blue_green');
}

function triggerFault({ triggers }: TargetDocument): Fault | null {
  const pattern = triggers?.version_pattern;
  const wrong = pattern === undefined ? null : versionPatternFault(pattern);
  return wrong === null ? null : fault('triggers.version_pattern', wrong);
}

function approvalFault(document: StoredTargetDocument): Fault | null {
  const { quorum, approvers } = approvalRule(document);
  const named = document.access?.allowed_approvers ?? document.approvals?.allowed_approvers;
  if (named === undefined || quorum <= approvers.length) return null;
  const field = document.approvals?.min_approvals === quorum ? 'approvals.min_approvals' : 'access.require_approvals';
  return fault(field, `${quorum} approvals are asked for, and only ${approvers.length} people may give them`);
}

/** The document without its secret. */
export function withoutSecret({ database_url: _secret, ...rest }: TargetDocument): StoredTargetDocument {
  return rest;
}

/** Whether a tag starts a publish to a target by itself (spec section 5). */
export function isTriggeredBy(
  { type, triggers = {} }: StoredTargetDocument,
  tag: { readonly version: string; readonly branch: string },
): boolean {
  const { on_version_tag = true, version_pattern = 'v*.*.*', branch } = triggers;
  if (type !== 'auto_deploy' || !on_version_tag) return false;
  return matchesVersionPattern(version_pattern, tag.version) && (branch === undefined || branch === tag.branch);
}

/** What differs between two documents, field by field, with dotted paths. */
export function fieldChanges(before: unknown, after: unknown, path = ''): readonly FieldChange[] {
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  if (!isObject(before) || !isObject(after)) return [{ field: path, before: before ?? null, after: after ?? null }];
  const fields = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return fields.flatMap((field) => fieldChanges(before[field], after[field], path === '' ? field : `${path}.${field}`));
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
