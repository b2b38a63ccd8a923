import type { RecordedEvent } from '@m3/contracts';
import type { AppendContext, AppendResult, EventStore, ReadLog, StreamWrite } from '@m3/event-store';
import type { EventRelay } from './event-relay.js';

/** An event store whose appends are sent to the bus as soon as they are committed. Reading is the inner store's. */
export class PublishingEventStore implements EventStore {
  constructor(
    private readonly inner: EventStore,
    private readonly relay: Pick<EventRelay, 'publish'>,
  ) {}

  async append(writes: readonly StreamWrite[], context: AppendContext): Promise<AppendResult> {
    const result = await this.inner.append(writes, context);
    if (result.outcome === 'appended') this.relay.publish(result.events);
    return result;
  }

  readStream(stream: string, afterVersion?: number): Promise<readonly RecordedEvent[]> {
    return this.inner.readStream(stream, afterVersion);
  }

  readLog(read: ReadLog): Promise<readonly RecordedEvent[]> {
    return this.inner.readLog(read);
  }

  lastSeq(): Promise<number> {
    return this.inner.lastSeq();
  }
}
