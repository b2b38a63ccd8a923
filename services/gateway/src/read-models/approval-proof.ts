import type { ApprovalProof, ApprovalSummary, PublishDetail } from '@m3/contracts';
import type { LogEntry } from '../projections/log-entry.js';

type Parts = Pick<PublishDetail, 'approval' | 'void_approvals' | 'approval_proof'>;

/** What the detail of a publish says of its approvals: votes in relation to the activation, and the proof. */
export function approvalParts(history: readonly LogEntry[], approvals: readonly ApprovalSummary[]): Parts {
  const activated = history.find(({ type }) => type === 'VersionActivated')?.metadata.occurredAt;
  const told = approvals.map((approval) => (activated === undefined ? approval : related(approval, activated)));
  const [latest = null, ...before] = told;
  return { approval: latest, void_approvals: before, approval_proof: proof(history) };
}

/** The last approval that was confirmed and not voided since, and what was deployed with it. */
function proof(history: readonly LogEntry[]): ApprovalProof | null {
  let approved_digest: string | null = null;
  let deployed_digest: string | null = null;
  for (const { type, data } of history) {
    if (type === 'ApprovalConfirmed') approved_digest = data.approved_digest;
    if (type === 'ApprovalVoided') approved_digest = null;
    if (type === 'DeploymentRequested') deployed_digest = data.deployed_digest ?? null;
  }
  if (approved_digest === null) return null;
  const equal = deployed_digest === null ? null : deployed_digest === approved_digest;
  return { approved_digest, deployed_digest, equal };
}

function related(approval: ApprovalSummary, activated: string): ApprovalSummary {
  const votes = approval.votes.map((vote) => ({ ...vote, relative: relativeTo(activated, vote.at) }));
  return { ...approval, votes };
}

/** `2 h 3 min before activation` */
export function relativeTo(activated: string, at: string): string {
  const seconds = Math.round((Date.parse(activated) - Date.parse(at)) / 1000);
  return `${spanText(Math.abs(seconds))} ${seconds >= 0 ? 'before' : 'after'} activation`;
}

const units = [
  { name: 'd', seconds: 86_400 },
  { name: 'h', seconds: 3_600 },
  { name: 'min', seconds: 60 },
  { name: 's', seconds: 1 },
] as const;

/** The two largest units that say something. */
function spanText(span: number): string {
  const first = Math.min(units.findIndex(({ seconds }) => span >= seconds) >>> 0, units.length - 1);
  const parts = units.slice(first, first + 2).map(({ name, seconds }, index) => {
    const rest = index === 0 ? span : span % (units[first]?.seconds ?? 1);
    return { name, count: Math.floor(rest / seconds) };
  });
  const said = parts.filter(({ count }, index) => count > 0 || index === 0);
  return said.map(({ name, count }) => `${count} ${name}`).join(' ');
}
