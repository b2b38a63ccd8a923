import { randomBytes } from 'node:crypto';
import { testRun, type TestS3 } from './test-run.js';

export interface TestBucket extends TestS3 {
  readonly bucket: string;
}

/** A fresh, empty bucket of the run's S3 server. It goes with the run. */
export async function createTestBucket(): Promise<TestBucket> {
  const { s3 } = testRun();
  const bucket = `test-${randomBytes(6).toString('hex')}`;
  const answer = await fetch(`${s3.endpoint}/${bucket}`, { method: 'PUT' });
  if (!answer.ok) throw new Error(`The S3 server refused to make a bucket: HTTP ${answer.status}`);
  return { ...s3, bucket };
}
