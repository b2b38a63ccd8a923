import { declared, type EventData } from '@m3/contracts';
import type { AppendContext } from '@m3/event-store';

/** What every store of a run appends: an event of middling size that the product really writes. */
export const sampleType = 'BackupRequested';
export const sampleData: EventData<typeof sampleType> = declared(sampleType).example;
export const sampleContext: AppendContext = {
  actor: { kind: 'system', id: 'bench' },
  correlationId: 'bench',
  causationId: null,
  occurredAt: '2024-03-19T14:23:45.000Z',
};
