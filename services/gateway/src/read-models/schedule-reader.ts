import type { OccurrenceListQuery, OccurrenceView, Page, ScheduleQuery, ScheduleView } from '@m3/contracts';
import { upcomingOccurrences } from '@m3/policies';
import type { RowReader } from './rows.js';
import type { TargetReader } from './target-reader.js';

const shown = 10;

/** Schedules of targets: when they come next, and what came of them. */
export class ScheduleReader {
  constructor(
    private readonly rows: RowReader,
    private readonly targets: TargetReader,
  ) {}

  /** Undefined: there is no such target; null: it has no schedule. */
  async schedule(idOrName: string, query: ScheduleQuery): Promise<ScheduleView | null | undefined> {
    const target = await this.targets.detail(idOrName);
    if (target === undefined) return undefined;
    const { target_id, name: target_name, type, document } = target;
    if (type !== 'scheduled' || document.schedule === undefined) return null;
    const { cron, timezone, version = null, announce_minutes_before = null } = document.schedule;
    const { after = this.rows.now().toISOString(), count = shown } = query;
    const { items: last } = await this.occurrences(target_id, { limit: shown });
    return {
      ...{ target_id, target_name, cron, timezone, version, announce_minutes_before },
      next: [...upcomingOccurrences({ cron, timezone }, after, count)],
      last: [...last],
    };
  }

  occurrences(targetId: string, { cursor, limit }: OccurrenceListQuery): Promise<Page<OccurrenceView>> {
    return this.rows.page('occurrence', { where: { target_id: targetId }, cursor, limit });
  }
}
