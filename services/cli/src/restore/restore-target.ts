import { fenceByHand } from '@m3/contracts';
import {
  InvalidSchemaNameError,
  InvalidSnapshotError,
  snapshotChanges,
  snapshotDigest,
  TargetUnreachableError,
  type SnapshotChange,
  type Snapshot,
  type TargetEnvironment,
} from '@m3/target-environment';
import { CliError } from '../cli-error.js';
import { exitCodes } from '../exit-codes.js';
import type { FoundBackup } from './find-backup.js';

/** What a restore changes, or would change. */
export interface RestorePlan {
  readonly active: Change<string | null>;
  readonly routes: Change<Snapshot['routes']>;
  readonly changes: readonly SnapshotChange[];
  /** The target equals the backup already. */
  readonly equal: boolean;
  readonly fence: number;
}
interface Change<Value> {
  readonly from: Value;
  readonly to: Value;
}

/** @param knownFence the highest fence that the log knows of @throws CliError */
export async function planRestore(
  target: TargetEnvironment,
  { snapshot, digest }: FoundBackup,
  knownFence: number,
): Promise<RestorePlan> {
  const now = await reaching(target.snapshot());
  if (now.schema !== snapshot.schema)
    throw new CliError('backup_of_another_schema', `the backup is of schema ${snapshot.schema}, not ${now.schema}`, {
      field: 'schema',
      remedy: 'a backup goes back to where it was taken: give that schema, or another backup',
    });
  const { fence } = await reaching(target.releaseState());
  return {
    active: { from: now.active_release?.version ?? null, to: snapshot.active_release?.version ?? null },
    routes: { from: now.routes, to: snapshot.routes },
    changes: snapshotChanges(now, snapshot),
    equal: snapshotDigest(now) === digest,
    fence: fenceByHand(Math.max(fence, knownFence)),
  };
}

/** Writes, and looks whether the target now equals the backup, byte for byte. @throws CliError */
export async function restoreTarget(
  target: TargetEnvironment,
  { snapshot, digest, label }: FoundBackup,
  fence: number,
): Promise<void> {
  const { outcome } = await reaching(target.restore({ snapshot, fence }, { timeoutMs: 60_000 }));
  if (outcome === 'fenced')
    throw new CliError('fenced', 'a publish that was started meanwhile has taken over the target', {
      remedy: 'hold the target, wait until that publish has ended, and repeat',
      exitCode: exitCodes.failed,
    });
  const after = snapshotDigest(await reaching(target.snapshot()));
  if (after === digest) return;
  throw new CliError('target_differs', `the target was restored, but does not equal ${label}: its digest is ${after}`, {
    remedy: 'something else writes to the target: find it, and repeat',
    exitCode: exitCodes.failed,
  });
}

/** Makes the gateway read again, if it is there. */
export async function freshCaches(target: TargetEnvironment): Promise<'invalidated' | 'unsupported' | 'unreachable'> {
  try {
    const { outcome } = await target.invalidateCaches();
    return outcome === 'unsupported' ? 'unsupported' : 'invalidated';
  } catch (error) {
    if (error instanceof TargetUnreachableError) return 'unreachable';
    throw error;
  }
}

async function reaching<Answer>(answer: Promise<Answer>): Promise<Answer> {
  try {
    return await answer;
  } catch (error) {
    throw targetError(error);
  }
}

/** What a target that cannot be opened, read or written means for the person at the keyboard. */
export function targetError(error: unknown): unknown {
  if (error instanceof InvalidSnapshotError) return new CliError(error.code, error.message, { field: 'from' });
  if (error instanceof InvalidSchemaNameError)
    return new CliError('schema_invalid', error.message, { field: 'schema' });
  if (!(error instanceof TargetUnreachableError)) return error;
  const empty = error.code === 'schema_missing' || error.code === 'schema_not_initialised';
  return new CliError(`target_${error.code}`, error.message, {
    remedy: empty
      ? 'make its tables first: `m3-publish target init`'
      : 'check that the target database takes connections',
    exitCode: error.retryable ? exitCodes.unknown : exitCodes.failed,
  });
}
