import type { Pool } from 'pg';
import type { ScheduleState } from '../../domain/schedule.js';
import type { ScheduleSnapshot, ScheduleSnapshots } from '../../use-cases/schedule-states.js';

/** Raised when the state of schedules gets another shape or another meaning: older snapshots are not read then. */
const format = 1;

interface SnapshotRow {
  readonly version: string;
  readonly state: Omit<ScheduleState, 'published'> & { readonly published: readonly string[] };
}

/** Snapshots of schedules in a table of the service's own, shared by its replicas. */
export class ScheduleSnapshotTable implements ScheduleSnapshots {
  constructor(private readonly pool: Pool) {}

  async read(targetId: string): Promise<ScheduleSnapshot | null> {
    const { rows } = await this.pool.query<SnapshotRow>(
      'select version, state from targets.schedule_snapshot where target_id = $1 and format = $2',
      [targetId, format],
    );
    const [row] = rows;
    if (row === undefined) return null;
    return { version: Number(row.version), state: { ...row.state, published: new Set(row.state.published) } };
  }

  async save(targetId: string, { version, state }: ScheduleSnapshot): Promise<void> {
    const kept = { ...state, published: [...state.published] };
    await this.pool.query(save, [targetId, format, version, JSON.stringify(kept)]);
  }
}

const save = `
  insert into targets.schedule_snapshot as s (target_id, format, version, state) values ($1, $2, $3, $4)
  on conflict (target_id) do update set format = excluded.format, version = excluded.version, state = excluded.state
  where s.format <> excluded.format or s.version < excluded.version`;
