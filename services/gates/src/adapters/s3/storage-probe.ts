import { ObjectStorageError, type ObjectStorage } from '@m3/object-storage';
import type { Clock } from '@m3/process';
import type { OutsideFault } from '@m3/target-access';
import { afterLooks, look } from '../../checks/two-looks.js';
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
    private readonly clock: Clock,
  ) {}

  /** @param remainingMs how long the answer is of use: until then it is tried twice */
  check(remainingMs: () => number): Promise<Verdict> {
    const now = performance.now();
    if (!this.last || now - this.last.at > freshMs) this.last = { at: now, verdict: this.probe(remainingMs) };
    return this.last.verdict;
  }

  private async probe(remainingMs: () => number): Promise<Verdict> {
    const looked = look(() => this.write(), { describe: storageFault, remainingMs });
    return afterLooks(await this.verdict(looked.answer), looked, this.clock());
  }

  /** How long it took, in milliseconds. */
  private async write(): Promise<number> {
    const started = performance.now();
    await this.storage.put(this.bucket, 'probe/writable', 'm3-publish', timeoutMs);
    return performance.now() - started;
  }

  private async verdict(written: Promise<number>): Promise<Verdict> {
    try {
      const latency_ms = await written;
      return passed(`bucket ${this.bucket} takes writes in ${latency_ms.toFixed(1)} ms`, { metrics: { latency_ms } });
    } catch (error) {
      if (!(error instanceof ObjectStorageError)) throw error;
      const message = `bucket ${this.bucket} takes no writes: ${error.message}`;
      return failed(message, { findings: [{ code: 'backup_storage_not_writable', severity: 'error', message }] });
    }
  }
}

function storageFault(error: unknown): OutsideFault | null {
  if (!(error instanceof ObjectStorageError)) return null;
  return { code: error.code, reason: error.message, retryable: error.retryable };
}
