import { defaultBundleLimits } from '@m3/artifacts';
import { ObjectStorageError, type ObjectStorage } from '@m3/object-storage';
import type { FetchBundle } from '../../use-cases/bundle-source.js';

const timeoutMs = 30_000;

/** Reads bundles that travel by `s3://bucket/key`, with the service's own credentials. */
export function fetchFrom(storage: ObjectStorage): FetchBundle {
  return async (uri) => {
    const { host: bucket, pathname } = new URL(uri);
    try {
      return {
        text: await storage.get(bucket, decodeURIComponent(pathname.slice(1)), defaultBundleLimits.bytes, timeoutMs),
      };
    } catch (error) {
      if (!(error instanceof ObjectStorageError) || error.retryable) throw error;
      return { missing: `${uri}: ${error.message}` };
    }
  };
}
