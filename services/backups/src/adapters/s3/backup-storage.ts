import { GetObjectCommand, PutObjectCommand, S3Client, S3ServiceException } from '@aws-sdk/client-s3';
import type { StorageConfig } from '../../config.js';

/** The storage cannot be reached, or refuses: whether a write arrived is not known until it is read back. */
export class StorageError extends Error {
  constructor(
    readonly code: 'storage_unreachable' | 'storage_refused' | 'backup_missing',
    message: string,
  ) {
    super(message);
  }
}

const timeoutMs = 10_000;

/** Where backups are kept: one bucket of any S3. */
export class BackupStorage {
  private readonly client: S3Client;
  readonly bucket: string;

  constructor({ endpoint, region, bucket, accessKeyId, secretAccessKey }: StorageConfig) {
    this.bucket = bucket;
    this.client = new S3Client({
      endpoint,
      region,
      credentials: { accessKeyId, secretAccessKey },
      forcePathStyle: true,
      maxAttempts: 2,
      // Servers other than Amazon's store the newer chunked checksums as part of the object.
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
    });
  }

  /** @throws StorageError */
  async write(key: string, text: string): Promise<void> {
    const body = Buffer.from(text);
    const put = new PutObjectCommand({ Bucket: this.bucket, Key: key, Body: body, ContentType: 'application/json' });
    await this.asked(() => this.client.send(put, { abortSignal: AbortSignal.timeout(timeoutMs) }));
  }

  /** @throws StorageError */
  async read(key: string): Promise<string> {
    return this.asked(async () => {
      const get = new GetObjectCommand({ Bucket: this.bucket, Key: key });
      const { Body } = await this.client.send(get, { abortSignal: AbortSignal.timeout(timeoutMs) });
      return (await Body?.transformToString()) ?? '';
    });
  }

  close(): void {
    this.client.destroy();
  }

  private async asked<Result>(ask: () => Promise<Result>): Promise<Result> {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof S3ServiceException)) {
        throw new StorageError('storage_unreachable', 'the backup storage does not answer');
      }
      if (error.name === 'NoSuchKey') throw new StorageError('backup_missing', 'the backup is not in the storage');
      const status = error.$metadata.httpStatusCode ?? 0;
      const code = status >= 500 ? 'storage_unreachable' : 'storage_refused';
      throw new StorageError(code, `the backup storage refuses (${error.name}, HTTP ${status})`);
    }
  }
}
