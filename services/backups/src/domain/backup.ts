import type { BackupEvent } from '@m3/contracts';
import { assertNever } from '@m3/decider';

/** A backup: taken once, and restored once for each publish that asks for it. */
export interface BackupState {
  readonly taken: Extract<BackupEvent, { type: 'BackupTaken' }>['data'] | null;
  readonly failed: boolean;
  /** Publishes whose restore has ended, one way or the other. */
  readonly restoredFor: readonly string[];
}

export const initialBackup: BackupState = { taken: null, failed: false, restoredFor: [] };

export function evolveBackup(state: BackupState, event: BackupEvent): BackupState {
  switch (event.type) {
    case 'BackupTaken':
      return { ...state, taken: event.data };
    case 'BackupFailed':
      return { ...state, failed: true };
    case 'BackupRestored':
    case 'BackupRestoreFailed':
      return { ...state, restoredFor: [...state.restoredFor, event.data.publish_id] };
    default:
      return assertNever(event);
  }
}

/** A backup ends once: what a repeated attempt brings later changes nothing. */
export function recordBackup(
  state: BackupState,
  event: Extract<BackupEvent, { type: 'BackupTaken' | 'BackupFailed' }>,
): readonly BackupEvent[] {
  return state.taken || state.failed ? [] : [event];
}

export function recordRestore(
  state: BackupState,
  event: Extract<BackupEvent, { type: 'BackupRestored' | 'BackupRestoreFailed' }>,
): readonly BackupEvent[] {
  return state.restoredFor.includes(event.data.publish_id) ? [] : [event];
}

/** A name that people can read and sort: `backup-prod-20240319-142345` (spec section 12). */
export function backupName(environment: string, at: Date): string {
  const digits = at.toISOString().replaceAll(/[-:]/g, '');
  return `backup-${environment}-${digits.slice(0, 8)}-${digits.slice(9, 15)}`;
}

/** Where a backup lies: by target, so that one prefix lists a target's backups in order of time. */
export function backupKey(targetId: string, name: string, backupId: string): string {
  return `${targetId}/${name}-${backupId}.json`;
}
