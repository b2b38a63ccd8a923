import type { BackupEvent, EventData } from '@m3/contracts';
import { assertNever, reject, type Refusal } from '@m3/decider';

/** A backup: taken once, restored once for each publish that asks for it, looked at any number of times, deleted once. */
export interface BackupState {
  readonly taken: EventData<'BackupTaken'> | null;
  readonly failed: boolean;
  readonly deleted: boolean;
  /** Publishes whose restore has ended, one way or the other. */
  readonly restoredFor: readonly string[];
  /** Rollbacks that it was looked at for, before anything else. */
  readonly checkedFor: readonly string[];
  /** Verifications that have looked at it. */
  readonly verifiedIn: readonly string[];
}

export const initialBackup: BackupState = {
  taken: null,
  failed: false,
  deleted: false,
  restoredFor: [],
  checkedFor: [],
  verifiedIn: [],
};

type Event<Type extends BackupEvent['type']> = Extract<BackupEvent, { type: Type }>;

export function evolveBackup(state: BackupState, event: BackupEvent): BackupState {
  switch (event.type) {
    case 'BackupTaken':
      return { ...state, taken: event.data };
    case 'BackupFailed':
      return { ...state, failed: true };
    case 'BackupDeleted':
      return { ...state, deleted: true };
    case 'BackupRestored':
    case 'BackupRestoreFailed':
      return { ...state, restoredFor: [...state.restoredFor, event.data.publish_id] };
    case 'BackupChecked':
      return { ...state, checkedFor: [...state.checkedFor, event.data.publish_id] };
    case 'BackupVerified':
      return { ...state, verifiedIn: [...state.verifiedIn, event.data.verification_id] };
    case 'BackupVerificationRequested':
    case 'TargetRestoredByHand':
      return state;
    default:
      return assertNever(event);
  }
}

/** A backup ends once: what a repeated attempt brings later changes nothing. */
export function recordBackup(state: BackupState, event: Event<'BackupTaken' | 'BackupFailed'>): readonly BackupEvent[] {
  return state.taken || state.failed ? [] : [event];
}

export function recordRestore(
  state: BackupState,
  event: Event<'BackupRestored' | 'BackupRestoreFailed'>,
): readonly BackupEvent[] {
  return state.restoredFor.includes(event.data.publish_id) ? [] : [event];
}

export function recordCheck(state: BackupState, event: Event<'BackupChecked'>): readonly BackupEvent[] {
  return state.checkedFor.includes(event.data.publish_id) ? [] : [event];
}

/** One result for each verification; what was deleted meanwhile is nobody's loss. */
export function recordVerification(state: BackupState, event: Event<'BackupVerified'>): readonly BackupEvent[] {
  return state.verifiedIn.includes(event.data.verification_id) ? [] : [event];
}

export function recordDeletion(state: BackupState, event: Event<'BackupDeleted'>): readonly BackupEvent[] {
  return state.deleted || !state.taken ? [] : [event];
}

/** The backup as it was taken, if there is something to look at or to restore. */
export function storedBackup(
  { taken, deleted }: BackupState,
  backupId: string,
):
  | { readonly outcome: 'stored'; readonly taken: EventData<'BackupTaken'> }
  | { readonly outcome: 'rejected'; readonly rejection: Refusal } {
  if (!taken) return reject('backup_not_found', `backup ${backupId} was never taken`, 'backup_id');
  if (deleted)
    return reject('backup_deleted', `backup ${taken.name} was deleted; list the others of its target`, 'backup_id');
  return { outcome: 'stored', taken };
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
