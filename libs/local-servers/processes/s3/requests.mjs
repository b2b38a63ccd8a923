import { hash } from 'node:crypto';
import { listing } from './listing.mjs';
import { isKey } from './objects.mjs';
import { signatureFault } from './signature.mjs';

const STATUSES = {
  InvalidAccessKeyId: 403,
  SignatureDoesNotMatch: 403,
  NoSuchBucket: 404,
  NoSuchKey: 404,
  MethodNotAllowed: 405,
  InternalError: 500,
  NotImplemented: 501,
  InsufficientStorage: 507,
};
const BUCKET = /^[a-z0-9][a-z0-9.-]{2,62}$/;
const NOTHING = Buffer.alloc(0);

/** What the server answers to a request with this body: `{status, headers, body}`. */
export function answerTo(server, request, body) {
  try {
    const fault = signatureFault(request, body, server.key);
    return fault === undefined ? answer(server.objects, request, body) : refusal(fault);
  } catch (error) {
    return refusal(faultOf(error));
  }
}

function answer(objects, { method, url, headers }, body) {
  const { pathname, searchParams } = new URL(url, 'http://s3');
  const [bucket, ...parts] = pathname.slice(1).split('/').map(decodeURIComponent);
  const key = parts.join('/');
  if (!BUCKET.test(bucket)) return refusal('InvalidBucketName');
  if (key === '') return bucketAnswer(objects, method, { bucket, searchParams });
  if (!isKey(key)) return refusal('InvalidObjectName');
  if (headers['content-encoding'] === 'aws-chunked') return refusal('NotImplemented');
  return objects.hasBucket(bucket) ? objectAnswer(objects, method, { bucket, key, body }) : refusal('NoSuchBucket');
}

function bucketAnswer(objects, method, { bucket, searchParams }) {
  if (method === 'PUT') {
    objects.makeBucket(bucket);
    return done(200);
  }
  if (method !== 'GET' && method !== 'HEAD') return refusal('MethodNotAllowed');
  if (!objects.hasBucket(bucket)) return refusal('NoSuchBucket');
  if (searchParams.has('delimiter')) return refusal('NotImplemented');
  return xml(200, listing(objects, bucket, searchParams));
}

function objectAnswer(objects, method, { bucket, key, body }) {
  switch (method) {
    case 'PUT':
      objects.put(bucket, key, body);
      return done(200, { etag: etag(body) });
    case 'DELETE':
      objects.delete(bucket, key);
      return done(204);
    case 'GET':
    case 'HEAD': {
      const content = objects.get(bucket, key);
      if (content === undefined) return refusal('NoSuchKey');
      return { status: 200, headers: { etag: etag(content), 'content-type': 'binary/octet-stream' }, body: content };
    }
    default:
      return refusal('MethodNotAllowed');
  }
}

const etag = (content) => `"${hash('md5', content, 'hex')}"`;

const done = (status, headers = {}) => ({ status, headers, body: NOTHING });

function xml(status, text) {
  const body = Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>\n${text}`);
  return { status, headers: { 'content-type': 'application/xml' }, body };
}

function refusal(code) {
  return xml(STATUSES[code] ?? 400, `<Error><Code>${code}</Code><Message>${code}</Message></Error>`);
}

function faultOf({ code, name }) {
  if (code === 'ENAMETOOLONG') return 'KeyTooLongError';
  if (code === 'ENOSPC') return 'InsufficientStorage';
  return name === 'URIError' ? 'InvalidURI' : 'InternalError';
}
