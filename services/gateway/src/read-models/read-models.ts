import type { Provider } from '@nestjs/common';
import type { EventStore } from '@m3/event-store';
import type { Pool } from 'pg';
import { ApprovalReader } from './approval-reader.js';
import { FreezeReader } from './freeze-reader.js';
import { BackupReader } from './backup-reader.js';
import { PublishReader } from './publish-reader.js';
import { RecordReader } from './record-reader.js';
import { ReviewReader } from './review-reader.js';
import { RowReader } from './rows.js';
import { ScheduleReader } from './schedule-reader.js';
import { TargetHistory } from './target-history.js';
import { TargetReader } from './target-reader.js';
import { VersionReader } from './version-reader.js';

/** All readers of the read models, for Nest to inject. */
export function readModels(from: {
  readonly pool: Pool;
  readonly store: Pick<EventStore, 'readStream'>;
  readonly schema: string;
  readonly clock: () => Date;
}): Provider[] {
  const rows = new RowReader(from.pool, from.schema, from.clock);
  const approvals = new ApprovalReader(rows);
  const backups = new BackupReader(rows);
  const records = new RecordReader(rows);
  const targets = new TargetReader(rows);
  return [
    { provide: TargetHistory, useValue: new TargetHistory(rows, from.store) },
    { provide: TargetReader, useValue: targets },
    { provide: ScheduleReader, useValue: new ScheduleReader(rows, targets) },
    { provide: VersionReader, useValue: new VersionReader(rows) },
    { provide: PublishReader, useValue: new PublishReader(rows, from.store, { approvals, backups, records }) },
    { provide: FreezeReader, useValue: new FreezeReader(rows) },
    { provide: ApprovalReader, useValue: approvals },
    { provide: BackupReader, useValue: backups },
    { provide: ReviewReader, useValue: new ReviewReader(rows) },
    { provide: RecordReader, useValue: records },
  ];
}
