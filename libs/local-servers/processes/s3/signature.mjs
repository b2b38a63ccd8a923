import { createHmac, hash, timingSafeEqual } from 'node:crypto';

const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=([^/,]+)\/(\d{8})\/([^/,]+)\/s3\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/;
const UNSIGNED = 'UNSIGNED-PAYLOAD';

/**
 * Checks AWS Signature Version 4 of a request that has one; others are let in, as on any machine of one's own. Answers the
 * name of S3's error, or undefined when all is well.
 */
export function signatureFault(request, body, { id, secret }) {
  const { authorization } = request.headers;
  if (authorization === undefined) return undefined;
  const [, user, date, region, names, signature] = AUTHORIZATION.exec(authorization) ?? [];
  if (user === undefined) return 'AuthorizationHeaderMalformed';
  if (user !== id) return 'InvalidAccessKeyId';
  const content = request.headers['x-amz-content-sha256'] ?? UNSIGNED;
  if (![UNSIGNED, hash('sha256', body, 'hex')].includes(content)) return 'XAmzContentSHA256Mismatch';
  const text = [
    'AWS4-HMAC-SHA256',
    request.headers['x-amz-date'],
    `${date}/${region}/s3/aws4_request`,
    hash('sha256', canonicalRequest(request, names, content), 'hex'),
  ].join('\n');
  const expected = hmac(signingKey(secret, date, region), text);
  return timingSafeEqual(expected, Buffer.from(signature, 'hex')) ? undefined : 'SignatureDoesNotMatch';
}

function canonicalRequest({ method, url, headers }, names, content) {
  const [path, query = ''] = url.split('?');
  const lines = names.split(';').map(
    (name) =>
      `${name}:${String(headers[name] ?? '')
        .trim()
        .replace(/ +/g, ' ')}\n`,
  );
  return [method, path.split('/').map(again).join('/'), canonicalQuery(query), lines.join(''), names, content].join(
    '\n',
  );
}

function canonicalQuery(query) {
  const pairs = query.split('&').filter((pair) => pair !== '');
  const fields = pairs.map((pair) => pair.split('=')).map(([name, value = '']) => `${again(name)}=${again(value)}`);
  return fields.sort().join('&');
}

/** However the client has escaped it, the signature is over one form. */
function again(escaped) {
  const text = decodeURIComponent(escaped);
  return encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
}

let known = { of: '', key: Buffer.alloc(0) };

/** The same for a whole day. */
function signingKey(secret, date, region) {
  const of = `${secret} ${date} ${region}`;
  if (known.of !== of) {
    const key = [date, region, 's3', 'aws4_request'].reduce(hmac, `AWS4${secret}`);
    known = { of, key };
  }
  return known.key;
}

function hmac(key, text) {
  return createHmac('sha256', key).update(text).digest();
}
