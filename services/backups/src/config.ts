import type { Environment } from '@m3/service-kit';

export interface StorageConfig {
  readonly endpoint: string;
  readonly region: string;
  readonly bucket: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

export function readStorageConfig(environment: Environment): StorageConfig {
  return Object.freeze({
    endpoint: environment.text('S3_ENDPOINT'),
    region: environment.text('S3_REGION', 'us-east-1'),
    bucket: environment.text('BACKUP_BUCKET', 'm3-backups'),
    accessKeyId: environment.text('S3_ACCESS_KEY_ID'),
    secretAccessKey: environment.text('S3_SECRET_ACCESS_KEY'),
  });
}
