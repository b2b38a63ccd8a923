import { declared, type RecordedEvent } from '@m3/contracts';
import type { EventStore } from '@m3/event-store';
import { eventsIn } from '@m3/process';
import type { Pool } from 'pg';
import {
  evolveActivations,
  noActivations,
  type ActivationEvent,
  type Activations,
} from '../../domain/active-version.js';
import type { ActiveVersion } from '../../domain/scheduled-version.js';
import type { ActiveVersions } from '../../use-cases/run-schedules.js';

const checkpoint = 'targets.active-versions';
const page = 1_000;
const catalogue = [
  declared('VersionActivated'),
  declared('VersionReactivated'),
  declared('PublishRolledBack'),
  declared('TargetRestoredByHand'),
] as const;
const types = catalogue.map(({ type }) => type);
const isActivation = eventsIn<ActivationEvent>(catalogue);

interface ActiveVersionRow {
  readonly target_id: string;
  readonly project: string | null;
  readonly version: string | null;
  readonly previous_project: string | null;
  readonly previous_version: string | null;
  readonly activated_by: string | null;
}

/** Which version is active where: projected from the log in its order, and kept, so that a start reads little. */
export class ActiveVersionTable implements ActiveVersions {
  private reading: Promise<void> = Promise.resolve();

  constructor(
    private readonly pool: Pool,
    private readonly store: EventStore,
  ) {}

  async of(targetId: string): Promise<ActiveVersion | null> {
    this.reading = this.reading.catch(() => undefined).then(() => this.readOn());
    await this.reading;
    return (await this.load([targetId])).get(targetId)?.active ?? null;
  }

  private async readOn(): Promise<void> {
    for (;;) {
      const found = await this.pool.query<{ seq: string }>('select seq from process.checkpoint where service = $1', [
        checkpoint,
      ]);
      const afterSeq = Number(found.rows[0]?.seq ?? 0);
      const events = await this.store.readLog({ afterSeq, limit: page, types });
      const last = events.at(-1)?.seq;
      if (last === undefined || last === null) return;
      await this.save(afterSeq, last, await this.after(events));
    }
  }

  private async after(recorded: readonly RecordedEvent[]): Promise<ReadonlyMap<string, Activations>> {
    const events = recorded.map(({ type, data }) => ({ type, data })).filter(isActivation);
    const known = new Map(await this.load(events.map(({ data }) => data.target_id)));
    for (const event of events) {
      const { target_id } = event.data;
      known.set(target_id, evolveActivations(known.get(target_id) ?? noActivations, event));
    }
    return known;
  }

  private async load(targetIds: readonly string[]): Promise<ReadonlyMap<string, Activations>> {
    const { rows } = await this.pool.query<ActiveVersionRow>(
      'select * from targets.active_version where target_id = any ($1)',
      [targetIds],
    );
    return new Map(rows.map((row) => [row.target_id, activationsIn(row)]));
  }

  /** Does nothing when another replica was quicker. */
  private async save(afterSeq: number, last: number, changed: ReadonlyMap<string, Activations>): Promise<void> {
    const rows = [...changed].map(([target_id, { active, previous, activated_by }]) => ({
      ...{ target_id, project: active?.project, version: active?.version, activated_by },
      ...{ previous_project: previous?.project, previous_version: previous?.version },
    }));
    await this.pool.query(saveBatch, [checkpoint, afterSeq, last, JSON.stringify(rows)]);
  }
}

function activationsIn(row: ActiveVersionRow): Activations {
  const one = (project: string | null, version: string | null) =>
    project === null || version === null ? null : { project, version };
  return {
    active: one(row.project, row.version),
    previous: one(row.previous_project, row.previous_version),
    activated_by: row.activated_by,
  };
}

const saveBatch = `
  with moved as (
    insert into process.checkpoint as c (service, seq) values ($1, $3)
    on conflict (service) do update set seq = excluded.seq where c.seq = $2
    returning seq
  )
  insert into targets.active_version
  select row.* from jsonb_to_recordset($4::jsonb)
    as row (target_id text, project text, version text, previous_project text, previous_version text, activated_by text), moved
  on conflict (target_id) do update set project = excluded.project, version = excluded.version,
    previous_project = excluded.previous_project, previous_version = excluded.previous_version,
    activated_by = excluded.activated_by`;
