import type { EmergencyListQuery, EmergencyView, Page, ReviewListQuery, ReviewView } from '@m3/contracts';
import type { RowReader } from './rows.js';

const atOnce = 200;

/** Emergencies, and what was learnt from them. */
export class ReviewReader {
  constructor(private readonly rows: RowReader) {}

  list({ status, cursor, limit }: ReviewListQuery): Promise<Page<ReviewView>> {
    return this.rows.page<ReviewView>('review', { where: { status }, cursor, limit });
  }

  async detail(id: string): Promise<ReviewView | undefined> {
    return (await this.rows.found(id, () => this.rows.one<ReviewView>('review', id)))?.document;
  }

  /** All of a span: they are few. The newest come first, so that what is older than the span ends the reading. */
  async emergencies({ from, to }: EmergencyListQuery): Promise<readonly EmergencyView[]> {
    const [start, end] = [
      from === undefined ? -Infinity : Date.parse(from),
      to === undefined ? Infinity : Date.parse(to),
    ];
    const items: EmergencyView[] = [];
    for (let cursor: string | undefined; ;) {
      const page = await this.rows.page<EmergencyView>('emergency', { limit: atOnce, cursor });
      const times = page.items.map(({ declared_at }) => Date.parse(declared_at));
      items.push(...page.items.filter((_, index) => (times[index] ?? 0) >= start && (times[index] ?? 0) < end));
      if (page.next_cursor === null || (times.at(-1) ?? 0) < start) return items;
      cursor = page.next_cursor;
    }
  }
}
