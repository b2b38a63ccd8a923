import {
  targetChanges,
  type RecordedEvent,
  type TargetAsOf,
  type TargetChanges,
  type TargetChangesQuery,
  type TargetRef,
} from '@m3/contracts';
import type { EventStore } from '@m3/event-store';
import { decisive, type ActivationPlace } from '../projections/activations.js';
import { isLogEntry } from '../projections/log-entry.js';
import { evolveRow, type Row } from '../projections/projection.js';
import { targets, targetStatus, type TargetRow } from '../projections/targets.js';
import type { RowReader } from './rows.js';

/** More rollbacks in a row than anybody has seen, twice. */
const activationsAtOnce = 100;

/** Targets as they were: folded from the log, so that it is there for all times. */
export class TargetHistory {
  constructor(
    private readonly rows: RowReader,
    private readonly store: Pick<EventStore, 'readStream'>,
  ) {}

  /** The target as it stood at a time, with what it ran; undefined when it was not there yet. */
  async asOf({ target_id }: TargetRef, at: string): Promise<TargetAsOf | undefined> {
    const moment = new Date(at).toISOString();
    const [own, health, activated] = await Promise.all([
      this.read(`target-${target_id}`),
      this.read(`target-health.${target_id}`),
      this.activations(target_id, moment),
    ]);
    const until = [...own, ...health, ...activated].filter(({ metadata }) => metadata.occurredAt <= moment);
    return stateAt(until.sort(byPlaceInLog), target_id, moment);
  }

  /** What was changed, by whom and when, newest first. */
  async changes(target: TargetRef, { before = Infinity, limit = 50 }: TargetChangesQuery): Promise<TargetChanges> {
    const all = targetChanges(await this.read(`target-${target.target_id}`)).filter(
      ({ revision }) => revision < before,
    );
    const page = all.slice(-limit).reverse();
    const last = page.at(-1);
    return {
      ...target,
      items: page.map((change) => ({ ...change, changes: [...change.changes] })),
      next_before: last !== undefined && all.length > page.length ? last.revision : null,
    };
  }

  /** The events that made a target run what it ran at a time. */
  private async activations(targetId: string, moment: string): Promise<readonly RecordedEvent[]> {
    const { rows } = await this.rows.pool.query<{ document: ActivationPlace }>(
      `SELECT document FROM ${this.rows.table('activation')} WHERE target_id = $1 AND at <= $2 ORDER BY seq DESC LIMIT $3`,
      [targetId, moment, activationsAtOnce],
    );
    const places = decisive(rows.map(({ document }) => document));
    const events = await Promise.all(
      places.map(async ({ stream, stream_version }) =>
        (await this.read(stream)).filter(({ streamVersion }) => streamVersion === stream_version),
      ),
    );
    return events.flat();
  }

  /** Only what is sealed: what one reader has seen, all readers see. */
  private async read(stream: string): Promise<readonly RecordedEvent[]> {
    return (await this.store.readStream(stream)).filter(({ seq }) => seq !== null);
  }
}

const byPlaceInLog = (one: RecordedEvent, other: RecordedEvent): number => (one.seq ?? 0) - (other.seq ?? 0);

function stateAt(history: readonly RecordedEvent[], targetId: string, at: string): TargetAsOf | undefined {
  let row: Row<TargetRow> | undefined;
  for (const event of history) if (isLogEntry(event)) row = evolveRow(targets, targetId, row, event);
  if (row === undefined) return undefined;
  const { document, database, config_digest, revision, created_at, changed_at, enabled, hold, active } = row.document;
  const { name, environment, type } = document;
  return {
    ...{ at, target_id: targetId, name, environment, type },
    status: targetStatus(row.document),
    ...{ health: row.document.health ?? null, hold, active },
    document: { ...document, enabled },
    ...{ database, config_digest, revision, created_at, changed_at },
  };
}
