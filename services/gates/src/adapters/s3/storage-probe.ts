import { ObjectStorageError, type ObjectStorage } from '@m3/object-storage';
import { failed, passed, type Verdict } from '../../domain/check.js';

/** One look at the storage serves all publishes that start within this time. */
const freshMs = 2_000;
const timeoutMs = 5_000;

/** Finds out whether backups can be written, by writing. */
export class StorageProbe {
  private last: { readonly at: number; readonly verdict: Promise<Verdict> } | undefined;

  constructor(
    private readonly storage: ObjectStorage,
    private readonly bucket: string,
  ) {}

  check(): Promise<Verdict> {
    const now = performance.now();
    if (!this.last || now - this.last.at > freshMs) this.last = { at: now, verdict: this.write() };
    return this.last.verdict;
  }

  private async write(): Promise<Verdict> {
    const started = performance.now();
    try {
      await this.storage.put(this.bucket, 'probe/writable', 'm3-publish', timeoutMs);
    } catch (error) {
      if (!(error instanceof ObjectStorageError)) throw error;
      const message = `bucket ${this.bucket} takes no writes: ${error.message}`;
      return failed(message, { findings: [{ code: 'backup_storage_not_writable', severity: 'error', message }] });
    }
    const latency_ms = performance.now() - started;
    return passed(`bucket ${this.bucket} takes writes in ${latency_ms.toFixed(1)} ms`, { metrics: { latency_ms } });
  }
}
