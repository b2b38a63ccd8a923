import { versionEvents, type Actor, type RecordedEventOf, type VersionEvent } from '@m3/contracts';
import type { EventStore } from '@m3/event-store';
import { causedBy, eventsIn, type Clock } from '@m3/process';
import type { AdvancePublish } from './advance-publish.js';

const deployer: Actor = { kind: 'service', id: 'deployer' };
const isVersionEvent = eventsIn<VersionEvent>(versionEvents);

/**
 * Requests all publishes that a tag set off, however many: they were recorded in one append with the tag, and go into the
 * log together, so that the first ones do not keep everybody busy while the last ones have not even been asked for.
 */
export class RequestTagged {
  constructor(
    private readonly store: EventStore,
    private readonly publishes: AdvancePublish,
    private readonly clock: Clock,
  ) {}

  async request({ stream }: RecordedEventOf<'VersionTagged'>): Promise<void> {
    const history = await this.store.readStream(stream);
    await Promise.all(
      history.map(async (recorded) => {
        const event = { type: recorded.type, data: recorded.data };
        if (!isVersionEvent(event) || event.type !== 'PublishTriggered' || event.data.trigger !== 'tag') return;
        await this.publishes.react(event.data.publish_id, event, causedBy(recorded, deployer, this.clock));
      }),
    );
  }
}
