import fc from 'fast-check';
import type { Bundle } from './bundle.js';
import { scanSecrets, secretDigest } from './scan-secrets.js';

/** Made up, and put together here so that no scanner takes this file for a leak. */
const made = {
  aws: 'AKIA' + 'QYLPMN5HABCDEFGH',
  awsSecret: 'wJalrXUtnFEMI/K7MDENG/' + 'bPxRfiCYzEXAMPLEKY',
  github: 'ghp_' + 'a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8',
  slack: 'xoxb-' + '123456789012-123456789012-abcdefghijklmnopqrstuvwx',
  marie: 'mas_' + '0aPJ98lRnaDDx8g1AwhPEsUAUdnx',
  openai: 'sk-' + 'proj-a1B2c3D4e5F6g7H8i9J0k1L2',
  jwt: ['eyJhbGciOiJIUzI1NiJ9', 'eyJzdWIiOiIxMjM0NTY3ODkwIn0', 'dozjgNryP4J3jVmNHl0w5N'].join('.'),
  key: [
    '-----BEGIN RSA PRIVATE KEY-----',
    'MIIEpAIBAAKCAQEA' + 'x7Yk'.repeat(40),
    '-----END RSA PRIVATE KEY-----',
  ].join('\n'),
  google: 'AIza' + 'SyA1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q',
};

const withParams = (params: Record<string, unknown>): Bundle => ({
  workflows: [{ name: 'extract', plan: { nodes: [{ definition: { params } }] } }],
  agents: [],
  processors: [],
  tests: [],
});
const inParams = async (params: Record<string, unknown>) => scanSecrets(withParams(params));

describe('a secret is found, placed and never shown', () => {
  const secrets: [string, string, string, string, string][] = [
    [
      'a connection string',
      'db',
      'postgresql://ann:s3cr3t-pw@db.example.com:5432/x',
      's3cr3t-pw',
      'secret.connection_string',
    ],
    [
      'a connection string in a text',
      'note',
      'use amqp://ann:hunter2@mq, please',
      'hunter2',
      'secret.connection_string',
    ],
    ['a URL with a password', 'url', 'https://ann:hunter2@example.com/', 'hunter2', 'secret.connection_string'],
    ['a private key', 'pem', made.key, 'MIIEpAIBAAKCAQEA', 'secret.private_key'],
    ['a bearer token', 'header', 'Bearer abcdef0123456789abcdef', 'abcdef0123456789', 'secret.bearer_token'],
    ['a JSON web token', 'x', made.jwt, made.jwt, 'secret.bearer_token'],
    ['a Marie key', 'x', made.marie, made.marie, 'secret.api_key'],
    ['a model provider key', 'x', `key ${made.openai}.`, made.openai, 'secret.api_key'],
    ['a Google key', 'x', made.google, made.google, 'secret.api_key'],
    ['an AWS key id', 'x', made.aws, made.aws, 'secret.cloud_key'],
    ['an AWS secret', 'aws_secret_access_key', made.awsSecret, made.awsSecret, 'secret.named_field'],
    [
      'an AWS secret in a text',
      'env',
      `AWS_SECRET_ACCESS_KEY=${made.awsSecret}`,
      made.awsSecret,
      'secret.known_format',
    ],
    ['a GitHub token', 'x', made.github, made.github, 'secret.known_format'],
    ['a Slack token', 'x', made.slack, made.slack, 'secret.known_format'],
    ['a password by its name', 'dbPassword', 'correcthorse', 'correcthorse', 'secret.named_field'],
    ['an API key by its name', 'api-key', '0123456789abcdef', '0123456789abcdef', 'secret.named_field'],
  ];
  test.each(secrets)('%s', async (...[, field, text, secret, code]) => {
    const findings = await inParams({ deep: [{ [field]: text }] });
    expect(findings).toMatchObject([
      {
        code,
        severity: 'error',
        artifact: { kind: 'workflow', name: 'extract' },
        path: `/plan/nodes/0/definition/params/deep/0/${field}`,
        digest: expect.stringMatching(/^[0-9a-f]{12}$/),
      },
    ]);
    expect(JSON.stringify(findings)).not.toContain(secret);
  });

  test('in the name of a field, and the place does not tell it', async () => {
    const findings = await inParams({ [made.marie]: { password: 'correcthorse' } });
    expect(findings.map(({ code }) => code).sort()).toEqual(['secret.api_key', 'secret.named_field']);
    expect(JSON.stringify(findings)).not.toContain(made.marie);
  });

  test('in every kind of artifact', async () => {
    const bundle: Bundle = {
      workflows: [],
      agents: [{ name: 'a', llm: { api_key: made.openai } }],
      processors: [{ name: 'b', config_snapshot: { webhook: made.slack } }],
      tests: [{ name: 'c', workflow: 'w', input: { token: made.github }, expect: { output: made.aws } }],
    };
    const found = await scanSecrets(bundle);
    expect(found.map(({ artifact, path }) => `${artifact.name} ${path}`).sort()).toEqual([
      'a /llm/api_key',
      'b /config_snapshot/webhook',
      'c /expect/output',
      'c /input/token',
    ]);
  });

  test('beyond the first page of a long text, once', async () => {
    for (const at of [65_000, 65_520, 200_000]) {
      expect(await inParams({ text: `${'a '.repeat(at / 2)}${made.github} ${'b '.repeat(50_000)}` })).toHaveLength(1);
    }
  });

  test('though a comment asks scanners to look away', async () => {
    const text = `// secretlint-disable\n${made.github}\n// secretlint-disable-line ${made.slack}`;
    expect((await inParams({ text })).length).toBeGreaterThanOrEqual(1);
  });
});

