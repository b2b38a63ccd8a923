import { CreateBucketCommand, HeadBucketCommand, S3Client } from '@aws-sdk/client-s3';
import type { S3Settings } from './stack-servers.js';

const ANSWER_WITHIN_MS = 10_000;

/** Makes sure that the bucket for backups is there. @throws Error in plain words when the storage cannot be used */
export async function ensureBucket({
  endpoint,
  region,
  bucket,
  accessKeyId,
  secretAccessKey,
}: S3Settings): Promise<void> {
  const credentials = { accessKeyId, secretAccessKey };
  const client = new S3Client({ endpoint, region, credentials, forcePathStyle: true, maxAttempts: 2 });
  const abort = () => ({ abortSignal: AbortSignal.timeout(ANSWER_WITHIN_MS) });
  try {
    const there = await client.send(new HeadBucketCommand({ Bucket: bucket }), abort()).then(
      () => true,
      () => false,
    );
    if (!there) await client.send(new CreateBucketCommand({ Bucket: bucket }), abort());
  } catch (error) {
    const reason = error instanceof Error ? error.name : 'unknown error';
    throw new Error(
      `The bucket ${bucket} at ${endpoint} cannot be used (${reason}). Look at S3_ENDPOINT, S3_REGION, S3_ACCESS_KEY_ID, ` +
        'S3_SECRET_ACCESS_KEY and BACKUP_BUCKET.',
    );
  } finally {
    client.destroy();
  }
}
