import type { BackupView } from '@m3/contracts';
import type { LogEntry } from './log-entry.js';
import type { Projection } from './projection.js';

export const backups: Projection<BackupView> = {
  table: 'backup',
  keyOf: ({ data }) => ('backup_id' in data ? data.backup_id : null),
  begins: {
    BackupRequested: ({ data: { subject, backup_id }, metadata }: LogEntry<'BackupRequested'>) => ({
      backup_id,
      publish_id: subject.publish_id,
      target_id: subject.target_id,
      target_name: subject.target_name,
      status: 'requested',
      name: null,
      location: null,
      digest: null,
      bytes: null,
      counts: {},
      active_version: null,
      previous_version: null,
      requested_at: metadata.occurredAt,
      taken_at: null,
      restored_at: null,
      deleted_at: null,
      deleted_reason: null,
      verification: null,
      failure: null,
    }),
  },
  changes: {
    BackupTaken: (backup, { data, metadata }) => {
      const { name, location, digest, bytes, counts, active_version, previous_version = null } = data;
      const taken = { name, location, digest, bytes, counts, active_version, previous_version };
      return { ...backup, ...taken, status: 'taken', taken_at: metadata.occurredAt };
    },
    BackupFailed: (backup, { data: { code, reason } }) => ({ ...backup, status: 'failed', failure: { code, reason } }),
    BackupRestored: (backup, { metadata }) => ({ ...backup, status: 'restored', restored_at: metadata.occurredAt }),
    TargetRestoredByHand: (backup, { metadata }) => ({
      ...backup,
      status: 'restored',
      restored_at: metadata.occurredAt,
    }),
    BackupRestoreFailed: (backup, { data: { code, reason } }) => ({
      ...backup,
      status: 'restore_failed',
      failure: { code, reason },
    }),
    BackupVerified: looked,
    BackupChecked: looked,
    BackupDeleted: (backup, { data, metadata }) => ({
      ...backup,
      status: 'deleted',
      deleted_at: metadata.occurredAt,
      deleted_reason: data.reason,
    }),
  },
  columns: ({ publish_id, target_id, status, active_version, name }) => ({
    ...{ publish_id, target_id, status, name },
    version: active_version,
  }),
};

function looked(
  backup: BackupView,
  { data: { outcome, reason }, metadata }: LogEntry<'BackupVerified' | 'BackupChecked'>,
): BackupView {
  return { ...backup, verification: { outcome, reason, at: metadata.occurredAt } };
}
