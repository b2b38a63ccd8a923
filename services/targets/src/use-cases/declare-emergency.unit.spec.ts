import {
  declared,
  EventRegistry,
  eventCatalogue,
  newId,
  reviewIdOf,
  versionEvents,
  type NewEvent,
  type TargetSnapshot,
  type VersionEvent,
} from '@m3/contracts';
import { MemoryEventStore } from '@m3/event-store';
import { eventsIn, StreamStates } from '@m3/process';
import { evolveVersion, initialVersion, type RequestPublish } from '../domain/version.js';
import { DeclareEmergency } from './declare-emergency.js';

const context = {
  actor: { kind: 'user', id: 'ann' },
  ...{ correlationId: 'test', causationId: null, occurredAt: '2026-03-19T14:23:45.000Z' },
} as const;
const v1 = { project: 'invoice-pipeline', version: 'v1.3.0' };
const v2 = { project: 'invoice-pipeline', version: 'v1.3.1' };
const { target: snapshot } = declared('PublishRequested').example;
const target: TargetSnapshot = { ...snapshot, type: 'emergency', post_deploy_review: true };

function request(commandId: string, asked: Pick<Partial<RequestPublish>, 'target'> = {}): RequestPublish {
  const fixed = { requestedBy: 'ann', reason: 'orders are lost', allowOlder: false, target };
  return { publishId: newId('publish'), commandId, ...fixed, ...asked };
}

/** Replicas on one log, with two versions that were tagged. */
async function given() {
  const store = new MemoryEventStore(new EventRegistry(eventCatalogue));
  const say = async (stream: string, ...events: NewEvent[]) => {
    const expectedVersion = (await store.readStream(stream)).length;
    await store.append([{ stream, expectedVersion, events }], context);
  };
  for (const tagged of [v1, v2]) {
    const data = { ...declared('VersionTagged').example, ...tagged };
    await say(`version-${tagged.project}:${tagged.version}`, { type: 'VersionTagged', data });
  }
  const replica = () => {
    const accepts = eventsIn<VersionEvent>(versionEvents);
    return new DeclareEmergency(
      store,
      new StreamStates(store, { initial: initialVersion, evolve: evolveVersion, accepts }),
    );
  };
  const ends = (publish_id: string, type: string, data: object = {}) =>
    say(`publish-${publish_id}`, { type, data: { publish_id, target_id: target.target_id, ...data } });
  const touched = async (publish_id: string) => {
    await say(`publish-${publish_id}`, { type: 'ReviewRequested', data: declared('ReviewRequested').example });
    await ends(publish_id, 'PublishSucceeded', { ...v1, notified: true });
  };
  const reviewed = async (publish_id: string) => {
    const stream = `review-${reviewIdOf(publish_id)}`;
    await say(stream, { type: 'ReviewOpened', data: declared('ReviewOpened').example });
    await say(stream, { type: 'ReviewClosed', data: declared('ReviewClosed').example });
  };
  return { store, replica, ends, touched, reviewed };
}

const refused = { outcome: 'rejected', rejection: { code: 'review_open' } };
const accepted = { outcome: 'accepted' };

describe('an emergency', () => {
  it('is declared together with the trigger of its publish, once for one command', async () => {
    const { store, replica } = await given();
    const asked = request('cmd_1');
    for (let times = 0; times < 2; times++)
      await replica().declare(v1, { ...asked, publishId: newId('publish') }, context);
    expect(await store.readStream(`emergency-${target.target_id}`)).toMatchObject([
      { type: 'EmergencyDeclared', data: { by: 'ann', justification: 'orders are lost', review: true } },
    ]);
  });

  it('is refused while the last one runs, and until its review is closed', async () => {
    const { replica, touched, reviewed } = await given();
    const first = request('cmd_1');
    await replica().declare(v1, first, context);
    expect(await replica().declare(v2, request('cmd_2'), context)).toMatchObject(refused);
    await touched(first.publishId);
    expect(await replica().declare(v2, request('cmd_2'), context)).toMatchObject(refused);
    await reviewed(first.publishId);
    expect(await replica().declare(v2, request('cmd_2'), context)).toMatchObject(accepted);
  });

  it('follows at once on one that never touched the target, and on one that needs no review', async () => {
    const { replica, ends } = await given();
    const first = request('cmd_1');
    await replica().declare(v1, first, context);
    await ends(first.publishId, 'PublishCancelled', { by: 'ann', reason: 'false alarm' });
    const calm = request('cmd_2', { target: { ...target, post_deploy_review: false } });
    expect(await replica().declare(v2, calm, context)).toMatchObject(accepted);
    expect(await replica().declare(v1, request('cmd_3'), context)).toMatchObject(accepted);
  });

  it('that comes at the same time as another one, of another version, is refused', async () => {
    const { replica } = await given();
    const both = await Promise.all([
      replica().declare(v1, request('cmd_1'), context),
      replica().declare(v2, request('cmd_2'), context),
    ]);
    expect(both.map(({ outcome }) => outcome).sort()).toEqual(['accepted', 'rejected']);
  });
});
