import type { EventData } from '@m3/contracts';
import { reject, type Refusal } from '@m3/decider';

/** Which backup a rollback restores, out of what the log tells about the publishes that had a slot of the target. */

/** A publish, or a rollback, that could change the target. */
export interface Grant {
  readonly publish_id: string;
  /** What asked for it. */
  readonly trigger_key: string;
  readonly is_rollback: boolean;
  /** It has the slot now. */
  readonly running: boolean;
  readonly status: string;
  readonly release: Release;
  /** Its version was made active. */
  readonly activated: boolean;
  /** What it found on the target; null: it took no backup, or changed nothing. */
  readonly found: KeptBackup | null;
}

export interface Release {
  readonly project: string;
  readonly version: string;
  readonly bundle_digest: string;
  readonly tagged_by: string;
}

export interface KeptBackup {
  readonly taken: EventData<'BackupTaken'>;
  readonly taken_at: string;
  /** It lies in the storage, and the latest look at it found nothing wrong. */
  readonly usable: boolean;
  /** Of its stream. */
  readonly version: number;
}

/** What is wished for: to undo a publish, to have a version back, or (nothing said) to have the previous one back. */
export interface RollbackWish {
  readonly publish_id: string | null;
  readonly to: string | null;
}

export interface RollbackFacts {
  readonly wish: RollbackWish;
  /** As the target says. */
  readonly active: { readonly version: string; readonly previous_version: string | null } | null;
  /** Newest first: as far as the log was read. */
  readonly grants: readonly Grant[];
  /** There are no older ones. */
  readonly complete: boolean;
}

export interface Chosen {
  readonly outcome: 'chosen';
  readonly release: Release;
  readonly backup: KeptBackup;
  readonly undoes: string | null;
}

/** `read_on`: older publishes may tell. */
export type Choice =
  Chosen | { readonly outcome: 'read_on' } | { readonly outcome: 'rejected'; readonly rejection: Refusal };

export function chooseRollback(facts: RollbackFacts): Choice {
  const { wish, active } = facts;
  if (wish.publish_id !== null) return undoing(wish.publish_id, facts);
  if (wish.to !== null) return bringing(wish.to, facts);
  const running = facts.grants.find((grant) => grant.running && grant.found !== null);
  if (running) return bringBack(running, facts);
  return active === null || active.previous_version === null ? nothingBefore : bringing(active.previous_version, facts);
}

const nothingBefore = reject('no_previous_version', 'nothing was active on the target before', 'to');
const changedNothing = reject('nothing_to_roll_back', 'that publish has changed nothing on its target', 'publish_id');
const readOn: Choice = { outcome: 'read_on' };

function undoing(publishId: string, facts: RollbackFacts): Choice {
  const grant = facts.grants.find(({ publish_id }) => publish_id === publishId);
  if (!grant) return facts.complete ? changedNothing : readOn;
  if (grant.found === null) return grant.activated ? withoutBackup : changedNothing;
  const active = facts.active?.version;
  if (grant.running || active === grant.release.version) return bringBack(grant, facts);
  return noLongerActive(grant, facts);
}

function noLongerActive({ release }: Grant, { active }: RollbackFacts) {
  const now = `${active?.version ?? 'nothing'} is active on the target, not ${release.version}`;
  return reject('no_longer_active', `${now}: name the version to go back to`, 'publish_id');
}

const withoutBackup = reject('no_backup_of_version', 'no backup was taken before that publish', 'publish_id');

function bringing(to: string, facts: RollbackFacts): Choice {
  const { active, grants, complete } = facts;
  if (to === active?.version && !grants.some((grant) => grant.running))
    return reject('already_active', `${to} is active on the target already`, 'to');
  const owner = grants.find(({ found }) => found?.usable === true && found.taken.active_version === to);
  if (owner) return bringBack(owner, facts);
  if (!complete) return readOn;
  if (!wasActive(to, grants))
    return reject('version_never_active', `${to} was never active on the target, as far as the log knows`, 'to');
  return reject('no_backup_of_version', `no backup is kept that brings ${to} back; publish it again`, 'to');
}

/** What a publish found when it began to change the target. */
function bringBack(owner: Grant, facts: RollbackFacts): Choice {
  const { found: backup } = owner;
  const version = backup?.taken.active_version ?? null;
  if (backup === null || version === null) return nothingBefore;
  if (!backup.usable)
    return reject('no_backup_of_version', `the backup ${backup.taken.name} is not kept any more, or is broken`, 'to');
  const { grants, complete } = facts;
  const source = wasActive(version, grants.slice(grants.indexOf(owner) + 1));
  if (source) return { outcome: 'chosen', release: source.release, backup, undoes: undone(owner, facts) };
  if (!complete) return readOn;
  return reject('version_never_active', `the log does not know how ${version} became active on the target`, 'to');
}

/** The newest publish that made a version active. */
function wasActive(version: string, grants: readonly Grant[]): Grant | undefined {
  return grants.find(({ activated, release }) => activated && release.version === version);
}

function undone(owner: Grant, { active, grants }: RollbackFacts): string | null {
  if (owner.running) return owner.publish_id;
  return active === null ? null : (wasActive(active.version, grants)?.publish_id ?? null);
}
