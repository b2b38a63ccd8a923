import { ObjectStorageError } from './errors.js';

/** One page of a bucket's keys (ListObjectsV2), which S3 answers as XML. */
export interface Listing {
  readonly keys: readonly string[];
  /** Where the next page begins; null on the last. */
  readonly next: string | null;
}

/** Parameters in the order that their signature wants. */
export function listQuery(prefix: string, token: string): string {
  const from = token === '' ? [] : [`continuation-token=${encodeURIComponent(token)}`];
  return [...from, 'encoding-type=url', 'list-type=2', `prefix=${encodeURIComponent(prefix)}`].join('&');
}

/** @throws ObjectStorageError (`storage_invalid_answer`) for anything that is no listing */
export function readListing(xml: string): Listing {
  if (!xml.includes('<ListBucketResult'))
    throw new ObjectStorageError('storage_invalid_answer', 'the object storage answers a listing with something else');
  const encoded = xml.includes('<EncodingType>url</EncodingType>');
  const keys = [...xml.matchAll(/<Key>([^<]*)<\/Key>/g)].map(([, key = '']) => decoded(unescaped(key), encoded));
  const token = /<NextContinuationToken>([^<]+)<\/NextContinuationToken>/.exec(xml)?.[1];
  return { keys, next: token === undefined ? null : unescaped(token) };
}

function decoded(key: string, encoded: boolean): string {
  if (!encoded) return key;
  try {
    return decodeURIComponent(key.replaceAll('+', ' '));
  } catch {
    return key;
  }
}

const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

function unescaped(text: string): string {
  return text.replaceAll(/&(?:#(\d{1,7})|#x([0-9a-fA-F]{1,6})|([a-z]{2,4}));/g, (whole, decimal, hex, name) => {
    if (typeof decimal === 'string') return String.fromCodePoint(Number(decimal));
    if (typeof hex === 'string') return String.fromCodePoint(parseInt(hex, 16));
    return ENTITIES[String(name)] ?? whole;
  });
}
