/**
 * Why the storage did not do what was asked. Stable: events and replies carry these. After `unreachable`, `timeout` and
 * `invalid_answer` it is not known whether a write arrived.
 */
export type ObjectStorageCode =
  | 'storage_unreachable'
  | 'storage_timeout'
  | 'storage_busy'
  | 'storage_invalid_answer'
  | 'storage_full'
  | 'storage_refused'
  | 'bucket_missing'
  | 'object_missing'
  | 'object_too_large';

/** What another try may cure; after the others somebody has to act first. */
const PASSING: ReadonlySet<ObjectStorageCode> = new Set<ObjectStorageCode>([
  'storage_unreachable',
  'storage_timeout',
  'storage_busy',
  'storage_invalid_answer',
]);

/** The storage did not do what was asked. The message names no key of the account. */
export class ObjectStorageError extends Error {
  /** Worth another try. */
  readonly retryable: boolean;

  constructor(
    readonly code: ObjectStorageCode,
    message: string,
  ) {
    super(message);
    this.name = 'ObjectStorageError';
    this.retryable = PASSING.has(code);
  }
}

/** Names that different S3 give to "no room left". */
const FULL = new Set([
  'QuotaExceeded',
  'InsufficientStorage',
  'StorageFull',
  'XMinioStorageFull',
  'XMinioAdminBucketQuotaExceeded',
]);

const MEANINGS = {
  storage_full: 'the object storage has no room left',
  bucket_missing: 'the bucket does not exist',
  object_missing: 'the object storage has no such object',
  storage_busy: 'the object storage asks to come again later',
  storage_unreachable: 'the object storage is out of order',
  storage_refused: 'the object storage refuses',
} as const;

/** The error of an answer that is no success. */
export function refusal(status: number, body: string): ObjectStorageError {
  const name = /<Code>([A-Za-z0-9]{1,60})<\/Code>/.exec(body)?.[1];
  const code = refusalCode(status, name ?? '');
  return new ObjectStorageError(code, `${MEANINGS[code]} (${name ?? 'no reason given'}, HTTP ${status})`);
}

function refusalCode(status: number, name: string): keyof typeof MEANINGS {
  if (status === 507 || FULL.has(name)) return 'storage_full';
  if (name === 'NoSuchBucket') return 'bucket_missing';
  if (status === 404) return 'object_missing';
  if (status === 429 || status === 503) return 'storage_busy';
  return status >= 500 ? 'storage_unreachable' : 'storage_refused';
}

/** The error of a call that got no whole answer. */
export function noAnswer(error: unknown, timeoutMs: number): ObjectStorageError {
  if (error instanceof ObjectStorageError) return error;
  // Looks at the shape, not the class: errors of sockets may come from another realm.
  const [name, code] = [textOf(error, 'name'), textOf(error, 'code')];
  if (name === 'TimeoutError' || code.endsWith('_TIMEOUT'))
    return new ObjectStorageError('storage_timeout', `the object storage gave no answer within ${timeoutMs} ms`);
  if (name === 'HTTPParserError' || code === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH')
    return new ObjectStorageError('storage_invalid_answer', 'what answers at the object storage’s address is no S3');
  return new ObjectStorageError('storage_unreachable', 'the object storage does not answer');
}

function textOf(error: unknown, field: string): string {
  const value: unknown = typeof error === 'object' && error !== null ? Reflect.get(error, field) : undefined;
  return typeof value === 'string' ? value : '';
}
