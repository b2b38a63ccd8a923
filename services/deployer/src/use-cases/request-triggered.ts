import { versionEvents, type Actor, type RecordedEvent, type RecordedEventOf, type VersionEvent } from '@m3/contracts';
import type { EventStore } from '@m3/event-store';
import { causedBy, eventsIn, type Clock } from '@m3/process';
import type { AdvancePublish } from './advance-publish.js';

const deployer: Actor = { kind: 'service', id: 'deployer' };
const isVersionEvent = eventsIn<VersionEvent>(versionEvents);

/**
 * Requests the publishes that were triggered. Those of a tag, however many, were recorded in one append with it, and go
 * into the log together, so that the first ones do not keep everybody busy while the last ones are not even asked for.
 */
export class RequestTriggered {
  /** By the stream of the version. */
  private readonly underWay = new Map<string, Promise<void>>();
  /** By publish: who is told of it by its tag, and who is told of it alone, may come at once. */
  private readonly beginning = new Map<string, Promise<unknown>>();

  constructor(
    private readonly store: EventStore,
    private readonly publishes: AdvancePublish,
    private readonly clock: Clock,
  ) {}

  /** All of a tag. */
  async all({ stream }: Pick<RecordedEvent, 'stream'>): Promise<void> {
    const requesting = this.requestAll(stream);
    this.underWay.set(stream, requesting);
    await requesting.finally(() => this.underWay.delete(stream));
  }

  /** One of any kind. It waits for the others of its tag, and has begun with them nearly always. */
  async one(event: RecordedEventOf<'PublishTriggered'>): Promise<void> {
    await this.underWay.get(event.stream)?.catch(() => undefined);
    if (!(await this.publishes.hasBegun(event.data.publish_id))) await this.request(event);
  }

  /** One that somebody speaks of before its trigger was delivered here. */
  async begin(publishId: string, { project, version }: { readonly project: string; readonly version: string }) {
    const history = await this.store.readStream(`version-${project}:${version}`);
    const triggers = history.filter(({ data }) => 'publish_id' in data && data.publish_id === publishId);
    for (const event of triggers) await this.request(event);
  }

  private async requestAll(stream: string): Promise<void> {
    const history = await this.store.readStream(stream);
    const results = await Promise.allSettled(history.map((event) => this.request(event)));
    const failed = results.find((result) => result.status === 'rejected');
    if (failed) throw failed.reason;
  }

  private async request(recorded: RecordedEvent): Promise<void> {
    const event = { type: recorded.type, data: recorded.data };
    if (!isVersionEvent(event) || event.type !== 'PublishTriggered') return;
    const { publish_id } = event.data;
    if (this.publishes.isKnownToHaveBegun(publish_id)) return;
    const begun =
      this.beginning.get(publish_id) ??
      this.publishes
        .react(publish_id, event, causedBy(recorded, deployer, this.clock))
        .finally(() => this.beginning.delete(publish_id));
    this.beginning.set(publish_id, begun);
    await begun;
  }
}
