import type { Environment } from '@m3/service-kit';
import aws4 from 'aws4';
import { Pool } from 'undici';
import { noAnswer, ObjectStorageError, refusal } from './errors.js';
import { listQuery, readListing } from './listing.js';

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

const defaultTimeoutMs = 10_000;
const connections = 32;
/** A page has a thousand keys of at most a kilobyte. */
const listingBytes = 8 * 1024 * 1024;

interface Call {
  readonly method: 'GET' | 'PUT' | 'DELETE';
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

  /** Removes an object; one that is not there is removed already. @throws ObjectStorageError */
  async delete(bucket: string, key: string, timeoutMs = defaultTimeoutMs): Promise<void> {
    try {
      await this.call({ method: 'DELETE', path: pathOf(bucket, key), timeoutMs }, 0);
    } catch (error) {
      if (!(error instanceof ObjectStorageError) || error.code !== 'object_missing') throw error;
    }
  }

  /** The keys below a prefix, in order. @throws ObjectStorageError */
  async list(bucket: string, prefix: string, timeoutMs = defaultTimeoutMs): Promise<readonly string[]> {
    const keys: string[] = [];
    for (let token: string | null = ''; token !== null;) {
      const path = `/${bucket}?${listQuery(prefix, token)}`;
      const listing = readListing(await this.call({ method: 'GET', path, timeoutMs }, listingBytes));
      keys.push(...listing.keys);
      token = listing.next;
    }
    return keys;
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
      throw noAnswer(error, timeoutMs);
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
