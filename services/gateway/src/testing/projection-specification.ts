import type { RecordedEvent } from '@m3/contracts';
import { isLogEntry } from '../projections/log-entry.js';
import { evolveRow, rowOf, type Projection, type Row } from '../projections/projection.js';
import { recorded, type StoryEvent } from './stories.js';

type Rows<Document> = ReadonlyMap<string, Row<Document>>;

interface ProjectionOutcome<Document> {
  /** The same events arrive a second time, all at once. */
  twice(): ProjectionOutcome<Document>;
  /** The one row has these fields. */
  then(fields: object): void;
  thenNothing(): void;
}

/** Specifies a projection by example: `specifies(publishes).given(...events).then({ status: 'succeeded' })`. */
export function specifies<Document>(projection: Projection<Document>): {
  given(...events: readonly StoryEvent[]): ProjectionOutcome<Document>;
} {
  const outcome = (events: readonly RecordedEvent[], rows: Rows<Document>): ProjectionOutcome<Document> => ({
    twice: () => {
      const again = project(projection, events, rows);
      expect(again).toEqual(rows);
      return outcome(events, again);
    },
    then: (fields) => {
      expect([...rows.values()].map(({ document }) => document)).toEqual([expect.objectContaining(fields)]);
    },
    thenNothing: () => expect(rows.size).toBe(0),
  });
  return {
    given: (...events) => {
      const log = recorded(events);
      return outcome(log, project(projection, log, new Map()));
    },
  };
}

function project<Document>(
  projection: Projection<Document>,
  events: readonly RecordedEvent[],
  before: Rows<Document>,
): Rows<Document> {
  const rows = new Map(before);
  for (const event of events) {
    const id = rowOf(projection, event);
    if (id === null || !isLogEntry(event)) continue;
    const row = evolveRow(projection, id, rows.get(id), event);
    if (row !== undefined) rows.set(id, row);
  }
  return rows;
}
