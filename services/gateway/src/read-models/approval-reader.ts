import type { ApprovalListQuery, ApprovalSummary, Page } from '@m3/contracts';
import type { ApprovalRow } from '../projections/approvals.js';
import type { RowReader } from './rows.js';

/** Approvals as the API shows them. */
export class ApprovalReader {
  constructor(private readonly rows: RowReader) {}

  async list({ status, publish, cursor, limit }: ApprovalListQuery): Promise<Page<ApprovalSummary>> {
    const page = await this.rows.page<ApprovalRow>('approval', {
      where: { status, publish_id: publish },
      cursor,
      limit,
    });
    return { items: page.items.map(approvalSummary), next_cursor: page.next_cursor };
  }

  async detail(id: string): Promise<ApprovalSummary | undefined> {
    const row = await this.rows.found(id, () => this.rows.one<ApprovalRow>('approval', id));
    return row && approvalSummary(row.document);
  }

  /** The approvals that a publish asked for, the latest first. */
  async ofPublish(publishId: string): Promise<readonly ApprovalSummary[]> {
    const page = await this.rows.page<ApprovalRow>('approval', { where: { publish_id: publishId }, limit: 20 });
    return page.items.map(approvalSummary);
  }
}

function approvalSummary(row: ApprovalRow): ApprovalSummary {
  const { subject, excluded, votes, comments = [], rule, opened_at, ...rest } = row;
  const counted = votes.filter(({ decision, withdrawn_at }) => decision === 'approve' && !withdrawn_at);
  const { project, version, target_id, target_name, environment } = subject;
  return {
    ...rest,
    opened_at,
    ...{ project, version, target_id, target_name, environment, rule },
    excluded: [...excluded],
    votes: votes.map((vote) => ({ ...vote, withdrawn_at: vote.withdrawn_at ?? null, relative: null })),
    comments: [...comments],
    approvals_given: new Set(counted.map(({ by }) => by)).size,
    approvals_needed: rule.quorum,
  };
}
