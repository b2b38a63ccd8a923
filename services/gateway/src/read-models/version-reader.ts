import type { Page, VersionDetail, VersionListQuery, VersionSummary } from '@m3/contracts';
import { compareBuild } from 'semver';
import { versionKey, type VersionRow } from '../projections/versions.js';
import type { RowReader } from './rows.js';

type Whereabouts = Pick<VersionSummary, 'active_on' | 'failed_on'>;

interface PlaceRow {
  readonly version: string;
  readonly target_id: string;
  readonly target_name: string;
}

/** Versions as the API shows them, with where they run and where they failed. */
export class VersionReader {
  constructor(private readonly rows: RowReader) {}

  async list({ project, cursor, limit }: VersionListQuery): Promise<Page<VersionSummary>> {
    const page = await this.rows.page<VersionRow>('version', { where: { project }, cursor, limit });
    const places = await this.whereabouts(page.items);
    return {
      items: page.items.map((row) => summary(row, places(row.project, row.version))),
      next_cursor: page.next_cursor,
    };
  }

  async detail(project: string, version: string): Promise<VersionDetail | undefined> {
    const row = await this.rows.found(project, () =>
      this.rows.one<VersionRow>('version', versionKey(project, version)),
    );
    if (row === undefined) return undefined;
    const { artifacts, requires_marie, source } = row.document;
    const places = await this.whereabouts([row.document]);
    return { ...summary(row.document, places(project, version)), artifacts, requires_marie, source };
  }

  /** The version of the project that comes right before one by precedence, tagged or not yet. */
  async before(project: string, version: string): Promise<VersionDetail | undefined> {
    const { rows } = await this.rows.pool.query<{ version: string }>(
      `SELECT document ->> 'version' AS version FROM ${this.rows.table('version')} WHERE project = $1`,
      [project],
    );
    const older = rows.map((row) => row.version).filter((other) => compareBuild(other, version) < 0);
    const [newest] = older.sort(compareBuild).slice(-1);
    return newest === undefined ? undefined : this.detail(project, newest);
  }

  private async whereabouts(
    versions: readonly VersionRow[],
  ): Promise<(project: string, version: string) => Whereabouts> {
    const names = [versions.map(({ project }) => project), versions.map(({ version }) => version)];
    const [active, failed] = await Promise.all([this.active(names), this.failed(names)]);
    return (project, version) => {
      const key = versionKey(project, version);
      return { active_on: active.get(key) ?? [], failed_on: failed.get(key) ?? [] };
    };
  }

  private async active(names: readonly (readonly string[])[]): Promise<Map<string, VersionSummary['active_on']>> {
    const { rows } = await this.rows.pool.query<PlaceRow & { project: string }>(
      `SELECT t.active_project AS project, t.active_version AS version, t.id AS target_id, t.name AS target_name
       FROM ${this.rows.table('target')} t
       WHERE (t.active_project, t.active_version) IN (SELECT * FROM unnest($1::text[], $2::text[])) ORDER BY t.seq`,
      [...names],
    );
    return grouped(rows, ({ target_id, target_name }) => ({ target_id, target_name }));
  }

  /** Where the latest publish of the version did not succeed, or was rolled back by an operator. */
  private async failed(names: readonly (readonly string[])[]): Promise<Map<string, VersionSummary['failed_on']>> {
    const { rows } = await this.rows.pool.query<PlaceRow & { project: string; publish_id: string }>(
      `SELECT project, version, target_id, target_name, publish_id FROM (
         SELECT DISTINCT ON (p.project, p.version, p.target_id) p.project, p.version, p.target_id, p.status, p.seq,
                p.document ->> 'target_name' AS target_name, p.id AS publish_id
         FROM ${this.rows.table('publish')} p
         WHERE (p.project, p.version) IN (SELECT * FROM unnest($1::text[], $2::text[]))
         ORDER BY p.project, p.version, p.target_id, p.seq DESC
       ) AS latest
       WHERE status IN ('failed', 'rolled_back', 'rollback_failed') OR EXISTS (
         SELECT FROM ${this.rows.table('publish')} r WHERE r.undoes = latest.publish_id AND r.status = 'succeeded'
       ) ORDER BY seq`,
      [...names],
    );
    return grouped(rows, ({ target_id, target_name, publish_id }) => ({ target_id, target_name, publish_id }));
  }
}

function grouped<Source extends { readonly project: string; readonly version: string }, Place>(
  rows: readonly Source[],
  place: (row: Source) => Place,
): Map<string, Place[]> {
  const groups = new Map<string, Place[]>();
  for (const row of rows) {
    const key = versionKey(row.project, row.version);
    groups.set(key, [...(groups.get(key) ?? []), place(row)]);
  }
  return groups;
}

function summary(row: VersionRow, places: Whereabouts): VersionSummary {
  const { project, version, branch, commit, tagged_by, tagged_at, bundle_digest, bundle_bytes, conflicts } = row;
  const count = (kind: string) => row.artifacts.filter((artifact) => artifact.kind === kind).length;
  return {
    ...{ project, version, branch, commit, tagged_by, tagged_at, bundle_digest, bundle_bytes, conflicts },
    artifact_counts: { workflows: count('workflow'), agents: count('agent'), processors: count('processor') },
    ...places,
  };
}
