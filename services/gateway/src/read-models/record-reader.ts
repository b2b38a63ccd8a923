import type { DeadLetterListQuery, DeadLetterView, NotificationListQuery, NotificationView, Page } from '@m3/contracts';
import type { RowReader } from './rows.js';

/** Notifications and dead letters: their rows are what the API shows. */
export class RecordReader {
  constructor(private readonly rows: RowReader) {}

  notifications({ publish, cursor, limit }: NotificationListQuery): Promise<Page<NotificationView>> {
    return this.rows.page('notification', { where: { publish_id: publish }, cursor, limit });
  }

  deadLetters({ cursor, limit, ...where }: DeadLetterListQuery): Promise<Page<DeadLetterView>> {
    return this.rows.page('dead_letter', { where, cursor, limit });
  }

  async deadLetter(id: string): Promise<DeadLetterView | undefined> {
    return (await this.rows.found(id, () => this.rows.one<DeadLetterView>('dead_letter', id)))?.document;
  }
}