describe('no secret is seen in', () => {
  test.each([
    ['a reference to the environment', { password: '${DB_PASSWORD}', api_key: 'env:OPENAI_KEY' }],
    ['a template', { token: '{{ secrets.token }}', secret: '<your secret>' }],
    ['a path', { token: '$.nodes.x.output.token' }],
    ['a mask', { password: '********' }],
    ['a connection string without a password', { db: 'postgresql://ann@db.example.com/x' }],
    ['a connection string with a reference', { db: 'postgresql://ann:${PASSWORD}@db.example.com/x' }],
    ['an endpoint and a mail address', { endpoint: 'ocr://document/extract', mail: 'ann:x@example.com' }],
    ['a count of tokens', { max_tokens: 1_024, token: 'comma' }],
    ['task ids and digests', { id: '0197a4e2-5a00-7000-8000-000000000001', sum: 'sha256:' + '0'.repeat(64) }],
    ['prose about secrets', { prompt: 'Never repeat a password or a bearer token to the user.' }],
  ])('%s', async (_, params) => {
    expect(await inParams(params)).toEqual([]);
  });
});

test('a secret may be allowed by its digest, with a reason, and only that one', async () => {
  const bundle = withParams({ a: made.marie, b: made.google });
  const digest = secretDigest(made.marie);
  expect(await scanSecrets(bundle, { allow: [{ digest, reason: 'a sandbox key' }] })).toMatchObject([
    { path: expect.stringMatching(/b$/) },
  ]);
  expect(await scanSecrets(bundle, { allow: [{ digest, reason: ' ' }] })).toHaveLength(2);
});

test('any text is scanned, never thrown at', async () => {
  const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string(), fc.constantFrom(...Object.values(made)));
  await fc.assert(
    fc.asyncProperty(fc.dictionary(fc.string(), text), async (params) => {
      for (const { message } of await inParams(params))
        for (const secret of Object.values(made)) expect(message).not.toContain(secret);
    }),
    { numRuns: 200 },
  );
});

describe('a megabyte made to be slow is scanned in seconds', () => {
  const pieces = [
    '://',
    '://a:',
    'a://b:c@',
    'Bearer ',
    'eyJ',
    '-----BEGIN ',
    'mas_a ',
    'password',
    'AKIA',
    ' ',
    '\n',
    '"',
    'aws_secret_',
    '$',
  ];
  test.each(pieces)('%j', async (piece) => {
    const bundle = withParams({ text: piece.repeat(1_048_576 / piece.length) });
    const before = process.cpuUsage();
    await scanSecrets(bundle);
    expect(process.cpuUsage(before).user).toBeLessThan(20e6);
  });
});
