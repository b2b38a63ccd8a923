import type { EventData, VerificationView } from '@m3/contracts';
import type { LogEntry } from './log-entry.js';
import type { Projection } from './projection.js';

/** How many faults a verification shows; the list of backups shows them all. */
const faultsShown = 100;

/** How far each look at many backups is. */
export const verifications: Projection<VerificationView> = {
  table: 'verification',
  keyOf: ({ data }) => ('verification_id' in data ? data.verification_id : null),
  begins: {
    BackupVerificationRequested: ({ data, metadata }: LogEntry<'BackupVerificationRequested'>) => ({
      verification_id: data.verification_id,
      total: data.total,
      done: 0,
      outcomes: { ok: 0, altered: 0, missing: 0, unreadable: 0 },
      requested_by: metadata.actor.id,
      requested_at: metadata.occurredAt,
      last_at: metadata.occurredAt,
      faults: [],
    }),
  },
  changes: {
    BackupVerified: (verification, { data, metadata }) => ({
      ...verification,
      done: verification.done + 1,
      outcomes: { ...verification.outcomes, [data.outcome]: verification.outcomes[data.outcome] + 1 },
      last_at: metadata.occurredAt,
      faults: [...verification.faults, ...faultIn(data)].slice(0, faultsShown),
    }),
  },
  columns: () => ({}),
};

function faultIn({ backup_id, outcome, reason }: EventData<'BackupVerified'>): VerificationView['faults'] {
  return reason === null ? [] : [{ backup_id, outcome, reason }];
}
