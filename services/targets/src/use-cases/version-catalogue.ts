import { versionEvents, type RecordedEvent, type VersionEvent } from '@m3/contracts';
import type { EventStore } from '@m3/event-store';
import { eventsIn } from '@m3/process';
import type { TriggeringTag } from '../domain/target-document.js';

const isVersionEvent = eventsIn<VersionEvent>(versionEvents);
const page = 1_000;

/** All versions as the log knows them, kept in memory for schedules to choose from, in the order of their tags. */
export class VersionCatalogue {
  private readonly versions: TriggeringTag[] = [];
  private seq = 0;
  private reading: Promise<void> = Promise.resolve();

  constructor(private readonly store: EventStore) {}

  /** Those of one project, or of all. */
  async of(project: string | null): Promise<readonly TriggeringTag[]> {
    this.reading = this.reading.catch(() => undefined).then(() => this.readOn());
    await this.reading;
    return project === null ? this.versions : this.versions.filter((version) => version.project === project);
  }

  private async readOn(): Promise<void> {
    for (;;) {
      const events = await this.store.readLog({ afterSeq: this.seq, limit: page, types: ['VersionTagged'] });
      this.versions.push(...events.flatMap(candidateIn));
      this.seq = events.at(-1)?.seq ?? this.seq;
      if (events.length < page) return;
    }
  }
}

function candidateIn({ type, data }: RecordedEvent): TriggeringTag[] {
  const event = { type, data };
  if (!isVersionEvent(event) || event.type !== 'VersionTagged') return [];
  const { project, version, branch } = event.data;
  return [{ project, version, branch }];
}
