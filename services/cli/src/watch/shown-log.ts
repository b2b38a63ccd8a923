import { type LogEvent, PublishLogs } from '@m3/contracts';
import { apiPath, type ApiClient } from '../api/api-client.js';

export type PublishLogLine = PublishLogs['lines'][number];

/** Remembers what has been shown of each publish, so that lines and events come once. */
export class ShownLog {
  private readonly lines = new Map<string, Set<string>>();
  private readonly seqs = new Map<string, number>();

  constructor(private readonly api: ApiClient) {}

  /** The lines of a publish's log that this has not returned before. */
  async newLines(id: string): Promise<PublishLogLine[]> {
    const { lines } = await this.api.get(apiPath('publishes', id, 'logs'), PublishLogs);
    const shown = this.lines.get(id) ?? new Set<string>();
    this.lines.set(id, shown);
    const counts = new Map<string, number>();
    return lines.filter(({ step, line }) => {
      // The same text twice in one log is two lines, told apart by how often it came before.
      const text = `${step ?? ''} ${line}`;
      const count = (counts.get(text) ?? 0) + 1;
      counts.set(text, count);
      const key = `${count} ${text}`;
      return !shown.has(key) && shown.add(key);
    });
  }

  /** Whether an event comes after all that were seen of this publish; if so, it counts as seen from now on. */
  isNewEvent(id: string, { seq }: LogEvent): boolean {
    if (seq <= (this.seqs.get(id) ?? 0)) return false;
    this.seqs.set(id, seq);
    return true;
  }
}
