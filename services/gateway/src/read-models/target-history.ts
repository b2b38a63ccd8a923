import {
  targetChanges,
  type RecordedEvent,
  type TargetAsOf,
  type TargetChanges,
  type TargetChangesQuery,
  type TargetRef,
} from '@m3/contracts';
import type { EventStore } from '@m3/event-store';
import { isLogEntry } from '../projections/log-entry.js';
import { evolveRow, type Row } from '../projections/projection.js';
import { targets, targetStatus, type TargetRow } from '../projections/targets.js';

/** Targets as they were: folded from their own streams, so that it is there at once and for all times. */
export class TargetHistory {
  constructor(private readonly store: Pick<EventStore, 'readStream'>) {}

  /** The target as it stood at a time; undefined when it was not there yet. */
  async asOf({ target_id }: TargetRef, at: string): Promise<TargetAsOf | undefined> {
    const history = await this.read(target_id);
    const moment = Date.parse(at);
    return stateAt(
      history.filter(({ metadata }) => Date.parse(metadata.occurredAt) <= moment),
      target_id,
      at,
    );
  }

  /** What was changed, by whom and when, newest first. */
  async changes(target: TargetRef, { before = Infinity, limit = 50 }: TargetChangesQuery): Promise<TargetChanges> {
    const all = targetChanges(await this.read(target.target_id)).filter(({ revision }) => revision < before);
    const page = all.slice(-limit).reverse();
    const last = page.at(-1);
    return {
      ...target,
      items: page.map((change) => ({ ...change, changes: [...change.changes] })),
      next_before: last !== undefined && all.length > page.length ? last.revision : null,
    };
  }

  /** Only what is sealed: what one reader has seen, all readers see. */
  private async read(targetId: string): Promise<readonly RecordedEvent[]> {
    return (await this.store.readStream(`target-${targetId}`)).filter(({ seq }) => seq !== null);
  }
}

function stateAt(history: readonly RecordedEvent[], targetId: string, at: string): TargetAsOf | undefined {
  let row: Row<TargetRow> | undefined;
  for (const event of history) if (isLogEntry(event)) row = evolveRow(targets, targetId, row, event);
  if (row === undefined) return undefined;
  const { document, database, config_digest, revision, created_at, changed_at, enabled, hold } = row.document;
  const { name, environment, type } = document;
  return {
    at: new Date(at).toISOString(),
    target_id: targetId,
    ...{ name, environment, type, hold },
    status: targetStatus({ enabled, hold, health: null }),
    document: { ...document, enabled },
    ...{ database, config_digest, revision, created_at, changed_at },
  };
}
