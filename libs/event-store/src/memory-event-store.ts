import type { EventRegistry, RecordedEvent } from '@m3/contracts';
import type {
  AppendContext,
  AppendResult,
  EventHead,
  EventStore,
  ReadLog,
  StreamWrite,
  VersionConflict,
} from './event-store.js';
import { prepareAppend, type PreparedAppend } from './prepared-append.js';
import { recordedEvent } from './recorded-event.js';

/** An {@link EventStore} for tests: the same rules, kept in memory, every event sealed at once. */
export class MemoryEventStore implements EventStore {
  private readonly log: RecordedEvent[] = [];
  private readonly streams = new Map<string, RecordedEvent[]>();

  /** `now` stands for the server's clock: the source of `recordedAt`. */
  constructor(
    private readonly registry: EventRegistry,
    private readonly now: () => Date = () => new Date(),
  ) {}

  append(writes: readonly StreamWrite[], context: AppendContext): Promise<AppendResult> {
    return settle(() => {
      const prepared = prepareAppend(this.registry, writes, context);
      const conflict = this.conflict(prepared);
      return conflict ? { outcome: 'conflict', conflict } : { outcome: 'appended', events: this.record(prepared) };
    });
  }

  readStream(stream: string, afterVersion = 0): Promise<readonly RecordedEvent[]> {
    return settle(() => structuredClone(this.streams.get(stream)?.slice(afterVersion) ?? []));
  }

  readLog({ afterSeq, limit, types }: ReadLog): Promise<readonly RecordedEvent[]> {
    return settle(() => {
      const wanted = types && new Set(types);
      const later = this.log.slice(afterSeq);
      return structuredClone((wanted ? later.filter((event) => wanted.has(event.type)) : later).slice(0, limit));
    });
  }

  async readHeads(read: Required<ReadLog>): Promise<readonly EventHead[]> {
    const events = await this.readLog(read);
    return events.flatMap(({ seq, type, eventId, recordedAt }) =>
      seq === null ? [] : [{ seq, type, eventId, recordedAt }],
    );
  }

  lastSeq(): Promise<number> {
    return Promise.resolve(this.log.length);
  }

  private conflict(writes: PreparedAppend): VersionConflict | undefined {
    return writes
      .map(({ stream, expectedVersion }) => ({ stream, expectedVersion, actualVersion: this.versionOf(stream) }))
      .find(({ expectedVersion, actualVersion }) => expectedVersion !== actualVersion);
  }

  private versionOf(stream: string): number {
    return this.streams.get(stream)?.length ?? 0;
  }

  private record(writes: PreparedAppend): RecordedEvent[] {
    const recordedAt = this.now().toISOString();
    return writes.flatMap(({ stream, events }) => {
      const held = this.streams.get(stream) ?? [];
      const added = events.map((event) => {
        const position = this.log.length + 1;
        const sealed = recordedEvent(event, { position, recordedAt }, position);
        this.log.push(sealed);
        held.push(sealed);
        return { ...structuredClone(sealed), seq: null };
      });
      if (held.length > 0) this.streams.set(stream, held);
      return added;
    });
  }
}

/** What is thrown becomes a rejection, as it does with a server. */
function settle<Result>(work: () => Result): Promise<Result> {
  return new Promise((resolve) => resolve(work()));
}
