import { sha256, type BackupCondition, type EventData } from '@m3/contracts';
import { ObjectStorageError, type ObjectStorage } from '@m3/object-storage';

/** What is stored of a backup, and what is wrong with it. */
export interface Look {
  readonly outcome: BackupCondition;
  readonly reason: string | null;
}

/**
 * Reads a stored backup and compares its digest. A storage that gave no answer says nothing: that throws.
 * @throws ObjectStorageError that another try may cure
 */
export async function lookAtBackup(storage: ObjectStorage, taken: EventData<'BackupTaken'>): Promise<Look> {
  const { bucket, key } = taken.location;
  try {
    // Anything longer than what was written is not what was written.
    const digest = sha256(await storage.get(bucket, key, taken.bytes));
    if (digest === taken.digest) return { outcome: 'ok', reason: null };
    return { outcome: 'altered', reason: `what is stored has the digest ${digest}, not ${taken.digest}` };
  } catch (error) {
    if (!(error instanceof ObjectStorageError) || error.retryable) throw error;
    return found(error, taken);
  }
}

function found({ code, message }: ObjectStorageError, { bytes }: EventData<'BackupTaken'>): Look {
  if (code === 'object_missing') return { outcome: 'missing', reason: message };
  if (code === 'object_too_large')
    return { outcome: 'altered', reason: `more is stored than the ${bytes} bytes written` };
  return { outcome: 'unreadable', reason: message };
}
