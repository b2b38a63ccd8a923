import type { ApprovalListQuery, ApprovalSummary, Page } from '@m3/contracts';
import type { ApprovalRow } from '../projections/approvals.js';
import { found } from './patience.js';
import type { RowReader } from './rows.js';

/** Approvals as the API shows them. */
export class ApprovalReader {
  constructor(private readonly rows: RowReader) {}

  async list({ status, cursor, limit }: ApprovalListQuery): Promise<Page<ApprovalSummary>> {
    const page = await this.rows.page<ApprovalRow>('approval', { where: { status }, cursor, limit });
    return { items: page.items.map(approvalSummary), next_cursor: page.next_cursor };
  }

  async detail(id: string): Promise<ApprovalSummary | undefined> {
    const row = await found(id, () => this.rows.one<ApprovalRow>('approval', id));
    return row && approvalSummary(row.document);
  }

  /** The latest approval that a publish asked for. */
  async ofPublish(publishId: string): Promise<ApprovalSummary | null> {
    const page = await this.rows.page<ApprovalRow>('approval', { where: { publish_id: publishId }, limit: 1 });
    const [row] = page.items;
    return row ? approvalSummary(row) : null;
  }
}

function approvalSummary(row: ApprovalRow): ApprovalSummary {
  const { subject, excluded, votes, rule, ...rest } = row;
  const { project, version, target_id, target_name, environment } = subject;
  return {
    ...rest,
    ...{ project, version, target_id, target_name, environment, rule },
    excluded: [...excluded],
    votes: [...votes],
    approvals_given: new Set(votes.filter(({ decision }) => decision === 'approve').map(({ by }) => by)).size,
    approvals_needed: rule.quorum,
  };
}
