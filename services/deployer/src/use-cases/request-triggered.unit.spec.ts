import { EventRegistry, eventCatalogue, newId, type EventData, type RecordedEventOf } from '@m3/contracts';
import { MemoryEventStore, type AppendContext } from '@m3/event-store';
import { example } from '../domain/publish.fixtures.js';
import { AdvancePublish } from './advance-publish.js';
import { RequestTriggered } from './request-triggered.js';

const context: AppendContext = {
  actor: { kind: 'service', id: 'targets' },
  ...{ correlationId: 'test', causationId: null, occurredAt: '2026-03-19T14:23:45.000Z' },
};
const stream = 'version-invoice-pipeline:v1.3.0';

class CountingStore extends MemoryEventStore {
  reads = 0;
  conflicts = 0;

  override async append(...append: Parameters<MemoryEventStore['append']>) {
    const result = await super.append(...append);
    if (result.outcome === 'conflict') this.conflicts += 1;
    return result;
  }

  override readStream(...read: Parameters<MemoryEventStore['readStream']>) {
    this.reads += 1;
    return super.readStream(...read);
  }
}

/** A tag that triggered publishes to as many targets, and a deployer that has yet to hear of them. */
async function tagged(targets: number) {
  const store = new CountingStore(new EventRegistry(eventCatalogue));
  const triggers = Array.from({ length: targets }, (): EventData<'PublishTriggered'> => {
    const target = { ...example('PublishTriggered').target, target_id: newId('target') };
    return { ...example('PublishTriggered'), publish_id: newId('publish'), target };
  });
  const events = triggers.map((data) => ({ type: 'PublishTriggered', data }));
  await store.append([{ stream, expectedVersion: 0, events }], context);
  const requests = new RequestTriggered(store, new AdvancePublish(store), () => new Date(context.occurredAt));
  const history = (await store.readStream(stream)) as RecordedEventOf<'PublishTriggered'>[];
  const begun = async () => {
    const types = triggers.map(async (each) =>
      (await store.readStream(`publish-${each.publish_id}`)).map(({ type }) => type),
    );
    return Promise.all(types);
  };
  return { requests, history, begun, store };
}
const requested = ['PublishRequested', 'ValidationRequested'];

describe('the publishes of a tag', () => {
  it('are requested together, each once, however often they are told of', async () => {
    const { requests, history, begun } = await tagged(200);
    const one = () => Promise.all(history.map((event) => requests.one(event)));
    await Promise.all([requests.all({ stream }), one(), requests.all({ stream })]);
    await one();
    expect(await begun()).toEqual(history.map(() => requested));
  });

  it('cost nothing when they are told of one by one afterwards', async () => {
    const { requests, history, store } = await tagged(50);
    await requests.all({ stream });
    const before = store.reads;
    await Promise.all(history.map((event) => requests.one(event)));
    expect(store.reads).toBe(before);
  });

  it('are requested without a conflict when some are told of before their tag, and some with it', async () => {
    const { requests, history, begun, store } = await tagged(30);
    const tellOf = (events: typeof history) => Promise.all(events.map((event) => requests.one(event)));
    await tellOf(history.slice(0, 10));
    await Promise.all([tellOf(history.slice(0, 20)), requests.all({ stream })]);
    expect(store.conflicts).toBe(0);
    expect(await begun()).toEqual(history.map(() => requested));
  });

  it('are requested one by one where the tag itself is not told of', async () => {
    const { requests, history, begun } = await tagged(3);
    await Promise.all(history.map((event) => requests.one(event)));
    expect(await begun()).toEqual([requested, requested, requested]);
  });
});
