import type { DeadLetterStatus, DeadLetterView } from '@m3/contracts';
import type { LogEntry } from './log-entry.js';
import type { Projection } from './projection.js';

export const deadLetters: Projection<DeadLetterView> = {
  table: 'dead_letter',
  keyOf: ({ data }) => ('dead_letter_id' in data ? data.dead_letter_id : null),
  begins: {
    DeadLetterRecorded: ({ data, metadata }: LogEntry<'DeadLetterRecorded'>) => ({
      ...data,
      event_id: data.event_id ?? null,
      field: data.field ?? null,
      status: 'open',
      recorded_at: metadata.occurredAt,
      settled_by: null,
      settled_at: null,
      settled_reason: null,
    }),
  },
  changes: {
    DeadLetterReplayed: (letter, event) => settled(letter, 'replayed', event, null),
    DeadLetterDiscarded: (letter, event) => settled(letter, 'discarded', event, event.data.reason),
  },
  columns: ({ status }) => ({ status }),
};

function settled(
  letter: DeadLetterView,
  status: DeadLetterStatus,
  { data, metadata }: LogEntry<'DeadLetterReplayed' | 'DeadLetterDiscarded'>,
  settled_reason: string | null,
): DeadLetterView {
  return { ...letter, status, settled_by: data.by, settled_at: metadata.occurredAt, settled_reason };
}
