import { GetObjectCommand, S3Client, S3ServiceException } from '@aws-sdk/client-s3';
import { defaultBundleLimits } from '@m3/artifacts';
import type { Environment } from '@m3/service-kit';
import type { FetchBundle } from '../../use-cases/bundle-source.js';

const timeoutMs = 30_000;

export interface BundleBucket {
  readonly fetch: FetchBundle;
  close(): void;
}

/** Reads bundles that travel by `s3://bucket/key`, with the service's own credentials. */
export function createBundleBucket(environment: Environment): BundleBucket {
  const client = new S3Client({
    endpoint: environment.text('S3_ENDPOINT'),
    region: environment.text('S3_REGION', 'us-east-1'),
    credentials: {
      accessKeyId: environment.text('S3_ACCESS_KEY_ID'),
      secretAccessKey: environment.text('S3_SECRET_ACCESS_KEY'),
    },
    forcePathStyle: true,
    maxAttempts: 3,
    responseChecksumValidation: 'WHEN_REQUIRED',
  });
  return { fetch: (uri) => fetchBundle(client, uri), close: () => client.destroy() };
}

async function fetchBundle(client: S3Client, uri: string): ReturnType<FetchBundle> {
  const { host: bucket, pathname } = new URL(uri);
  const get = new GetObjectCommand({ Bucket: bucket, Key: decodeURIComponent(pathname.slice(1)) });
  try {
    const { Body, ContentLength = 0 } = await client.send(get, { abortSignal: AbortSignal.timeout(timeoutMs) });
    const limit = defaultBundleLimits.bytes;
    if (ContentLength > limit)
      return { missing: `the object at ${uri} has ${ContentLength} bytes, more than ${limit}` };
    return { text: (await Body?.transformToString()) ?? '' };
  } catch (error) {
    const status = clientErrorStatus(error);
    if (status === null) throw error;
    return { missing: `the object at ${uri} cannot be read (HTTP ${status})` };
  }
}

/** An answer that will be the same next time; null for anything that may pass. */
function clientErrorStatus(error: unknown): number | null {
  const status = error instanceof S3ServiceException ? (error.$metadata.httpStatusCode ?? 0) : 0;
  return status >= 400 && status < 500 ? status : null;
}
