import type { EventData, DomainEventType } from '@m3/contracts';
import { eventually } from '@m3/testing';
import pg from 'pg';

/** An event as the product's own database holds it. */
export interface LoggedEvent<Data = Record<string, unknown>> {
  readonly position: number;
  readonly type: string;
  readonly stream: string;
  readonly data: Data;
}

export const endings = [
  ...['PublishSucceeded', 'PublishFailed', 'PublishRejected'],
  ...['PublishCancelled', 'PublishSuperseded', 'PublishRolledBack', 'PublishRollbackFailed'],
];

/** Reads the log from outside of the product, as an administrator of its database. */
export class EventLog {
  private readonly pool: pg.Pool;

  constructor(url: string) {
    this.pool = new pg.Pool({ connectionString: url, max: 3, application_name: 'e2e' });
    // Connections break when a test stops the database.
    this.pool.on('error', () => undefined);
  }

  close(): Promise<void> {
    return this.pool.end();
  }

  /** Events of one type, in the order of the log. */
  async ofType<Type extends DomainEventType>(type: Type): Promise<readonly LoggedEvent<EventData<Type>>[]> {
    const { rows } = await this.pool.query<LoggedEvent<EventData<Type>>>(
      `${select} where type = $1 order by position`,
      [type],
    );
    return rows;
  }

  async ofStream(stream: string): Promise<readonly LoggedEvent[]> {
    const { rows } = await this.pool.query<LoggedEvent>(`${select} where stream = $1 order by stream_version`, [
      stream,
    ]);
    return rows;
  }

  /** Events of any stream that are about a publish, in the order of the log. */
  async about(publishId: string): Promise<readonly LoggedEvent[]> {
    const { rows } = await this.pool.query<LoggedEvent>(
      `${select} where stream = $1 or data ->> 'publish_id' = $2 order by position`,
      [`publish-${publishId}`, publishId],
    );
    return rows;
  }

  /** The whole log as one text. */
  async text(): Promise<string> {
    const { rows } = await this.pool.query<{ text: string }>(
      `select string_agg(data::text || metadata::text, E'\\n') as text from event_store.event`,
    );
    return rows[0]?.text ?? '';
  }

  /** Tables of the product's database (read models too) with a row that holds a text, in whatever column. */
  async tablesWith(text: string): Promise<readonly string[]> {
    const { rows } = await this.pool.query<{ name: string }>(
      `select format('%I.%I', table_schema, table_name) as name from information_schema.tables
       where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')`,
    );
    const found = await Promise.all(
      rows.map(async ({ name }) => {
        const hits = await this.pool.query(`select 1 from ${name} t where strpos(t::text, $1) > 0 limit 1`, [text]);
        return hits.rows.length > 0 ? [name] : [];
      }),
    );
    return found.flat();
  }

  /** Ids of the publishes of a version, in the order in which they were triggered. */
  async publishesOf(version: string): Promise<readonly string[]> {
    const triggered = await this.ofType('PublishTriggered');
    return triggered.filter(({ data }) => data.version === version).map(({ data }) => data.publish_id);
  }

  /** Waits until as many publishes of a version as given are there. */
  triggered(version: string, count = 1): Promise<readonly string[]> {
    return eventually(`${count} publishes of ${version}`, () => this.publishesOf(version), {
      timeoutMs: 60_000,
      until: (ids) => ids.length >= count,
    });
  }

  /** Waits until a publish has an event of a type, or so many of them. */
  async reaches(publishId: string, type: DomainEventType, times = 1): Promise<LoggedEvent> {
    const isOne = (event: LoggedEvent) => event.type === type;
    const isEnd = (event: LoggedEvent) => endings.includes(event.type);
    const found = await eventually(`${type} of ${publishId}`, () => this.about(publishId), {
      ...{ timeoutMs: 60_000, intervalMs: 3 },
      until: (events) => events.some(isEnd) || events.filter(isOne).length >= times,
    });
    const event = found.filter(isOne)[times - 1];
    if (!event) throw new Error(`${publishId} ended without ${type}: ${JSON.stringify(found)}`);
    return event;
  }

  /** Waits until a publish has ended, and answers how. */
  async ended(publishId: string, timeoutMs = 60_000): Promise<LoggedEvent> {
    const isEnd = ({ type }: LoggedEvent) => endings.includes(type);
    // What there is so far is the sample, so that a failure shows how far the publish came.
    const story = async () => {
      const events = await this.about(publishId);
      return { end: events.find(isEnd), soFar: events.map(({ type }) => type) };
    };
    const until = ({ end }: Awaited<ReturnType<typeof story>>) => end !== undefined;
    const { end } = await eventually(`the end of ${publishId}`, story, { timeoutMs, until });
    if (!end) throw new Error(`${publishId} has not ended`);
    return end;
  }

  /** Waits until a publish has ended, and expects it to have ended so. */
  async endsAs(publishId: string, type: DomainEventType): Promise<LoggedEvent> {
    const end = await this.ended(publishId);
    if (end.type !== type) throw new Error(`expected ${type} of ${publishId}: ${JSON.stringify(end)}`);
    return end;
  }

  /** Who holds a slot of any target, and who waits for one. */
  async slots(): Promise<{ readonly holders: readonly string[]; readonly waiting: readonly string[] }> {
    const { rows } = await this.pool.query<LoggedEvent<{ publish_id: string }>>(
      `${select} where category = 'slot' order by position`,
    );
    const holders = new Set<string>();
    const waiting = new Set<string>();
    for (const { type, data } of rows) {
      waiting.delete(data.publish_id);
      holders.delete(data.publish_id);
      if (type === 'SlotGranted') holders.add(data.publish_id);
      if (type === 'SlotQueued') waiting.add(data.publish_id);
    }
    return { holders: [...holders], waiting: [...waiting] };
  }
}

const select = 'select position::int, type, stream, data from event_store.event';
