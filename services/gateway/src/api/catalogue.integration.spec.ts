import { prepareDatabase } from '@m3/database';
import { VersionDetail, VersionList, type DomainEventType } from '@m3/contracts';
import { flawOf } from '../http/validation.js';
import { useGateway } from '../testing/gateway-under-test.js';
import { idOf, told, type StoryEvent } from '../testing/stories.js';

const use = useGateway({
  name: 'gateway',
  prepare: async (url) => {
    await prepareDatabase(url, () => 'secret');
  },
});
const [east, west] = [1, 2];
const onEast = { target_id: idOf('target', east), target_name: 'Production US East' };
const onWest = { target_id: idOf('target', west), target_name: 'Production EU West' };

const tagged = (version: string): StoryEvent => ({
  ...told(1, 'VersionTagged', { version }),
  stream: `version-invoice-pipeline:${version}`,
});
const created = (number: number, { target_name: name }: typeof onEast): StoryEvent => {
  const event = told(number, 'TargetCreated');
  const { document } = event.data as { document: object };
  return { ...event, data: { ...event.data, document: { ...document, name } } };
};

/** What a publish of a version to a target went through. */
function publish(story: number, version: string, to: typeof onEast, types: readonly DomainEventType[]): StoryEvent[] {
  return types.map((type) => {
    const event = told(story, type);
    const text = JSON.stringify(event.data)
      .replaceAll(idOf('target', story), to.target_id)
      .replaceAll('Production US East', to.target_name)
      .replaceAll('v1.3.0', version);
    return { ...event, data: JSON.parse(text) as object };
  });
}

const succeeds = ['PublishRequested', 'VersionActivated', 'PublishSucceeded'] as const;
const shown = async (version: string) => {
  const { json } = await use().call(`/api/v1/versions/invoice-pipeline/${version}`, { roles: ['viewer'] });
  expect(flawOf(VersionDetail, json)).toBeNull();
  return json;
};
const publishOf = (story: number) => ({ publish_id: idOf('publish', story) });

beforeAll(async () => {
  await use().append(
    ...[created(east, onEast), created(west, onWest)],
    ...['v1.0.0', 'v1.1.0', 'v1.2.0', 'v1.3.0'].map(tagged),
    ...publish(11, 'v1.0.0', onEast, succeeds),
    ...publish(12, 'v1.0.0', onWest, ['PublishRequested', 'PublishFailed']),
    ...publish(13, 'v1.0.0', onWest, succeeds),
    ...publish(14, 'v1.1.0', onEast, ['PublishRequested', 'PublishFailed']),
    ...publish(15, 'v1.1.0', onWest, succeeds),
    ...publish(16, 'v1.2.0', onEast, ['PublishRequested', 'PublishCancelled']),
    ...publish(17, 'v1.2.0', onWest, ['PublishRequested', 'VersionActivated']),
    { ...told(17, 'PublishRolledBack', { target_id: onWest.target_id, restored_version: 'v1.1.0' }) },
  );
  await use().projected();
});

describe('the catalogue of versions', () => {
  it('says where a version is active: on every target that it serves, and on none that went on', async () => {
    expect(await shown('v1.0.0')).toMatchObject({ active_on: [onEast], failed_on: [] });
    expect(await shown('v1.3.0')).toMatchObject({ active_on: [], failed_on: [] });
  });

  it('says where it failed, by which publish; what was cancelled has not failed', async () => {
    expect(await shown('v1.1.0')).toMatchObject({
      active_on: [onWest],
      failed_on: [{ ...onEast, ...publishOf(14) }],
    });
    expect(await shown('v1.2.0')).toMatchObject({
      active_on: [],
      failed_on: [{ ...onWest, ...publishOf(17) }],
    });
  });

  it('lists the same, newest first, page by page', async () => {
    const list = async (query: string) => {
      const { json } = await use().call(`/api/v1/versions?project=invoice-pipeline&${query}`, { roles: ['viewer'] });
      expect(flawOf(VersionList, json)).toBeNull();
      return json;
    };
    const first = await list('limit=3');
    expect(first.items).toMatchObject([
      { version: 'v1.3.0', active_on: [], failed_on: [] },
      { version: 'v1.2.0', active_on: [], failed_on: [onWest] },
      { version: 'v1.1.0', active_on: [onWest], failed_on: [onEast] },
    ]);
    const next = await list(`limit=3&cursor=${String(first['next_cursor'])}`);
    expect(next).toMatchObject({ items: [{ version: 'v1.0.0', active_on: [onEast] }], next_cursor: null });
  });

  it('forgets a failure when a later publish of the version succeeds there, and tells of a rollback by an operator', async () => {
    await use().append(...publish(18, 'v1.1.0', onEast, succeeds));
    await use().projected();
    expect(await shown('v1.1.0')).toMatchObject({ active_on: [onEast, onWest], failed_on: [] });
    expect(await shown('v1.0.0')).toMatchObject({ active_on: [] });

    const { publish_id: undoes } = publishOf(18);
    const { target_id } = onEast;
    const [asked] = publish(19, 'v1.0.0', onEast, ['RollbackRequested']);
    await use().append(
      told(19, 'RollbackRequested', { ...asked?.data, version: 'v1.0.0', undoes }),
      told(19, 'VersionReactivated', { target_id, version: 'v1.0.0' }),
      told(19, 'PublishSucceeded', { target_id, version: 'v1.0.0' }),
    );
    await use().projected();
    expect(await shown('v1.0.0')).toMatchObject({ active_on: [onEast], failed_on: [] });
    expect(await shown('v1.1.0')).toMatchObject({
      active_on: [onWest],
      failed_on: [{ ...onEast, publish_id: undoes }],
    });
  });
});
