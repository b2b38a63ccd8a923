import { prepareDatabase } from '@m3/database';
import { VersionChanges } from '@m3/contracts';
import { flawOf } from '../http/validation.js';
import { useGateway } from '../testing/gateway-under-test.js';
import { told } from '../testing/stories.js';

const use = useGateway({
  name: 'gateway',
  prepare: async (url) => {
    await prepareDatabase(url, () => 'secret');
  },
});
const digestOf = (letter: string) => `sha256:${letter.repeat(64)}`;
const tagged = (version: string, letter: string) => ({
  ...told(1, 'VersionTagged', { version, bundle_digest: digestOf(letter) }),
  stream: `version-invoice-pipeline:${version}`,
});
const path = (version: string, from = '') => `/api/v1/versions/invoice-pipeline/${version}/changes${from}`;

beforeAll(async () => {
  // By precedence v1.9.0 comes before v1.10.0-rc.1, and that before v1.10.0, whenever they were tagged.
  await use().append(tagged('v1.10.0', 'c'), tagged('v1.9.0', 'a'), tagged('v1.10.0-rc.1', 'b'), {
    ...tagged('v1.9.5', 'd'),
    data: { ...tagged('v1.9.5', 'd').data, project: 'other' },
    stream: 'version-other:v1.9.5',
  });
  await use().projected();
  const nothing = { counts: { new: 0, updated: 0, deleted: 0, unchanged: 3 }, changes: [], omitted: 0 };
  use().owners.answer('targets.changes', () => ({ ok: true, result: { requires_marie: null, ...nothing } }));
});

describe('what a version changes', () => {
  it.each([
    ['v1.10.0', '', 'v1.10.0-rc.1', { before: digestOf('b'), after: digestOf('c') }],
    ['v1.10.0-rc.1', '', 'v1.9.0', { before: digestOf('a'), after: digestOf('b') }],
    ['v1.10.0', '?from=v1.9.0', 'v1.9.0', { before: digestOf('a'), after: digestOf('c') }],
    ['v1.9.0', '?from=v1.10.0', 'v1.10.0', { before: digestOf('c'), after: digestOf('a') }],
    ['v1.9.0', '', undefined, { before: null, after: digestOf('a') }],
  ])('of %s%s is told against %s', async (version, query, from, asked) => {
    const { status, json } = await use().call(path(version, query), { roles: ['viewer'] });
    expect(status).toBe(200);
    expect(flawOf(VersionChanges, json)).toBeNull();
    expect(json).toMatchObject({
      version,
      from: from === undefined ? null : { version: from },
      counts: { unchanged: 3 },
    });
    expect(use().owners.sent.at(-1)?.payload).toMatchObject(asked);
  });

  it('needs both versions', async () => {
    expect((await use().call(path('v9.9.9'))).json).toMatchObject({ code: 'not_found', status: 404 });
    expect((await use().call(path('v1.10.0', '?from=v9.9.9'))).json).toMatchObject({
      code: 'not_found',
      field: '/from',
    });
    expect((await use().call(path('v1.10.0', '?from=latest'))).json).toMatchObject({ code: 'invalid_query' });
  });
});
