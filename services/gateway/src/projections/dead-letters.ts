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
      failed_replays: 0,
      failed_replay_id: null,
      recorded_at: metadata.occurredAt,
      last_failed_at: metadata.occurredAt,
      settled_by: null,
      settled_at: null,
      settled_reason: null,
    }),
  },
  changes: {
    // It may have failed before it was recorded that it was asked for.
    DeadLetterReplayed: (letter, event) =>
      event.data.replay_id === letter.failed_replay_id ? letter : settled(letter, 'replayed', event, null),
    DeadLetterFailedAgain: failedAgain,
    DeadLetterDiscarded: (letter, event) => settled(letter, 'discarded', event, event.data.reason),
  },
  columns: ({ status, code, consumer }) => ({ status, code, consumer }),
};

/** The same letter waits again, with the latest reason; one that was given up meanwhile stays so. */
function failedAgain(letter: DeadLetterView, { data, metadata }: LogEntry<'DeadLetterFailedAgain'>): DeadLetterView {
  const { code, reason, field = null, attempts } = data;
  const failed = {
    ...{ code, reason, field },
    attempts: letter.attempts + attempts,
    failed_replays: letter.failed_replays + 1,
    failed_replay_id: data.replay_id,
    last_failed_at: metadata.occurredAt,
  };
  if (letter.status === 'discarded') return { ...letter, ...failed };
  return { ...letter, ...failed, status: 'open', settled_by: null, settled_at: null, settled_reason: null };
}

function settled(
  letter: DeadLetterView,
  status: DeadLetterStatus,
  { data, metadata }: LogEntry<'DeadLetterReplayed' | 'DeadLetterDiscarded'>,
  settled_reason: string | null,
): DeadLetterView {
  return { ...letter, status, settled_by: data.by, settled_at: metadata.occurredAt, settled_reason };
}
