import type { DomainEventType, EventData } from '@m3/contracts';
import type { LogEntry } from '../projections/log-entry.js';
import type { Step } from '../projections/publish-row.js';
import { says, type Mark, type Said } from './log-lines.js';

/** What an event has to say, in which step. */
export interface Telling<Type extends DomainEventType> {
  readonly step: Step | null;
  /** @param told gates whose results have lines of their own */
  readonly tell: (event: LogEntry<Type>, told: ReadonlySet<string>) => readonly Said[];
}
export type Tellings = { readonly [Type in DomainEventType]?: Telling<Type> };

/** One line, made of the event's data. */
export const tells = <Type extends DomainEventType>(
  step: Step | null,
  mark: Mark,
  text: (data: EventData<Type>) => string,
): Telling<Type> => ({ step, tell: (event) => [says(event, mark, text(event.data))] });
