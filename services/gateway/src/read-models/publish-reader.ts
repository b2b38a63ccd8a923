import type {
  BackupView,
  Page,
  PublishDetail,
  PublishListQuery,
  PublishLogs,
  PublishSummary,
  PublishWhy,
  RecordedEvent,
  StartDelay,
} from '@m3/contracts';
import type { EventStore } from '@m3/event-store';
import { refuse } from '../http/problem-error.js';
import { publishHistory } from '../live/publish-history.js';
import { isLogEntry, type LogEntry } from '../projections/log-entry.js';
import type { PublishRow } from '../projections/publish-row.js';
import { outcomeOf } from '../projections/publishes.js';
import type { ApprovalReader } from './approval-reader.js';
import type { BackupReader } from './backup-reader.js';
import { approvalParts } from './approval-proof.js';
import { gateRound } from './gate-round.js';
import { madeWithin } from './patience.js';
import { publishLog } from './publish-log.js';
import { publishWhy } from './publish-why.js';
import type { RecordReader } from './record-reader.js';
import type { Found, RowReader } from './rows.js';

/** How far the read models may be behind what was acknowledged. */
const ACKNOWLEDGED_MS = 60_000;

/** What lists show of a publish. */
type Head = Omit<PublishRow, 'steps'>;

type Rounds = Pick<PublishDetail, 'validation' | 'gates' | 'verification'>;

/** Publishes as the API shows them: lists from the read model, checks and logs from the log itself. */
export class PublishReader {
  constructor(
    private readonly rows: RowReader,
    private readonly store: Pick<EventStore, 'readStream'>,
    private readonly beside: {
      readonly approvals: ApprovalReader;
      readonly backups: BackupReader;
      readonly records: RecordReader;
    },
  ) {}

  /** @param targetId of the target that the query names */
  async list(query: PublishListQuery, targetId?: string): Promise<Page<PublishSummary>> {
    const { status, project, version, overdue, cursor, limit } = query;
    const outcome = status && outcomeOf(status);
    const where = { target_id: targetId, outcome, status, project, version, overdue };
    const page = await this.rows.page<Head>('publish', { where, cursor, limit, without: ['steps'] });
    return { items: page.items.map(summary), next_cursor: page.next_cursor };
  }

  async detail(id: string): Promise<PublishDetail | undefined> {
    const row = await this.row(id);
    if (row === undefined) return undefined;
    const [history, approvals, backup, notifications, retriedBy, undoneBy] = await Promise.all([
      publishHistory(this.store, id),
      this.beside.approvals.ofPublish(id),
      this.backupOf(row.document),
      this.beside.records.notifications({ publish: id }),
      this.latest({ retry_of: id }),
      this.latest({ undoes: id }),
    ]);
    return {
      ...summary(row.document),
      ...only(row.document),
      ...rounds(history.filter(isLogEntry)),
      ...approvalParts(history.filter(isLogEntry), approvals),
      backup: backup ? { backup_id: backup.backup_id, name: backup.name } : null,
      notifications: [...notifications.items],
      rollback: rollbackPart(row.document),
      traffic: row.document.traffic ?? null,
      ...{ retry_of: row.document.retry_of ?? null, retried_by: retriedBy },
      links: links(row.document, { retriedBy, undoneBy }),
      as_of_seq: row.asOf,
    };
  }

  /** The one that it took, or that it restores. */
  private async backupOf({ publish_id, rollback }: PublishRow): Promise<BackupView | undefined> {
    const { backups } = this.beside;
    if (rollback) return backups.detail(rollback.backup_id);
    return (await backups.ofPublish(publish_id)).items[0];
  }

  /** The latest publish that does this one again, or that undoes it. */
  private async latest(where: Readonly<Record<string, string>>): Promise<string | null> {
    const page = await this.rows.page<Head>('publish', { where, limit: 1, without: ['steps'] });
    return page.items[0]?.publish_id ?? null;
  }

  async logs(id: string): Promise<PublishLogs | undefined> {
    if ((await this.row(id)) === undefined) return undefined;
    return { publish_id: id, lines: publishLog(await publishHistory(this.store, id)) };
  }

