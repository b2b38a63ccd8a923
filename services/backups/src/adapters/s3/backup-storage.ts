import type { ObjectStorage } from '@m3/object-storage';

/** Where backups are kept: one bucket. */
export class BackupStorage {
  constructor(
    private readonly storage: ObjectStorage,
    readonly bucket: string,
  ) {}

  /** @throws ObjectStorageError */
  write(key: string, text: string): Promise<void> {
    return this.storage.put(this.bucket, key, text);
  }

  /** @throws ObjectStorageError */
  read(key: string): Promise<string> {
    return this.storage.get(this.bucket, key);
  }
}
