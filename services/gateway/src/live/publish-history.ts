import type { RecordedEvent } from '@m3/contracts';
import type { EventStore } from '@m3/event-store';
import { idIn } from '../projections/log-entry.js';

/** The streams that belong to a publish: its own, and those that its events name. */

const related = [
  { field: 'gate_run_id', category: 'gaterun' },
  { field: 'approval_id', category: 'approval' },
  { field: 'review_id', category: 'review' },
  { field: 'backup_id', category: 'backup' },
  { field: 'notification_id', category: 'notification' },
] as const;

export function publishStream(publishId: string): string {
  return `publish-${publishId}`;
}

/** Streams that an event of a publish names, e.g. the backup's that it asks for. */
export function streamsNamedBy({ data }: Pick<RecordedEvent, 'data'>): string[] {
  return related.flatMap(({ field, category }) => {
    const id: unknown = Reflect.get(data, field);
    return typeof id === 'string' ? [`${category}-${id}`] : [];
  });
}

/** All sealed events of a publish, in order of `seq`. Empty: there is no such publish. */
export async function publishHistory(
  store: Pick<EventStore, 'readStream'>,
  publishId: string,
): Promise<readonly RecordedEvent[]> {
  const own = await store.readStream(publishStream(publishId));
  const names = [...new Set(own.flatMap(streamsNamedBy))];
  const others = await Promise.all(names.map((name) => store.readStream(name)));
  return [...own, ...others.flat()]
    .filter(({ seq, data }) => seq !== null && idIn(data, 'publish_id') === publishId)
    .sort((a, b) => (a.seq ?? 0) - (b.seq ?? 0));
}