  /** Its sealed events, in order of `seq`. */
  async events(id: string): Promise<readonly RecordedEvent[] | undefined> {
    return (await this.row(id)) && publishHistory(this.store, id);
  }

  async why(id: string): Promise<PublishWhy | undefined> {
    const row = await this.row(id);
    return row && publishWhy(row.document, this.rows.now());
  }

  /**
   * The publish, or a refusal that does not deny one that may have been acknowledged a moment ago and is not shown yet.
   * @throws ProblemError
   */
  async known(id: string): Promise<PublishRow> {
    const row = await this.row(id);
    if (row !== undefined) return row.document;
    if (!madeWithin(id, ACKNOWLEDGED_MS, this.rows.now().getTime()))
      throw refuse('not_found', `There is no publish "${id}".`);
    const detail = `If there is a publish "${id}", it was asked for a moment ago and is not known here yet: nothing was done.`;
    throw refuse('not_known_yet', detail, { headers: { 'Retry-After': '1' } });
  }

  /** Undefined: there is no such publish. */
  row(id: string): Promise<Found<PublishRow> | undefined> {
    return this.rows.found(id, () => this.rows.one<PublishRow>('publish', id));
  }
}

function summary(row: Head): PublishSummary {
  const { publish_id, project, version, target_id, target_name, environment, status, trigger } = row;
  const { requested_by, requested_at, ended_at, outcome_reason, waiting } = row;
  return {
    ...{ publish_id, project, version, target_id, target_name, environment, status, trigger },
    ...{ requested_by, requested_at, ended_at, outcome_reason, overdue_since: row.overdue_since ?? null },
    start_delay: waiting.for === 'start' ? startDelay(waiting) : null,
    duration_ms: ended_at === null ? null : Math.max(0, Date.parse(ended_at) - Date.parse(requested_at)),
  };
}

function startDelay({ since, resume_at, blocks }: StartDelay): StartDelay {
  return { since, resume_at, blocks };
}

function only(row: PublishRow) {
  const { bundle_digest, tagged_by, reason, allow_older, previous_version, steps, failure, cancel_requested_by } = row;
  return {
    ...{ bundle_digest, tagged_by, reason, allow_older, previous_version, failure, cancel_requested_by },
    steps: [...steps],
    overrides: row.overrides ?? [],
  };
}

/** Of the last round of checks: earlier ones were for another configuration, and stand in the log. */
function rounds(all: readonly LogEntry[]): Rounds {
  const history = all.slice(
    Math.max(
      0,
      all.findLastIndex(({ type }) => type === 'ValidationRequested'),
    ),
  );
  const view: Rounds = { validation: null, gates: gateRound(history), verification: null };
  for (const { type, data } of history) {
    if (type === 'ValidationCompleted') view.validation = { outcome: data.outcome, checks: data.checks };
    // After a rollback it is what came back that was verified.
    if (type === 'VerificationCompleted') view.verification = { outcome: data.outcome, checks: data.checks };
  }
  return view;
}

function rollbackPart({ rollback }: PublishRow): PublishDetail['rollback'] {
  if (rollback === undefined) return null;
  const { from, undoes, takes_over } = rollback;
  return { from, undoes, takes_over: [...takes_over] };
}

function links(
  { publish_id, target_id, project, version, rollback, retry_of }: PublishRow,
  { retriedBy, undoneBy }: { readonly retriedBy: string | null; readonly undoneBy: string | null },
): Record<string, string> {
  const self = `/api/v1/publishes/${publish_id}`;
  return {
    self,
    logs: `${self}/logs`,
    events: `${self}/events`,
    why: `${self}/why`,
    stream: `${self}/stream`,
    target: `/api/v1/targets/${target_id}`,
    version: `/api/v1/versions/${project}/${version}`,
    ...(retry_of === undefined ? {} : { retry_of: `/api/v1/publishes/${retry_of}` }),
    ...(retriedBy === null ? {} : { retried_by: `/api/v1/publishes/${retriedBy}` }),
    ...(rollback?.undoes ? { undoes: `/api/v1/publishes/${rollback.undoes}` } : {}),
    ...(undoneBy === null ? {} : { undone_by: `/api/v1/publishes/${undoneBy}` }),
  };
}
