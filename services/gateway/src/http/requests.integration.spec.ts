import { connect } from 'node:net';
import { prepareDatabase } from '@m3/database';
import { useGateway } from '../testing/gateway-under-test.js';
import { told } from '../testing/stories.js';

const use = useGateway({
  name: 'gateway',
  prepare: async (url) => {
    await prepareDatabase(url, () => 'secret');
  },
});
const publishRequest = { project: 'invoice-pipeline', version: 'v1.3.0', targets: ['x'] };

beforeAll(async () => {
  await use().append(told(1, 'TargetCreated'));
  await use().projected();
});

const deep = (levels: number) => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`;
const post = (body: unknown, headers = {}) => use().call('/api/v1/publishes', { method: 'POST', body, headers });

const rubbish: readonly { what: string; body: unknown; status?: number; code: string; field?: string }[] = [
  { what: 'not JSON', body: '{"project": ', code: 'malformed_json' },
  { what: 'cut off', body: '{"project":"a"', code: 'malformed_json' },
  { what: 'nested too deep', body: deep(10_000), code: 'malformed_json' },
  { what: 'with a NUL', body: JSON.stringify({ ...publishRequest, reason: 'a\0b' }), code: 'malformed_json' },
  { what: 'with half a character', body: '{"project":"\\ud800"}', code: 'malformed_json' },
  { what: 'of 2 MB', body: { reason: 'x'.repeat(2_000_000) }, status: 413, code: 'body_too_large' },
  { what: 'that is a list', body: [], code: 'invalid_body', field: '' },
  { what: 'that is null', body: 'null', code: 'invalid_body', field: '' },
  { what: 'with an unknown field', body: { ...publishRequest, planted: 1 }, code: 'invalid_body', field: '/planted' },
  { what: 'with a field missing', body: { project: 'a', targets: ['x'] }, code: 'invalid_body', field: '/version' },
  {
    what: 'with a field of another type',
    body: { ...publishRequest, allow_older: 'yes' },
    code: 'invalid_body',
    field: '/allow_older',
  },
  {
    what: 'with a field of the wrong form',
    body: { ...publishRequest, version: 'latest' },
    code: 'invalid_body',
    field: '/version',
  },
  { what: 'with no target', body: { ...publishRequest, targets: [] }, code: 'invalid_body', field: '/targets' },
  {
    what: 'with a polluting key',
    body: `{"__proto__":{"admin":true},${JSON.stringify(publishRequest).slice(1)}`,
    code: 'invalid_body',
    field: '/__proto__',
  },
];

describe('a body', () => {
  it.each(rubbish)('$what is refused', async ({ body, status = 400, code, field }) => {
    const reply = await post(body);
    expect(reply.json).toEqual({
      type: `urn:m3-publish:problem:${code}`,
      title: expect.any(String),
      ...{ status, code },
      detail: expect.stringMatching(/\w+.*\.$/),
      instance: expect.stringMatching(/^urn:uuid:/),
      ...(field === undefined ? {} : { field }),
    });
    expect(reply.status).toBe(status);
    expect(reply.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
    expect(use().owners.sent).toEqual([]);
  });

  const freeze = { scope: { kind: 'global' }, period: { from: '2026-03-01T00:00:00Z', to: null } };
  it.each([
    ['targets/x/hold', 'reason', {}],
    ['targets/x/release', 'reason', {}],
    ['publishes', 'reason', publishRequest],
    ['publishes', 'override_reason', publishRequest],
    ['publishes/plan', 'override_reason', publishRequest],
    ['publishes/x/cancel', 'reason', {}],
    ['publishes/x/override', 'reason', {}],
    ['publishes/x/gates/security/override', 'reason', {}],
    ['approvals/x/approve', 'comment', {}],
    ['approvals/x/reject', 'comment', {}],
    ['approvals/x/comments', 'comment', {}],
    ['reviews/x/close', 'findings', {}],
    ['freezes', 'reason', freeze],
    ['freezes/x/lift', 'reason', {}],
    ['dead-letters/x/discard', 'reason', {}],
    ['backups/x/restored', 'reason', {}],
  ])('for %s whose %s has nothing in it to read is refused', async (path, field, rest) => {
    for (const blank of ['', ' ', '\t\n\u00a0\u200b']) {
      const reply = await use().call(`/api/v1/${path}`, { method: 'POST', body: { ...rest, [field]: blank } });
      expect(reply.json).toMatchObject({ status: 400, code: 'blank_reason', field: `/${field}` });
    }
    expect(use().owners.sent).toEqual([]);
  });

  it('that is missing is asked for', async () => {
    expect((await use().call('/api/v1/publishes', { method: 'POST' })).json).toMatchObject({
      status: 400,
      code: 'body_required',
    });
  });

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'application/json; charset=latin1'])(
    'of type %s is refused',
    async (type) => {
      const reply = await post(publishRequest, { 'content-type': type });
      expect(reply.json).toMatchObject({ status: 415, code: 'unsupported_media_type' });
    },
  );
});

describe('a query', () => {
  it.each([
    ['limit=0', '/limit'],
    ['limit=201', '/limit'],
    ['limit=many', '/limit'],
    ['status=somehow', '/status'],
    ['planted=1', '/planted'],
    ['limit=1&limit=2', '/limit'],
    ['target[a]=1', '/target[a]'],
    ['target=a%00b', '/target'],
  ])('%s is refused, and the parameter named', async (query, field) => {
    const reply = await use().call(`/api/v1/publishes?${query}`);
    expect(reply.json).toMatchObject({ status: 400, code: 'invalid_query', field });
  });
});

describe('an address', () => {
  it.each([
    'GET /api/v1/nothing',
    'GET /nothing',
    'DELETE /api/v1/targets',
    'PUT /api/v1/publishes',
    'GET /api/docs-assets/package.json',
    'GET /api/docs-assets/..%2fpackage.json',
  ])('%s does not exist', async (route) => {
    const [method = '', path = ''] = route.split(' ');
    expect((await use().call(path, { method })).json).toMatchObject({ status: 404, code: 'unknown_route' });
  });

  it.each(['/api/v1/targets/%00', '/api/v1/targets/%E0%A4%A', `/api/v1/targets/${'x'.repeat(300)}`])(
    '%s is not well formed',
    async (path) => {
      expect((await use().call(path)).json).toMatchObject({ status: 400, code: 'invalid_path' });
    },
  );
});

it('never answers with a stack trace, whatever breaks', async () => {
  use().owners.answer('targets.enable', () => {
    throw new Error('canary of the inside');
  });
  const reply = await use().call('/api/v1/targets/Production%20US%20East/enable', { method: 'POST' });
  expect(reply.json).toMatchObject({ status: 500, code: 'internal_error' });
  expect(reply.text).not.toMatch(/canary|node_modules|\.ts:|\.js:/);
  expect(use().faults.at(-1)).toMatchObject({ instance: reply.json['instance'], path: expect.any(String) });
});

it('survives what is no HTTP at all', async () => {
  const { port, hostname } = new URL(use().url);
  const answer = await new Promise<string>((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.write('\x16\x03\x01 rubbish\r\n\r\n'));
    let text = '';
    socket.on('data', (data) => (text += data.toString()));
    socket.on('close', () => resolve(text));
    socket.on('error', reject);
  });
  expect(answer).toMatch(/^HTTP\/1\.1 400/);
  expect((await use().call('/api/v1/me')).status).toBe(200);
});

describe('descriptions', () => {
  const open = async (path: string) => {
    const response = await fetch(`${use().url}${path}`);
    return { status: response.status, type: response.headers.get('content-type'), text: await response.text() };
  };

  it('OpenAPI has every route, with its shapes, and needs no sign-in', async () => {
    const { status, text } = await open('/api/openapi.json');
    expect(status).toBe(200);
    const { paths } = JSON.parse(text) as { paths: Record<string, object> };
    expect(Object.keys(paths).length).toBeGreaterThan(25);
    expect(paths['/api/v1/publishes']).toHaveProperty(
      ['post', 'requestBody', 'content', 'application/json', 'schema', 'required'],
      expect.arrayContaining(['targets']),
    );
    expect(paths['/api/v1/publishes/{publish}/stream']).toHaveProperty([
      'get',
      'responses',
      '200',
      'content',
      'text/event-stream',
    ]);
  });

  it('AsyncAPI has every event', async () => {
    const document: unknown = JSON.parse((await open('/api/asyncapi.json')).text);
    expect(document).toHaveProperty('channels.PublishRequested.address', 'evt.publish.PublishRequested.{stream_id}');
  });

  it.each(['/', '/api/docs'])('%s is a page', async (path) => {
    expect(await open(path)).toMatchObject({ status: 200, type: expect.stringContaining('text/html') });
  });

  it('the page of the API gets its program from here', async () => {
    const { status, type } = await open('/api/docs-assets/swagger-ui-bundle.js');
    expect({ status, type }).toMatchObject({ status: 200, type: expect.stringContaining('javascript') });
  });
});
