import type { Environment } from '@m3/service-kit';
import aws4 from 'aws4';
import { Pool } from 'undici';

export interface ObjectStorageSettings {
  /** `http(s)://host[:port]` of an S3; buckets are addressed by path. */
  readonly endpoint: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

export function readObjectStorageSettings(environment: Environment): ObjectStorageSettings {
  return Object.freeze({
    endpoint: environment.text('S3_ENDPOINT'),
    region: environment.text('S3_REGION', 'us-east-1'),
    accessKeyId: environment.text('S3_ACCESS_KEY_ID'),
    secretAccessKey: environment.text('S3_SECRET_ACCESS_KEY'),
  });
}

/** `unreachable`: no answer, or one that may be another next time; whether a write arrived is not known. */
export type ObjectStorageCode = 'storage_unreachable' | 'storage_refused' | 'object_missing' | 'object_too_large';

/** The storage did not do what was asked. The message names no key of the account. */
export class ObjectStorageError extends Error {
  constructor(
    readonly code: ObjectStorageCode,
    message: string,
  ) {
    super(message);
    this.name = 'ObjectStorageError';
  }
}

const defaultTimeoutMs = 10_000;
const connections = 32;

interface Call {
  readonly method: 'GET' | 'PUT';
  readonly path: string;
  readonly body?: Buffer;
  readonly timeoutMs: number;
}

/** Objects in any S3: whole texts, signed requests (AWS Signature Version 4), one connection pool. */
export class ObjectStorage {
  private readonly pool: Pool;
  private readonly host: string;

  constructor(private readonly settings: ObjectStorageSettings) {
    const { origin, host } = new URL(settings.endpoint);
    this.host = host;
    this.pool = new Pool(origin, { connections, connect: { timeout: 5_000 } });
  }

  /** Replaces an object. @throws ObjectStorageError */
  async put(bucket: string, key: string, text: string, timeoutMs = defaultTimeoutMs): Promise<void> {
    await this.call({ method: 'PUT', path: pathOf(bucket, key), body: Buffer.from(text), timeoutMs }, 0);
  }

  /** The object's text, if it has at most `maxBytes`. @throws ObjectStorageError */
  async get(bucket: string, key: string, maxBytes = 256 * 1024 * 1024, timeoutMs = defaultTimeoutMs): Promise<string> {
    return this.call({ method: 'GET', path: pathOf(bucket, key), timeoutMs }, maxBytes);
  }

  async close(): Promise<void> {
    await this.pool.close();
  }

  private async call(call: Call, maxBytes: number): Promise<string> {
    const { method, path, body, timeoutMs } = call;
    const signal = AbortSignal.timeout(timeoutMs);
    try {
      const answer = await this.pool.request({
        method,
        path,
        headers: this.signed(call),
        signal,
        ...(body ? { body } : {}),
      });
      const text = await readAtMost(answer.body, answer.statusCode < 300 ? Math.max(maxBytes, 1024) : 64 * 1024);
      if (answer.statusCode < 300) return text;
      throw refusal(answer.statusCode, text);
    } catch (error) {
      if (error instanceof ObjectStorageError) throw error;
      throw new ObjectStorageError('storage_unreachable', 'the object storage does not answer');
    }
  }

  private signed({ method, path, body }: Call): Record<string, string> {
    const { region, accessKeyId, secretAccessKey } = this.settings;
    const request = { service: 's3', region, method, path, host: this.host, headers: {}, ...(body ? { body } : {}) };
    const headers: Record<string, string> = {};
    for (const [name, value] of Object.entries(aws4.sign(request, { accessKeyId, secretAccessKey }).headers ?? {})) {
      if (value !== undefined) headers[name] = String(value);
    }
    return headers;
  }
}

function pathOf(bucket: string, key: string): string {
  return `/${bucket}/${key.split('/').map(encodeURIComponent).join('/')}`;
}

function refusal(status: number, body: string): ObjectStorageError {
  const name = /<Code>([A-Za-z0-9]{1,60})<\/Code>/.exec(body)?.[1] ?? 'no reason given';
  if (status === 404)
    return new ObjectStorageError('object_missing', `the object storage has no such object (${name})`);
  const code = status >= 500 || status === 429 ? 'storage_unreachable' : 'storage_refused';
  return new ObjectStorageError(code, `the object storage refuses (${name}, HTTP ${status})`);
}

async function readAtMost(body: AsyncIterable<Buffer>, maxBytes: number): Promise<string> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of body) {
    size += part.length;
    if (size > maxBytes) throw new ObjectStorageError('object_too_large', `the object has more than ${maxBytes} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts).toString();
}
