const MOST = 1000;

/** One page of a bucket's keys, as ListObjectsV2 answers it. */
export function listing(objects, bucket, query) {
  const prefix = query.get('prefix') ?? '';
  const most = Math.min(Number(query.get('max-keys') ?? MOST), MOST);
  const after = startOf(query);
  const rest = objects.keys(bucket, prefix).filter((key) => Buffer.compare(Buffer.from(key), after) > 0);
  const page = rest.slice(0, most);
  const encoded = query.get('encoding-type') === 'url';
  const shown = encoded ? encodeURIComponent : escaped;
  return [
    `<ListBucketResult><Name>${bucket}</Name><Prefix>${shown(prefix)}</Prefix><KeyCount>${page.length}</KeyCount>`,
    encoded ? '<EncodingType>url</EncodingType>' : '',
    `<MaxKeys>${most}</MaxKeys><IsTruncated>${rest.length > page.length}</IsTruncated>`,
    rest.length > page.length ? nextPage(page) : '',
    ...page.map((key) => `<Contents><Key>${shown(key)}</Key></Contents>`),
    '</ListBucketResult>',
  ].join('');
}

/** Keys up to this one are not on the page. */
function startOf(query) {
  const token = query.get('continuation-token');
  return token === null ? Buffer.from(query.get('start-after') ?? '') : Buffer.from(token, 'base64url');
}

function nextPage(page) {
  return `<NextContinuationToken>${Buffer.from(page.at(-1) ?? '').toString('base64url')}</NextContinuationToken>`;
}

const ENTITIES = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

function escaped(text) {
  return text.replace(/[&<>]/g, (sign) => ENTITIES[sign]);
}
