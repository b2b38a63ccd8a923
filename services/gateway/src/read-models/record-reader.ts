import type {
  BackupListQuery,
  BackupView,
  DeadLetterListQuery,
  DeadLetterView,
  NotificationListQuery,
  NotificationView,
  Page,
} from '@m3/contracts';
import { found } from './patience.js';
import type { RowReader } from './rows.js';

/** Backups, notifications and dead letters: their rows are what the API shows. */
export class RecordReader {
  constructor(private readonly rows: RowReader) {}

  /** @param targetId of the target that the query names */
  backups({ cursor, limit }: BackupListQuery, targetId?: string): Promise<Page<BackupView>> {
    return this.rows.page('backup', { where: { target_id: targetId }, cursor, limit });
  }

  backupsOfPublish(publishId: string): Promise<Page<BackupView>> {
    return this.rows.page('backup', { where: { publish_id: publishId } });
  }

  notifications({ publish, cursor, limit }: NotificationListQuery): Promise<Page<NotificationView>> {
    return this.rows.page('notification', { where: { publish_id: publish }, cursor, limit });
  }

  deadLetters({ cursor, limit, ...where }: DeadLetterListQuery): Promise<Page<DeadLetterView>> {
    return this.rows.page('dead_letter', { where, cursor, limit });
  }

  async deadLetter(id: string): Promise<DeadLetterView | undefined> {
    return (await found(id, () => this.rows.one<DeadLetterView>('dead_letter', id)))?.document;
  }
}
