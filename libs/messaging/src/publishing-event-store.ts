import type { RecordedEvent } from '@m3/contracts';
import type { AppendContext, AppendResult, EventHead, EventStore, ReadLog, StreamWrite } from '@m3/event-store';

/** An event store that tells of what it has appended as soon as it is committed. Reading is the inner store's. */
export class PublishingEventStore implements EventStore {
  constructor(
    private readonly inner: EventStore,
    private readonly appended: (events: readonly RecordedEvent[]) => void,
  ) {}

  async append(writes: readonly StreamWrite[], context: AppendContext): Promise<AppendResult> {
    const result = await this.inner.append(writes, context);
    if (result.outcome === 'appended') this.appended(result.events);
    return result;
  }

  readStream(stream: string, afterVersion?: number): Promise<readonly RecordedEvent[]> {
    return this.inner.readStream(stream, afterVersion);
  }

  readLog(read: ReadLog): Promise<readonly RecordedEvent[]> {
    return this.inner.readLog(read);
  }

  readHeads(read: Required<ReadLog>): Promise<readonly EventHead[]> {
    return this.inner.readHeads(read);
  }

  lastSeq(): Promise<number> {
    return this.inner.lastSeq();
  }
}
