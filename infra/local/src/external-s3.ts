import aws4 from 'aws4';
import { StartSettingError } from './start-options.js';
import type { S3Settings } from './stack-servers.js';

const ANSWER_WITHIN_MS = 10_000;

/** Makes sure that the bucket for backups is there. @throws StartSettingError in plain words when the storage cannot be used */
export async function ensureBucket(storage: S3Settings): Promise<void> {
  if ((await ask('HEAD', storage)).ok) return;
  const answer = await ask('PUT', storage);
  if (answer.ok) return;
  const [, code] = /<Code>([A-Za-z0-9]{1,60})<\/Code>/.exec(await answer.text()) ?? [];
  // Somebody else may have made it in between.
  if (code !== 'BucketAlreadyOwnedByYou') throw unusable(storage, code ?? `HTTP ${answer.status}`);
}

/** One signed request about the bucket (AWS Signature Version 4). */
async function ask(method: 'HEAD' | 'PUT', storage: S3Settings): Promise<Response> {
  const { endpoint, region, bucket, accessKeyId, secretAccessKey } = storage;
  const { host } = new URL(endpoint);
  const request = { service: 's3', region, method, path: `/${bucket}`, host, headers: {} };
  const signed = aws4.sign(request, { accessKeyId, secretAccessKey }).headers ?? {};
  const headers = Object.entries(signed).flatMap(([name, value]): [string, string][] =>
    value === undefined || name.toLowerCase() === 'host' ? [] : [[name, String(value)]],
  );
  try {
    return await fetch(new URL(request.path, endpoint), {
      method,
      headers,
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
    });
  } catch {
    throw unusable(storage, 'it does not answer');
  }
}

function unusable({ endpoint, bucket }: S3Settings, reason: string): StartSettingError {
  return new StartSettingError(
    `The bucket ${bucket} at ${endpoint} cannot be used: ${reason}. Look at S3_ENDPOINT, S3_REGION, S3_ACCESS_KEY_ID, ` +
      'S3_SECRET_ACCESS_KEY and BACKUP_BUCKET.',
  );
}
