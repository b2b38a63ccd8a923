import { declared, type BackupEvent } from '@m3/contracts';
import {
  backupKey,
  backupName,
  evolveBackup,
  initialBackup,
  recordBackup,
  recordDeletion,
  recordRestore,
  recordVerification,
  storedBackup,
} from './backup.js';

const taken: BackupEvent = { type: 'BackupTaken', data: declared('BackupTaken').example };
const failed: BackupEvent = { type: 'BackupFailed', data: declared('BackupFailed').example };
const restored: BackupEvent = { type: 'BackupRestored', data: declared('BackupRestored').example };

describe('a backup', () => {
  it('is recorded once, whatever a repeated attempt brings', () => {
    expect(recordBackup(initialBackup, taken)).toEqual([taken]);
    expect(recordBackup(evolveBackup(initialBackup, taken), failed)).toEqual([]);
    expect(recordBackup(evolveBackup(initialBackup, failed), taken)).toEqual([]);
  });

  it('is restored once for each publish', () => {
    const state = evolveBackup(evolveBackup(initialBackup, taken), restored);
    expect(recordRestore(state, restored)).toEqual([]);
    const other: BackupEvent = {
      ...restored,
      data: { ...restored.data, publish_id: 'pub_01930d8c-0000-7000-8000-000000000009' },
    };
    expect(recordRestore(state, other)).toEqual([other]);
  });

  it('is looked at once for each verification', () => {
    const verified = { type: 'BackupVerified', data: declared('BackupVerified').example } as const;
    expect(recordVerification(initialBackup, verified)).toEqual([verified]);
    expect(recordVerification(evolveBackup(initialBackup, verified), verified)).toEqual([]);
  });

  it('is deleted once, and then there is nothing to restore', () => {
    const deleted = { type: 'BackupDeleted', data: declared('BackupDeleted').example } as const;
    const stored = evolveBackup(initialBackup, taken);
    expect(recordDeletion(initialBackup, deleted)).toEqual([]);
    expect(recordDeletion(stored, deleted)).toEqual([deleted]);
    expect(recordDeletion(evolveBackup(stored, deleted), deleted)).toEqual([]);
    expect(storedBackup(stored, 'bkp_1')).toMatchObject({ outcome: 'stored' });
    expect(storedBackup(initialBackup, 'bkp_1')).toMatchObject({ rejection: { code: 'backup_not_found' } });
    const gone = storedBackup(evolveBackup(stored, deleted), 'bkp_1');
    expect(gone).toMatchObject({ rejection: { code: 'backup_deleted' } });
  });

  it('has a name with environment and time, under a prefix of its target', () => {
    const name = backupName('prod', new Date('2024-03-19T14:23:45.678Z'));
    expect(name).toBe('backup-prod-20240319-142345');
    expect(backupKey('tgt_1', name, 'bkp_1')).toBe('tgt_1/backup-prod-20240319-142345-bkp_1.json');
  });
});
