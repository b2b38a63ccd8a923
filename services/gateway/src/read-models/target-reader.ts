import type { LastActive, Page, TargetDetail, TargetListQuery, TargetRef, TargetSummary } from '@m3/contracts';
import { refuse } from '../http/problem-error.js';
import type { PublishRow } from '../projections/publish-row.js';
import { targetStatus, type TargetRow } from '../projections/targets.js';
import type { RowReader } from './rows.js';

type Latest = TargetSummary['latest_publish'];

/** Targets as the API shows them. */
export class TargetReader {
  constructor(private readonly rows: RowReader) {}

  async list({ environment, status, cursor, limit }: TargetListQuery): Promise<Page<TargetSummary>> {
    const page = await this.rows.page<TargetRow>('target', { where: { environment, status }, cursor, limit });
    const latest = await this.latestPublishes(page.items.map(({ target_id }) => target_id));
    return {
      items: page.items.map((row) => summary(row, latest.get(row.target_id) ?? null)),
      next_cursor: page.next_cursor,
    };
  }

  async detail(idOrName: string): Promise<TargetDetail | undefined> {
    const row = await this.row(idOrName);
    if (row === undefined) return undefined;
    const latest = await this.latestPublishes([row.target_id]);
    const { document, database, config_digest, revision, created_at, changed_at } = row;
    return {
      ...summary(row, latest.get(row.target_id) ?? null),
      document: { ...document, enabled: row.enabled },
      ...{ database, config_digest, revision, created_at, changed_at },
    };
  }

  /** The target of that id or name; the one that was made first, should two share a name. */
  async ref(idOrName: string): Promise<TargetRef | undefined> {
    const row = await this.row(idOrName);
    return row && { target_id: row.target_id, target_name: row.document.name };
  }

  /** @throws ProblemError when there is no such target */
  async known(idOrName: string): Promise<TargetRef> {
    const target = await this.ref(idOrName);
    if (target === undefined) throw refuse('not_found', `There is no target "${idOrName}".`);
    return target;
  }

  /** What was made active on a target last, as far as the log knows. */
  async lastActive(targetId: string): Promise<LastActive | null> {
    const active = (await this.row(targetId))?.active ?? null;
    return active && { project: active.project, version: active.version };
  }

  private row(idOrName: string): Promise<TargetRow | undefined> {
    return this.rows.found(idOrName, async () => {
      const { rows } = await this.rows.pool.query<{ document: TargetRow }>(
        `SELECT document FROM ${this.rows.table('target')} WHERE id = $1 OR name = $1 ORDER BY id = $1 DESC, seq LIMIT 1`,
        [idOrName],
      );
      return rows[0]?.document;
    });
  }

  private async latestPublishes(targetIds: readonly string[]): Promise<Map<string, NonNullable<Latest>>> {
    const { rows } = await this.rows.pool.query<{ document: PublishRow }>(
      `SELECT latest.document FROM unnest($1::text[]) AS wanted (target_id) CROSS JOIN LATERAL (
         SELECT document FROM ${this.rows.table('publish')} p
         WHERE p.target_id = wanted.target_id ORDER BY p.seq DESC LIMIT 1
       ) AS latest`,
      [targetIds],
    );
    return new Map(
      rows.map(({ document: { target_id, publish_id, project, version, status, requested_at } }) => [
        target_id,
        { publish_id, project, version, status, requested_at },
      ]),
    );
  }
}

function summary(row: TargetRow, latest_publish: Latest): TargetSummary {
  const { name, environment, type, region, gateway_id, gateway_url } = row.document;
  return {
    target_id: row.target_id,
    ...{ name, environment, type, region: region ?? null, gateway_id, gateway_url },
    status: targetStatus(row),
    health: row.health ?? null,
    hold: row.hold,
    active: row.active,
    latest_publish,
  };
}
