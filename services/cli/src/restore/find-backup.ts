import { readFile } from 'node:fs/promises';
import { sha256, type EventData } from '@m3/contracts';
import { ObjectStorageError, type ObjectStorage } from '@m3/object-storage';
import { InvalidSnapshotError, parseSnapshot, type Snapshot } from '@m3/target-environment';
import { CliError } from '../cli-error.js';
import { exitCodes } from '../exit-codes.js';
import { faultOf } from '../fault.js';
import type { LoggedTarget, RestoreLog } from './restore-log.js';

/** Where backups are looked for. */
export interface BackupSources {
  readonly log: RestoreLog | null;
  readonly target: LoggedTarget | null;
  /** @throws CliError when the settings of the storage are missing */
  readonly storage: () => ObjectStorage;
  readonly bucket: string;
}

/** A backup whose digest was checked. */
export interface FoundBackup {
  readonly snapshot: Snapshot;
  readonly digest: string;
  /** What the log says of it; null when it was found without the log. */
  readonly taken: EventData<'BackupTaken'> | null;
  /** For people: its name, or where it lies. */
  readonly label: string;
}

interface Read {
  readonly text: string;
  readonly place: string;
  readonly taken: EventData<'BackupTaken'> | null;
}

const backupId = /bkp_[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/;

/** Finds a backup by id, name, `s3://bucket/key` or file, and checks its digest. @throws CliError */
export async function findBackup(
  from: string,
  digest: string | undefined,
  sources: BackupSources,
): Promise<FoundBackup> {
  const found = await read(from, sources);
  const { text, place, taken } = found;
  assertOwn(taken, sources.target);
  const checked = checkedDigest(
    found,
    [taken?.digest, digest].filter((each) => each !== undefined),
  );
  return { snapshot: snapshotIn(text, place), digest: checked, taken, label: taken?.name ?? place };
}

function assertOwn(taken: Read['taken'], target: LoggedTarget | null): void {
  if (taken === null || target === null || taken.target_id === target.target_id) return;
  throw new CliError('backup_of_another_target', `${taken.name} is a backup of another target`, {
    field: 'from',
    remedy: 'see `m3-publish backup list --target …` for those of this one',
  });
}

/** The digest of what was read, which has to be all that it is expected to be. */
function checkedDigest({ text, place }: Read, expected: readonly string[]): string {
  if (expected.length === 0)
    throw new CliError('digest_unknown', `nothing says which digest ${place} has to have`, {
      field: 'digest',
      remedy: 'give --digest sha256:… as `m3-publish backup show` or the log of the publish names it',
    });
  const digest = sha256(text);
  const other = expected.find((each) => each !== digest);
  if (other === undefined) return digest;
  throw new CliError('digest_mismatch', `${place} was altered: its digest is ${digest}, not ${other}`, {
    field: 'from',
    remedy: 'take another backup: `m3-publish backup list --target …`',
    exitCode: exitCodes.failed,
  });
}

async function read(from: string, sources: BackupSources): Promise<Read> {
  if (from.startsWith('s3://')) return fromStorage(locationOf(from), sources);
  if (new RegExp(`^${backupId.source}$`).test(from)) return byId(from, sources);
  if (/^backup-[a-z0-9-]+$/.test(from)) return byName(from, sources);
  return fromFile(from, sources);
}

async function byId(id: string, sources: BackupSources): Promise<Read> {
  const taken = await loggedBackup(id, sources);
  if (taken === null) throw noSuchBackup(id, sources);
  return fromStorage(taken.location, sources);
}

/** The storage itself is the index of names: its keys begin with the target, then the name, then the id. */
async function byName(name: string, sources: BackupSources): Promise<Read> {
  const { target, bucket } = sources;
  if (target === null) throw noSuchBackup(name, sources);
  const keys = await asking(sources.storage().list(bucket, `${target.target_id}/${name}-bkp_`));
  const [key, other] = keys;
  if (key === undefined) throw noSuchBackup(name, sources);
  if (other !== undefined)
    throw new CliError('ambiguous_name', `${keys.length} backups are called ${name}`, {
      field: 'from',
      remedy: `give one by its address: ${keys.map((each) => `s3://${bucket}/${each}`).join(', ')}`,
    });
  return fromStorage({ bucket, key }, sources);
}

async function fromStorage(location: { bucket: string; key: string }, sources: BackupSources): Promise<Read> {
  const { bucket, key } = location;
  const text = await asking(sources.storage().get(bucket, key));
  return { text, place: `s3://${bucket}/${key}`, taken: await loggedBackup(key, sources) };
}

async function fromFile(path: string, sources: BackupSources): Promise<Read> {
  try {
    return { text: await readFile(path, 'utf8'), place: path, taken: await loggedBackup(path, sources) };
  } catch (error) {
    if (error instanceof CliError) throw error;
    throw new CliError('backup_unreadable', `${path} cannot be read (${faultOf(error).code})`, {
      field: 'from',
      remedy: 'give the name or id of a backup, s3://bucket/key, or a file',
    });
  }
}

/** Keys and file names carry the id of their backup. */
async function loggedBackup(named: string, { log }: BackupSources): Promise<EventData<'BackupTaken'> | null> {
  const id = backupId.exec(named)?.[0];
  return id === undefined ? null : ((await log?.backup(id)) ?? null);
}

function locationOf(uri: string): { readonly bucket: string; readonly key: string } {
  const [, bucket, key] = /^s3:\/\/([^/]+)\/(.+)$/.exec(uri) ?? [];
  if (bucket !== undefined && key !== undefined) return { bucket, key };
  throw new CliError('backup_address_invalid', `${uri} is not of the form s3://bucket/key`, { field: 'from' });
}

function noSuchBackup(what: string, { log }: BackupSources): CliError {
  const remedy =
    log === null
      ? 'names and ids need the log: set DATABASE_URL; or give s3://bucket/key or a file, with --digest'
      : 'see `m3-publish backup list --target …`, or give s3://bucket/key';
  return new CliError('unknown_backup', `there is no backup ${what} of this target`, { field: 'from', remedy });
}

function snapshotIn(text: string, place: string): Snapshot {
  try {
    return parseSnapshot(JSON.parse(text));
  } catch (error) {
    const why = error instanceof InvalidSnapshotError ? error.message : 'it is not JSON';
    throw new CliError('invalid_snapshot', `${place} cannot be restored: ${why}`, {
      field: 'from',
      remedy: 'take another backup: `m3-publish backup list --target …`',
    });
  }
}

async function asking<Answer>(answer: Promise<Answer>): Promise<Answer> {
  try {
    return await answer;
  } catch (error) {
    if (!(error instanceof ObjectStorageError)) throw error;
    const exitCode = error.retryable ? exitCodes.unknown : exitCodes.failed;
    throw new CliError(error.code, error.message, {
      field: 'from',
      remedy: 'check S3_ENDPOINT and its keys',
      exitCode,
    });
  }
}
