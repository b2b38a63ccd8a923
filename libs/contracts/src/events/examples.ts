import type { PublishSubject, TargetAddress, TargetSnapshot } from '../shapes.js';

/** Values shared by the examples of the event catalogue. They are also the fixtures of the catalogue's own test. */

export const at = '2026-03-19T14:23:45.000Z';
export const digest = `sha256:${'a'.repeat(64)}`;
const uuid = '01930d8c-0000-7000-8000-000000000001';
export const ids = {
  publish: `pub_${uuid}`,
  target: `tgt_${uuid}`,
  gateRun: `gtr_${uuid}`,
  approval: `apr_${uuid}`,
  backup: `bkp_${uuid}`,
  verification: `ver_${uuid}`,
  notification: `ntf_${uuid}`,
  deadLetter: `dlq_${uuid}`,
  secret: `sec_${uuid}`,
  freeze: `frz_${uuid}`,
  review: `rev_${uuid}`,
};

export const address: TargetAddress = {
  gateway_url: 'https://prod-gateway-us-east.example.com',
  schema: 'production',
  database: { host: 'prod-db.example.com', port: 5432, name: 'm3studio' },
  secret_ref: ids.secret,
};

export const subject: PublishSubject = {
  publish_id: ids.publish,
  project: 'invoice-pipeline',
  version: 'v1.3.0',
  bundle_digest: digest,
  target_id: ids.target,
  target_name: 'Production US East',
  environment: 'production',
  address,
};

export const target: TargetSnapshot = {
  target_id: ids.target,
  revision: 3,
  name: 'Production US East',
  environment: 'production',
  type: 'manual_approval',
  address,
  timeout_seconds: 600,
  max_concurrent_deployments: 1,
  require_backup: true,
  run_smoke_tests: true,
  approval: {
    quorum: 2,
    approvers: ['alice', 'bob', 'carol'],
    allow_self_approval: false,
    timeout_hours: 24,
    auto_reject_on_timeout: true,
  },
  thresholds: { integration_pass_rate: 95, p95_ms: 5000, error_rate: 2, fail_on_warnings: false },
  config_digest: digest,
};

/** What a publish is asked with: in the trigger, and in the request that follows it. */
export const publishRequest = {
  publish_id: ids.publish,
  project: 'invoice-pipeline',
  version: 'v1.3.0',
  bundle_digest: digest,
  trigger: 'tag' as const,
  trigger_key: 'tag',
  requested_by: 'ann',
  tagged_by: 'ann',
  reason: null,
  allow_older: false,
  target,
};

export const approvalTerms = {
  approval_id: ids.approval,
  subject,
  rule: target.approval,
  requested_by: 'ann',
  excluded: ['ann'],
  approved_digest: digest,
  expires_at: at,
};

export const check = {
  name: 'gateway',
  outcome: 'passed' as const,
  message: 'gateway answers in 4 ms',
  duration_ms: 4.2,
  findings: [],
  log: [{ at, level: 'info' as const, text: 'gateway answers in 4 ms' }],
};
