import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { Environment } from '@m3/service-kit';
import { failed, passed, type Verdict } from '../../domain/check.js';

/** One look at the storage serves all publishes that start within this time. */
const freshMs = 2_000;
const timeoutMs = 5_000;

/** Finds out whether backups can be written, by writing. */
export class StorageProbe {
  private readonly client: S3Client;
  private readonly bucket: string;
  private last: { readonly at: number; readonly verdict: Promise<Verdict> } | undefined;

  constructor(environment: Environment) {
    this.bucket = environment.text('BACKUP_BUCKET', 'm3-backups');
    this.client = new S3Client({
      endpoint: environment.text('S3_ENDPOINT'),
      region: environment.text('S3_REGION', 'us-east-1'),
      credentials: {
        accessKeyId: environment.text('S3_ACCESS_KEY_ID'),
        secretAccessKey: environment.text('S3_SECRET_ACCESS_KEY'),
      },
      forcePathStyle: true,
      maxAttempts: 2,
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
    });
  }

  check(): Promise<Verdict> {
    const now = performance.now();
    if (!this.last || now - this.last.at > freshMs) this.last = { at: now, verdict: this.write() };
    return this.last.verdict;
  }

  close(): void {
    this.client.destroy();
  }

  private async write(): Promise<Verdict> {
    const started = performance.now();
    const put = new PutObjectCommand({ Bucket: this.bucket, Key: 'probe/writable', Body: Buffer.from('m3-publish') });
    try {
      await this.client.send(put, { abortSignal: AbortSignal.timeout(timeoutMs) });
      const latency_ms = performance.now() - started;
      return passed(`bucket ${this.bucket} takes writes in ${latency_ms.toFixed(1)} ms`, { metrics: { latency_ms } });
    } catch (error) {
      const reason = error instanceof Error ? error.name : 'unknown error';
      const message = `bucket ${this.bucket} takes no writes (${reason}); look at the backup storage`;
      return failed(message, { findings: [{ code: 'backup_storage_not_writable', severity: 'error', message }] });
    }
  }
}
