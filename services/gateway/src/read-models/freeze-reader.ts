import type { FreezeListQuery, FreezeStatus, FreezeView } from '@m3/contracts';
import { freezeAt, nextFreeze } from '@m3/policies';
import type { FreezeRow } from '../projections/freezes.js';
import type { RowReader } from './rows.js';

const atOnce = 200;

/** Freezes as the API shows them: whether they are in force is said for the moment of the question. */
export class FreezeReader {
  constructor(private readonly rows: RowReader) {}

  /** All of them: they are few, and their status follows the clock. */
  async list({ status }: FreezeListQuery): Promise<readonly FreezeView[]> {
    const views: FreezeView[] = [];
    for (let cursor: string | undefined; ;) {
      const page = await this.rows.page<FreezeRow>('calendar_freeze', { limit: atOnce, cursor });
      views.push(...page.items.map((row) => this.view(row)));
      if (page.next_cursor === null) break;
      cursor = page.next_cursor;
    }
    return views.filter((view) => status === undefined || view.status === status);
  }

  async detail(id: string): Promise<FreezeView | undefined> {
    const row = await this.rows.found(id, () => this.rows.one<FreezeRow>('calendar_freeze', id));
    return row && this.view(row.document);
  }

  private view(row: FreezeRow): FreezeView {
    const now = this.rows.now().toISOString();
    const lifted = row.lifted !== null;
    const in_force = lifted ? null : freezeAt(row.period, now);
    const next_at = lifted ? null : nextFreeze(row.period, now);
    const { override_roles } = row;
    return {
      ...row,
      override_roles: [...override_roles],
      in_force,
      next_at,
      status: statusOf(lifted, in_force, next_at),
    };
  }
}

function statusOf(lifted: boolean, inForce: object | null, nextAt: string | null): FreezeStatus {
  if (lifted) return 'lifted';
  if (inForce !== null) return 'in_force';
  return nextAt === null ? 'past' : 'upcoming';
}
