import {
  GateSettings,
  type ApprovalRule,
  type GateThresholds,
  type StoredTargetDocument,
  type TargetSnapshot,
} from '@m3/contracts';
import type { Target } from './target-state.js';
import { trafficPlan } from './traffic-plan.js';

/** What the documents leave open (spec sections 4, 6 and 8). */
const defaults = {
  timeout_seconds: 600,
  max_concurrent_deployments: 1,
  approval_timeout_hours: 24,
  thresholds: { integration_pass_rate: 95, p95_ms: 5000, error_rate: 2, fail_on_warnings: false },
} as const;

/** The fields that say how many approvals a publish needs, and whose. */
type ApprovalFields = Pick<StoredTargetDocument, 'type' | 'access' | 'approvals'>;

/** The larger of both numbers; approvers are those named in either list, or in both where both are given. */
export function approvalRule(document: ApprovalFields): ApprovalRule {
  const { access = {}, approvals = {} } = document;
  const { allow_self_approval = false, auto_reject_on_timeout = true } = approvals;
  return {
    quorum: quorumOf(document),
    approvers: approversOf(access.allowed_approvers, approvals.allowed_approvers),
    allow_self_approval,
    timeout_hours: approvals.timeout_hours ?? access.approval_timeout_hours ?? defaults.approval_timeout_hours,
    auto_reject_on_timeout,
  };
}

/** An emergency skips approvals; a manual target asks for one at least. */
function quorumOf({ type, access, approvals }: ApprovalFields): number {
  if (type === 'emergency') return 0;
  const least = type === 'manual_approval' ? 1 : 0;
  return Math.max(least, access?.require_approvals ?? 0, approvals?.min_approvals ?? 0);
}

function approversOf(one: readonly string[] | undefined, other: readonly string[] | undefined): string[] {
  if (one && other) return one.filter((approver) => other.includes(approver));
  return [...(one ?? other ?? [])];
}

function thresholds({ gates = {} }: StoredTargetDocument): GateThresholds {
  const { integration_pass_rate, p95_ms, error_rate, fail_on_warnings } = { ...defaults.thresholds, ...gates };
  return { integration_pass_rate, p95_ms, error_rate, fail_on_warnings };
}

/** What the document says of its gates beside the thresholds; nothing: their own defaults. */
function gateSettings({ gates = {} }: StoredTargetDocument): { readonly gates?: GateSettings } {
  const known = Object.keys(GateSettings.properties);
  const said = Object.entries(gates).filter(([field]) => known.includes(field));
  return said.length === 0 ? {} : { gates: Object.fromEntries(said) };
}

function needsReview({ type, emergency }: StoredTargetDocument): boolean {
  return type === 'emergency' && emergency?.post_deploy_review === true;
}

/** What a target's configuration is, whatever holds it. */
export type SettledTarget = Pick<Target, 'target_id' | 'revision' | 'document' | 'address' | 'config_digest'>;

/** The configuration as it is kept inside a publish. */
export function snapshotOf({ target_id, revision, document, address, config_digest }: SettledTarget): TargetSnapshot {
  const { deployment = {} } = document;
  const traffic = trafficPlan(document);
  return {
    target_id,
    revision,
    name: document.name,
    environment: document.environment,
    type: document.type,
    address,
    timeout_seconds: deployment.timeout_seconds ?? defaults.timeout_seconds,
    max_concurrent_deployments: deployment.max_concurrent_deployments ?? defaults.max_concurrent_deployments,
    require_backup: deployment.require_backup ?? true,
    run_smoke_tests: deployment.run_smoke_tests ?? true,
    ...(traffic === null ? {} : { traffic }),
    approval: approvalRule(document),
    thresholds: thresholds(document),
    ...gateSettings(document),
    config_digest,
    ...(needsReview(document) ? { post_deploy_review: true } : {}),
  };
}
