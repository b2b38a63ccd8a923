import type { BackupListQuery, BackupView, Page, VerificationView } from '@m3/contracts';
import { refuse } from '../http/problem-error.js';
import type { RowReader } from './rows.js';

/** Backups and looks at them: their rows are what the API shows. */
export class BackupReader {
  constructor(private readonly rows: RowReader) {}

  /** @param targetId of the target that the query names */
  list({ status, version, cursor, limit }: BackupListQuery, targetId?: string): Promise<Page<BackupView>> {
    return this.rows.page('backup', { where: { target_id: targetId, status, version }, cursor, limit });
  }

  ofPublish(publishId: string): Promise<Page<BackupView>> {
    return this.rows.page('backup', { where: { publish_id: publishId } });
  }

  /** @throws ProblemError when several backups, of different targets, have the name */
  async detail(idOrName: string): Promise<BackupView | undefined> {
    const backup = (await this.rows.found(idOrName, () => this.rows.one<BackupView>('backup', idOrName)))?.document;
    if (backup !== undefined) return backup;
    const [named, other] = (await this.rows.page<BackupView>('backup', { where: { name: idOrName }, limit: 2 })).items;
    if (other === undefined) return named;
    throw refuse('ambiguous_name', `Several backups are called "${idOrName}". Take the id from the list of backups.`, {
      field: '/backup',
    });
  }

  async verification(id: string): Promise<VerificationView | undefined> {
    return (await this.rows.found(id, () => this.rows.one<VerificationView>('verification', id)))?.document;
  }
}
